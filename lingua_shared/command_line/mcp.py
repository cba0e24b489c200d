"""`lingua mcp`: the engine as tools for agents that speak the Model Context Protocol."""

import logging
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from lingua_shared.agents.once import DEFAULT_RATE, MIN_TOKENS, OnceCompressor
from lingua_shared.agents.originals import MemoryOriginals, SqliteOriginals
from lingua_shared.command_line.faults import DONE
from lingua_shared.command_line.flags import Compression, Models, compression_options, model_options
from lingua_shared.compressor import PromptCompressor
from lingua_shared.prompts.packages import load_package
from lingua_shared.service.settings import start_log

_GROUP = Group("Tools", sort_key=1)


def mcp(
    *,
    store_file: Annotated[
        Path | None, Parameter(group=_GROUP, help="SQLite file for whole texts. Default: in memory.")
    ] = None,
    min_tokens: Annotated[
        int, Parameter(group=_GROUP, help=f"Texts with fewer tokens stay as they are. Default: {MIN_TOKENS}.")
    ] = MIN_TOKENS,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Offer the tools compress, rank and expand to an agent, over standard input and output.

    An agent starts this command itself; name it in the agent's list of MCP servers.
    """
    load_package("mcp", distribution="mcp", what="lingua mcp", extra="mcp")
    from lingua_shared.service.mcp_server import make_server  # noqa: PLC0415 - needs the package

    chosen = compression_options(options)
    if chosen.rate is None and chosen.target_tokens is None:
        chosen = chosen.model_copy(update={"rate": DEFAULT_RATE})
    store = MemoryOriginals() if store_file is None else SqliteOriginals(store_file)
    engine = PromptCompressor(model_options(models))
    server = make_server(OnceCompressor(engine, store, options=chosen, min_tokens=min_tokens))
    start_log(logging.WARNING)
    server.run("stdio")
    return DONE
