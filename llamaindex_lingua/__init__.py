"""LongLLMLingua for LlamaIndex: a node postprocessor that makes retrieved nodes shorter for a question.

A step for ingestion computes ahead what does not depend on the question.

Importing this package loads neither torch nor transformers.
"""

from llamaindex_lingua.events import CompressionEndEvent, CompressionStartEvent
from llamaindex_lingua.indexing import PrecomputeScores
from llamaindex_lingua.postprocessor import LinguaPostprocessor, LongLLMLinguaPostprocessor

__all__ = [
    "CompressionEndEvent",
    "CompressionStartEvent",
    "LinguaPostprocessor",
    "LongLLMLinguaPostprocessor",
    "PrecomputeScores",
]
