"""A document compressor as a step of a chain."""

from collections.abc import Mapping
from typing import Any

from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from lingua_shared import InvalidInputError, InvalidTypeError

_FORM = 'give {"documents": [...], "question": "..."}'


def runnable_of(compressor: BaseDocumentCompressor) -> Runnable[dict[str, Any], list[Document]]:
    """Return a step that takes {"documents": [...], "question": "..."} and gives the kept documents.

    Further keys are ignored. Handlers of the chain's config get the compressor's events.
    """

    def compress(inputs: dict[str, Any], config: RunnableConfig) -> list[Document]:
        _check_keys(inputs)
        return list(compressor.compress_documents(inputs["documents"], inputs["question"], config.get("callbacks")))

    return RunnableLambda(compress, name=type(compressor).__name__)


def _check_keys(inputs: object) -> None:
    if not isinstance(inputs, Mapping):
        msg = f"the input is of type {type(inputs).__name__}; {_FORM}"
        raise InvalidTypeError(msg)
    missing = [key for key in ("documents", "question") if key not in inputs]
    if missing:
        msg = f"the input has no {' and no '.join(map(repr, missing))}, only {list(inputs)}; {_FORM}"
        raise InvalidInputError(msg)
