"""LongLLMLingua for LangChain: a document compressor that makes retrieved documents shorter for a question.

Importing this package loads neither torch nor transformers.
"""

from importlib.util import find_spec

if find_spec("langchain_core") is None:
    _msg = "langchain_lingua needs langchain-core; install it with `pip install 'rag-lingua[langchain]'`"
    raise ImportError(_msg)

from langchain_lingua.compressor import LongLLMLinguaCompressor

__all__ = ["LongLLMLinguaCompressor"]
