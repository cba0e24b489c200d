"""A server with the API of OpenAI that answers, fails, hangs or breaks off, as the model's name in a request says.

Its answers name the marks that it found in the request, so that a test sees whose answer it got.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MARK = re.compile(r"mark\d{6}")
"""The word that tells the texts of one request from those of all others."""

_HANG_SECONDS = 30.0
_PAUSE = 0.002  # between two events of a stream


@asynccontextmanager
async def faulty_upstream() -> AsyncIterator[str]:
    """Listen on a free port until the block ends; yield the address, up to and with /v1."""
    server = await asyncio.start_server(_connection, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def _connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request after the other, until the client or a fault ends the connection."""
    try:
        while await _answer(json.loads(await _body(reader)), writer):
            pass
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()


async def _body(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return await reader.readexactly(int(found[1]) if found else 0)


async def _answer(request: dict[str, str], writer: asyncio.StreamWriter) -> bool:
    """Answer as the model's name says; return whether the connection stays open."""
    model, said = request["model"], f"Boats: {' '.join(sorted(set(MARK.findall(json.dumps(request)))))}."
    if model == "hang":
        await asyncio.sleep(_HANG_SECONDS)
        return False
    if model.endswith("stream"):
        return await _stream(writer, said, breaks_off=model == "cut-stream")
    body = json.dumps({"choices": [{"message": {"role": "assistant", "content": said}}]}).encode()
    status = "500 Internal Server Error" if model == "error" else "200 OK"
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    writer.write(head + (body[:20] if model == "cut" else body))
    await writer.drain()
    return model != "cut"


async def _stream(writer: asyncio.StreamWriter, said: str, *, breaks_off: bool) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    words = re.findall(r"\S+\s*", said)
    for word in words[: 1 if breaks_off else None]:
        _write_chunk(writer, _event({"delta": {"content": word}, "finish_reason": None}))
        await writer.drain()
        await asyncio.sleep(_PAUSE)
    if not breaks_off:
        _write_chunk(writer, _event({"delta": {}, "finish_reason": "stop"}) + b"data: [DONE]\n\n")
        _write_chunk(writer, b"")
        await writer.drain()
    return not breaks_off


def _event(choice: dict[str, object]) -> bytes:
    return f"data: {json.dumps({'choices': [{'index': 0, **choice}]})}\n\n".encode()


def _write_chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
