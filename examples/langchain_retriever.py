"""Compresses the documents of a LangChain retriever before an LLM reads them, in a retriever and in a chain.

It runs without a network.

python examples/langchain_retriever.py
python examples/langchain_retriever.py "How strong was the wind at its peak in the 1962 storm?"

The LLM is a fake model of LangChain that answers with its prompt. Put your own model in its place.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.language_models.fake_chat_models import ParrotFakeChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableParallel, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore
from sentence_transformers import SentenceTransformer

from langchain_lingua import LinguaCompressor
from lingua_shared.scoring.catalog import find_model

DOCUMENTS = Path(__file__).with_name("data")
QUESTION = "Who was the engineer behind the lighthouse at Tarn Ness?"
PROMPT = ChatPromptTemplate.from_template("Answer from the context.\n\n{context}\n\nQuestion: {question}")


class MiniLM(Embeddings):
    """Embeds with all-MiniLM-L6-v2 from the installed package that ships it."""

    def __init__(self) -> None:
        """Load the model."""
        self._model = SentenceTransformer(find_model("all-minilm-l6-v2").location)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text."""
        vectors: list[list[float]] = self._model.encode(
            texts, normalize_embeddings=True, show_progress_bar=False
        ).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self.embed_documents([text])[0]


def main() -> None:
    question = " ".join(sys.argv[1:]) or QUESTION
    compressor = LinguaCompressor(rate=0.25, add_provenance=True, local_files_only=True)
    retriever = make_retriever(MiniLM())
    print(f"Question: {question}\n")

    wrapped = ContextualCompressionRetriever(base_compressor=compressor, base_retriever=retriever)
    documents = wrapped.invoke(question)
    for document in documents:
        show(document)
    tokens = sum(document.metadata["lingua"]["compressed_tokens"] for document in documents)
    print(f"{len(documents)} documents with {tokens} tokens of text are left.\n")

    print(f"The prompt that a chain makes of them:\n\n{make_chain(retriever, compressor).invoke(question)}")


def make_retriever(embeddings: Embeddings) -> BaseRetriever:
    store = InMemoryVectorStore(embeddings)
    store.add_documents(read_documents())
    return store.as_retriever(search_kwargs={"k": 12})


def make_chain(retriever: BaseRetriever, compressor: LinguaCompressor) -> Runnable[str, str]:
    return (
        RunnableParallel(documents=retriever, question=RunnablePassthrough())
        | RunnablePassthrough.assign(context=compressor.as_runnable() | join)
        | PROMPT
        | ParrotFakeChatModel()
        | StrOutputParser()
    )


def join(documents: Sequence[Document]) -> str:
    """Join documents with the separator that the compressor counts."""
    return "\n\n".join(document.page_content for document in documents)


def read_documents() -> list[Document]:
    """Return one document per file, with title and text."""
    return [
        Document(path.read_text(encoding="utf-8").strip(), id=path.stem, metadata={"source": path.name})
        for path in sorted(DOCUMENTS.glob("*.md"))
    ]


def show(document: Document) -> None:
    """Print what was kept of a document."""
    record = document.metadata["lingua"]
    print(
        f"{document.metadata['source']}: relevance {record['relevance'] or 0:.2f}, "
        f"{record['compressed_tokens']} of {record['original_tokens']} tokens in {len(record['spans'])} spans"
    )
    print(
        fill(" ".join(document.page_content.split()), width=110, initial_indent="    ", subsequent_indent="    "), "\n"
    )


if __name__ == "__main__":
    main()
