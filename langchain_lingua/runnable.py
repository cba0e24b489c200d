"""Steps of a LangChain chain: a compressor as a runnable, and a runnable whose answers are recovered."""

from collections.abc import Mapping
from typing import Any

from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough

from langchain_lingua.recovery import RecoverAnswer
from lingua_shared import InvalidInputError, InvalidTypeError, RecoveryOptions
from lingua_shared.adapters.provenance import PROVENANCE_KEY

_ANSWER = "lingua_answer"
_FORM = 'give {"documents": [...], "question": "..."}'


def runnable_of(compressor: BaseDocumentCompressor) -> Runnable[dict[str, Any], list[Document]]:
    """Return a step from {"documents": [...], "question": "..."} to the kept documents.

    Further keys are ignored. The handlers in the chain's config get the compressor's events.
    """

    def compress(inputs: dict[str, Any], config: RunnableConfig) -> list[Document]:
        _check_keys(inputs)
        return list(compressor.compress_documents(inputs["documents"], inputs["question"], config.get("callbacks")))

    return RunnableLambda(compress, name=type(compressor).__name__)


def recovering(
    generate: Runnable[dict[str, Any], Any],
    *,
    options: RecoveryOptions | None = None,
    recover_structured: bool = True,
    documents_key: str = "documents",
    question_key: str = "question",
    provenance_key: str = PROVENANCE_KEY,
) -> Runnable[dict[str, Any], Any]:
    """Return a runnable that returns the recovered answers of another one, whole or streamed.

    Args:
        generate: writes the answer, such as `prompt | llm | StrOutputParser()`. It gets the whole input.
        options: what may be restored.
        recover_structured: recover the strings in arguments of tool calls and in structured answers.
        documents_key: key of the documents in the input, which come from the compressor.
        question_key: key of the question in the input.
        provenance_key: metadata key of the documents' provenance, as in the compressor.

    Example:
        >>> from langchain_core.documents import Document
        >>> from langchain_core.runnables import RunnableLambda
        >>> source = "The light at Gull Point was first lit on a clear night in March 1884."
        >>> record = {"spans": [[0, 28], [54, 69]], "source_text": source}  # a compressor with add_provenance=True
        >>> document = Document("The light at Gull Point was in March 1884.", metadata={"lingua": record})
        >>> chain = recovering(RunnableLambda(lambda inputs: inputs["documents"][0].page_content))
        >>> chain.invoke({"documents": [document], "question": "When was it lit?"})
        'The light at Gull Point was first lit on a clear night in March 1884.'
    """
    step = RecoverAnswer(
        options=options or RecoveryOptions(),
        recover_structured=recover_structured,
        documents_key=documents_key,
        question_key=question_key,
        provenance_key=provenance_key,
        answer_key=_ANSWER,
    )
    checked = RunnableLambda(step.checked) | generate  # checked before a model is asked, which may cost
    return (RunnablePassthrough.assign(**{_ANSWER: checked}) | step).pick(_ANSWER)


def _check_keys(inputs: object) -> None:
    if not isinstance(inputs, Mapping):
        msg = f"the input is of type {type(inputs).__name__}; {_FORM}"
        raise InvalidTypeError(msg)
    missing = [key for key in ("documents", "question") if key not in inputs]
    if missing:
        msg = f"the input has no {' and no '.join(map(repr, missing))}, only {list(inputs)}; {_FORM}"
        raise InvalidInputError(msg)
