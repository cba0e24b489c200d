"""Lingua for LlamaIndex: shortens retrieved nodes for a question and restores names and dates in answers.

`LinguaPostprocessor` is a node postprocessor. `PrecomputeScores` reads nodes ahead, while they are ingested.
`RecoveringQueryEngine` and `recover_response` restore in an answer what compression dropped. `shortening_tools` and
`LinguaMemoryBlock` shorten what an agent reads.

Importing this package loads neither torch nor transformers.
"""

from lingua_shared.adapters.framework import missing_framework

try:
    import llama_index.core  # noqa: F401 - only to say what is missing
except ImportError as error:
    raise missing_framework(__name__, distribution="llama-index-core", extra="llamaindex") from error

from llamaindex_lingua.answer_stream import RecoveredChatStream
from llamaindex_lingua.events import CompressionEndEvent, CompressionStartEvent
from llamaindex_lingua.indexing import PrecomputeScores
from llamaindex_lingua.memory import LinguaMemoryBlock
from llamaindex_lingua.postprocessor import LinguaPostprocessor, LongLLMLinguaPostprocessor
from llamaindex_lingua.query_engine import RecoveringQueryEngine
from llamaindex_lingua.recovery import recover_response
from llamaindex_lingua.tools import shortening_tools

__all__ = [
    "CompressionEndEvent",
    "CompressionStartEvent",
    "LinguaMemoryBlock",
    "LinguaPostprocessor",
    "LongLLMLinguaPostprocessor",
    "PrecomputeScores",
    "RecoveredChatStream",
    "RecoveringQueryEngine",
    "recover_response",
    "shortening_tools",
]
