"""LlamaIndex's SentenceEmbeddingOptimizer: the sentences of each passage most similar to the question in a bi-encoder.

The rate is its `percentile_cutoff`. By default it also adds the sentences around each kept one, repeated where they
overlap; here it adds none, so that the rate is followed (the option `{"context": 1}` adds them). A passage with too few
sentences for the cutoff is kept whole. It sees one passage at a time and does not rank passages.
"""

from typing import Any

from _prepare import prepare
from _worker import Compress, serve

REQUIREMENTS: tuple[str, ...] = ()
LABEL = "LlamaIndex SentenceEmbeddingOptimizer"
NEEDS_QUESTION = True
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Load the bi-encoder; return the function that answers requests."""
    prepare(settings)
    from llama_index.core.postprocessor import SentenceEmbeddingOptimizer  # noqa: PLC0415
    from llama_index.core.schema import MetadataMode, NodeWithScore, TextNode  # noqa: PLC0415

    embedding = _embedding(settings["embedding_model"])
    around = (settings.get("options") or {}).get("context", 0)

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        optimizer = SentenceEmbeddingOptimizer(
            embedding, percentile_cutoff=request["rate"], context_before=around, context_after=around
        )
        nodes = [NodeWithScore(node=TextNode(text=text)) for text in request["passages"]]
        kept = optimizer.postprocess_nodes(nodes, query_str=request["question"])
        return {"text": "\n\n".join(k.node.get_content(MetadataMode.NONE) for k in kept), "ranking": None}

    return compress


def _embedding(folder: str) -> Any:
    """Wrap a sentence-transformers folder as an embedding of LlamaIndex."""
    from llama_index.core.embeddings import BaseEmbedding  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    model = SentenceTransformer(folder, device="cpu", local_files_only=True)

    class FolderEmbedding(BaseEmbedding):
        """The vectors of the folder's model."""

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return model.encode(texts, show_progress_bar=False).tolist()  # type: ignore[no-any-return]

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return FolderEmbedding()


if __name__ == "__main__":
    serve(load)
