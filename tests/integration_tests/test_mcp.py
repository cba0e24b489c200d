"""`lingua mcp` with a real client over standard input and output."""

import sys
from pathlib import Path
from typing import Any

import pytest

mcp = pytest.importorskip("mcp")

ROOT = Path(__file__).parents[2]
LONG = (ROOT / "examples/data/02-tarn-ness-lighthouse.md").read_text(encoding="utf-8")
QUESTION = "Which district surveyor did the Board give the task to?"


async def test_a_client_compresses_ranks_and_expands() -> None:
    """The tools do what they say, an error comes back as one, and the whole text comes back byte for byte."""
    command = ["-m", "lingua_shared.command_line", "mcp", "--min-tokens", "100", "--method", "bm25"]
    server = mcp.StdioServerParameters(command=sys.executable, args=command, cwd=str(ROOT))
    async with mcp.Client(server) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert sorted(tools) == ["compress", "expand", "rank"]
        assert all(tool.description for tool in tools.values())

        async def called(name: str, **arguments: Any) -> Any:
            return await client.call_tool(name, arguments)

        short = (await called("compress", text=LONG, question=QUESTION, rate=0.3)).structured_content
        assert "Edmund" in short["text"]
        assert short["compressed_tokens"] < short["original_tokens"] / 2
        whole = await called("expand", key=short["key"])
        assert whole.content[0].text == LONG
        ranked = await called("rank", passages=["The ferry leaves at ten.", LONG], question=QUESTION, top=1)
        assert ranked.structured_content["result"][0]["index"] == 1
        wrong = await called("expand", key="0" * 24)
        assert wrong.is_error
        assert "no text of this key" in wrong.content[0].text
