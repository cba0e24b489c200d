"""Servers for the tests of the reader."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serve from a thread."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Scripted(ThreadingHTTPServer):
    """A server that answers as a test says; `asked` are the prompts, the headers and the times at which they came."""

    def __init__(self, answer: Callable[[str], tuple[int, bytes, dict[str, str]]]) -> None:
        super().__init__(("127.0.0.1", 0), _ScriptedHandler)
        self.answer = answer
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"


class _ScriptedHandler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(request)
        self.server.asked.append(request["messages"][0]["content"])
        self.server.keys.append(self.headers["Authorization"])
        status, body, headers = self.server.answer(self.server.asked[-1])
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Be silent."""


def said(text: str, **more: Any) -> tuple[int, bytes, dict[str, str]]:
    """A good answer."""
    return 200, json.dumps({"choices": [{"message": {"content": text, **more}}]}).encode(), {}
