"""Lingua for LlamaIndex: a node postprocessor that makes retrieved nodes shorter for a question.

A step for ingestion computes ahead what does not depend on the question; a query engine around another one restores in
its answers what compression damaged.

Importing this package loads neither torch nor transformers.
"""

from llamaindex_lingua.events import CompressionEndEvent, CompressionStartEvent
from llamaindex_lingua.indexing import PrecomputeScores
from llamaindex_lingua.postprocessor import LinguaPostprocessor, LongLLMLinguaPostprocessor
from llamaindex_lingua.query_engine import RecoveringQueryEngine
from llamaindex_lingua.recovery import RecoveredChatStream, recover_response

__all__ = [
    "CompressionEndEvent",
    "CompressionStartEvent",
    "LinguaPostprocessor",
    "LongLLMLinguaPostprocessor",
    "PrecomputeScores",
    "RecoveredChatStream",
    "RecoveringQueryEngine",
    "recover_response",
]
