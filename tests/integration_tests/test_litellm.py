"""The guardrail `headroom` of LiteLLM against a service that listens on this machine."""

import copy
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("litellm")

ROOT = Path(__file__).parents[2]
LONG = "\n\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "examples/data").glob("0[1-5]*.md")))
CALL = {"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"q": "Tarn Ness engineer"}'}}
CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": "Answer shortly."},
    {"role": "user", "content": "Who was the engineer behind the lighthouse at Tarn Ness?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": LONG},
    {"role": "assistant", "content": "It was Edmund Colquitt."},
    {"role": "user", "content": "And when was it first lit?"},
]


@pytest.fixture(name="address", scope="module")
def _address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lingua_shared.command_line", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            for _ in range(300):
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.enable_socket
@pytest.mark.filterwarnings("ignore")
async def test_the_guardrail_uses_the_service(address: str) -> None:
    """Only the tool's result changes, the same bytes come next turn, and the guardrail gets the whole text back."""
    module = import_module("litellm.proxy.guardrails.guardrail_hooks.headroom.headroom")
    guardrail = module.HeadroomGuardrail(api_base=address, guardrail_name="lingua", event_hook="pre_call")

    async def applied(chat: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        data: dict[str, Any] = {"messages": copy.deepcopy(chat), "model": "gpt-4o"}
        return await guardrail.apply_guardrail({"structured_messages": data["messages"]}, data, "request"), data

    made, data = await applied(CHAT)
    messages = made["structured_messages"]
    assert [messages[n] for n in (0, 1, 2, 4, 5)] == [CHAT[n] for n in (0, 1, 2, 4, 5)]
    assert len(messages[3]["content"]) < len(LONG) / 2
    assert [tool["function"]["name"] for tool in made["tools"]] == ["headroom_retrieve"]
    [key] = data["_headroom_request_context"].issued_hashes
    assert await guardrail._call_retrieve(key, None, "lit") == LONG
    assert "not found" in await guardrail._call_retrieve("0" * 24, None)
    longer = [*CHAT, {"role": "assistant", "content": "In 1884."}, {"role": "user", "content": "By whom?"}]
    assert (await applied(longer))[0]["structured_messages"][:5] == messages[:5]
