"""Lingua for LangChain: a document compressor that makes retrieved documents shorter for a question.

A step for indexing computes ahead what does not depend on the question; a last step of a chain restores in its answer
what compression damaged.

Importing this package loads neither torch nor transformers.
"""

from importlib.util import find_spec

if find_spec("langchain_core") is None:
    _msg = "langchain_lingua needs langchain-core; install it with `pip install 'rag-lingua[langchain]'`"
    raise ImportError(_msg)

from langchain_lingua.compressor import LinguaCompressor, LongLLMLinguaCompressor
from langchain_lingua.indexing import PrecomputeScores
from langchain_lingua.recovery import RecoverAnswer, recovering

__all__ = ["LinguaCompressor", "LongLLMLinguaCompressor", "PrecomputeScores", "RecoverAnswer", "recovering"]
