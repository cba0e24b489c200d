"""LangChain's EmbeddingsFilter: the k passages most similar to the question in a bi-encoder, unshortened, best first.

It has no token budget. k is the rate times the number of passages, rounded, at least 1; the rate reached depends on how
long these passages are.
"""

from typing import Any

from _prepare import prepare
from _worker import Compress, serve

REQUIREMENTS = (
    "torch==2.13.0",
    "transformers==5.23.0",
    "sentence-transformers==6.2.0",
    "langchain-core==1.7.2",
    "langchain-classic==1.0.8",
    "langchain-community==0.4.2",
    "langchain-huggingface==1.2.3",
)
LABEL = "LangChain EmbeddingsFilter"
NEEDS_QUESTION = True
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Load the bi-encoder; return the function that answers requests."""
    prepare(settings)
    from langchain_classic.retrievers.document_compressors import EmbeddingsFilter  # noqa: PLC0415
    from langchain_core.documents import Document  # noqa: PLC0415
    from langchain_huggingface import HuggingFaceEmbeddings  # noqa: PLC0415

    embeddings = HuggingFaceEmbeddings(model_name=settings["embedding_model"], model_kwargs={"device": "cpu"})

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        passages = request["passages"]
        documents = [Document(text, metadata={"index": i}) for i, text in enumerate(passages)]
        nearest = EmbeddingsFilter(embeddings=embeddings, k=len(passages))
        ranking = [d.metadata["index"] for d in nearest.compress_documents(documents, request["question"])]
        kept = ranking[: max(1, round(request["rate"] * len(passages)))]  # what k=len(kept) returns, in its order
        return {"text": "\n\n".join(passages[i] for i in kept), "ranking": ranking}

    return compress


if __name__ == "__main__":
    serve(load)
