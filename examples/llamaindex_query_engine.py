"""Compresses the nodes that a LlamaIndex query engine retrieves before the LLM reads them.

It runs without a network.

python examples/llamaindex_query_engine.py
python examples/llamaindex_query_engine.py "How strong was the wind at its peak in the 1962 storm?"

The LLM is a fake model of LlamaIndex that answers with its prompt. Put your own model in its place.
"""

import sys
from pathlib import Path
from textwrap import fill

from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import BaseQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode
from sentence_transformers import SentenceTransformer

from lingua_shared.scoring.catalog import find_model
from llamaindex_lingua import LinguaPostprocessor

DOCUMENTS = Path(__file__).with_name("data")
QUESTION = "Who was the engineer behind the lighthouse at Tarn Ness?"


class MiniLM(BaseEmbedding):
    """Embeds with all-MiniLM-L6-v2 from the installed package that ships it."""

    _model: SentenceTransformer = PrivateAttr(
        default_factory=lambda: SentenceTransformer(find_model("all-minilm-l6-v2").location)
    )

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._model.encode(
            texts, normalize_embeddings=True, show_progress_bar=False
        ).tolist()
        return vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def main() -> None:
    question = " ".join(sys.argv[1:]) or QUESTION
    postprocessor = LinguaPostprocessor(rate=0.25, add_provenance=True, local_files_only=True)
    response = make_query_engine(MiniLM(), postprocessor).query(question)
    print(f"Question: {question}\n")
    for node in response.source_nodes:
        show(node)
    tokens = sum(node.metadata["lingua"]["compressed_tokens"] for node in response.source_nodes)
    print(f"{len(response.source_nodes)} nodes with {tokens} tokens of text are in the prompt.")


def make_query_engine(embedding: BaseEmbedding, postprocessor: LinguaPostprocessor) -> BaseQueryEngine:
    index = VectorStoreIndex(nodes=read_nodes(), embed_model=embedding)
    return index.as_query_engine(llm=MockLLM(), similarity_top_k=12, node_postprocessors=[postprocessor])


def read_nodes() -> list[TextNode]:
    """Return one node per document. Its first line is the title, the rest the text."""
    nodes = []
    for path in sorted(DOCUMENTS.glob("*.md")):
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        nodes.append(TextNode(id_=path.stem, text=text.strip(), metadata={"title": title.strip()}))
    return nodes


def show(node: NodeWithScore) -> None:
    """Print what was kept of a node."""
    record = node.metadata["lingua"]
    print(
        f"{node.metadata['title']}: relevance {node.get_score():.2f}, "
        f"{record['compressed_tokens']} of {record['original_tokens']} tokens in {len(record['spans'])} spans"
    )
    print(fill(" ".join(node.get_content().split()), width=110, initial_indent="    ", subsequent_indent="    "), "\n")


if __name__ == "__main__":
    main()
