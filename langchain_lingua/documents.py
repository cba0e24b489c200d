"""LangChain documents as passages: checks, scores, and copies with a shorter text. Knows no engine."""

from collections.abc import Sequence

from langchain_core.documents import Document

from lingua_shared.adapters.framework import all_scores, check_each
from lingua_shared.adapters.provenance import Provenance


def check_documents(documents: object) -> None:
    """Raise unless this is a list of documents.

    Raises:
        InvalidTypeError: this is no list, or an element is no document.
    """
    check_each(documents, Document, name="document", allowed="a list of langchain_core Documents")


def given_scores(documents: Sequence[Document], key: str) -> list[float]:
    """Return the scores that the documents carry in their metadata.

    Raises:
        InvalidInputError: a document has none.
    """
    scores = [document.metadata.get(key) for document in documents]
    return all_scores(scores, name="document", what_to_do=f"score_key={key!r} names the metadata key that holds it")


def with_text(document: Document, text: str, provenance: dict[str, Provenance]) -> Document:
    """Return a copy with another text; id and metadata stay, and the document handed in is not changed.

    Args:
        document: what was handed in.
        text: the text of the copy.
        provenance: added to the metadata; empty if there is none.
    """
    return document.model_copy(update={"page_content": text, "metadata": {**document.metadata, **provenance}})
