"""A LangChain document seen as a passage: its score, and its copy with a shorter text. Knows no engine."""

from collections.abc import Sequence
from typing import Any

from langchain_core.documents import Document

from lingua_shared import InvalidInputError, InvalidTypeError, KeptPassage
from lingua_shared.recovery.recoverer import SOURCE_TEXT_KEY

PROVENANCE_KEY = "lingua"


def check_documents(documents: Sequence[Document]) -> None:
    """Raise unless all of these are documents.

    Raises:
        InvalidTypeError: this is no list, or one of them is something else.
    """
    if not isinstance(documents, Sequence):
        msg = f"documents is of type {type(documents).__name__}; give a list of langchain_core Documents"
        raise InvalidTypeError(msg)
    for index, document in enumerate(documents):
        if not isinstance(document, Document):
            msg = f"document {index} is of type {type(document).__name__}; give a list of langchain_core Documents"
            raise InvalidTypeError(msg)


def given_scores(documents: Sequence[Document], key: str) -> list[float]:
    """Return the scores that the documents carry in their metadata.

    Raises:
        InvalidInputError: a document has none.
    """
    for index, document in enumerate(documents):
        if document.metadata.get(key) is None:
            msg = (
                f'the ranker "given" needs the score of every document, but document {index} has none under the '
                f"metadata key {key!r}; its keys are {list(document.metadata)}"
            )
            raise InvalidInputError(msg)
    return [document.metadata[key] for document in documents]


def shortened(document: Document, kept: KeptPassage, *, add_provenance: bool) -> Document:
    """Return a copy with the kept text; the id and the metadata stay, and the document handed in is not changed."""
    metadata = {**document.metadata, **({PROVENANCE_KEY: _provenance(document, kept)} if add_provenance else {})}
    return document.model_copy(update={"page_content": kept.text, "metadata": metadata})


def _provenance(document: Document, kept: KeptPassage) -> dict[str, Any]:
    source = document.page_content
    return {**kept.provenance(), **({SOURCE_TEXT_KEY: source} if source != kept.text else {})}
