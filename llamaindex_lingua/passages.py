"""LlamaIndex nodes as passages: checks, scores, what a prompt shows, copies with a shorter text. Knows no engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore

from lingua_shared.adapters.framework import all_scores, check_each

_ALLOWED = "a list of NodeWithScore, or of nodes such as TextNode"


def as_nodes(nodes: object) -> list[NodeWithScore]:
    """Return nodes with scores; a bare node gets none.

    Raises:
        InvalidTypeError: this is no list, or an element is no node.
    """
    check_each(nodes, (NodeWithScore, BaseNode), name="node", allowed=_ALLOWED)
    return [one if isinstance(one, NodeWithScore) else NodeWithScore(node=one) for one in nodes]  # type: ignore[attr-defined]  # checked above


@dataclass(frozen=True)
class NodePassage:
    """A node, read for compression.

    Attributes:
        source: the node handed in; it is never changed.
        content: its text without metadata.
    """

    source: NodeWithScore
    content: str

    @classmethod
    def of(cls, source: NodeWithScore) -> Self:
        """Read a node."""
        return cls(source, source.node.get_content(metadata_mode=MetadataMode.NONE))

    @property
    def text(self) -> str:
        """The content without white space around it: response synthesizers, too, take that off in most modes."""
        return self.content.strip()

    @property
    def start(self) -> int:
        """Where the text begins in the content, in characters."""
        return len(self.content) - len(self.content.lstrip())

    def render(self, text: str) -> str:
        """Return what a prompt shows of the node if this is its text: its template, filled in with its metadata."""
        node = self.source.node.model_copy()
        node.set_content(text)
        return node.get_content(metadata_mode=MetadataMode.LLM)

    def with_text(self, text: str) -> NodeWithScore:
        """Return a copy with this text; id, relationships, metadata and score stay."""
        node = self.source.node.model_copy(deep=True)
        node.set_content(text)
        return NodeWithScore(node=node, score=self.source.score)


def put_hidden(node: NodeWithScore, key: str, value: Any) -> None:
    """Put a value into a node's metadata, where neither the LLM nor the embedding model sees it."""
    node.node.metadata[key] = value
    for excluded in (node.node.excluded_llm_metadata_keys, node.node.excluded_embed_metadata_keys):
        if key not in excluded:
            excluded.append(key)


def given_scores(passages: Sequence[NodePassage]) -> list[float]:
    """Return the scores that the retriever gave the nodes.

    Raises:
        InvalidInputError: a node has none.
    """
    scores = [passage.source.score for passage in passages]
    return all_scores(scores, name="node", what_to_do="take a retriever that scores, or another ranker")
