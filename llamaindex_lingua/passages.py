"""A LlamaIndex node seen as a passage: its text, what a prompt shows beside it, and its copy with a shorter text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from llama_index.core.schema import MetadataMode, NodeWithScore

from lingua_shared import InvalidInputError, KeptPassage
from lingua_shared.recovery.recoverer import SOURCE_TEXT_KEY

PROVENANCE_KEY = "lingua"
_PLACEHOLDER = "\ue000lingua\ue000"


@dataclass(frozen=True)
class NodePassage:
    """A node with its text parted from the white space around it, which is neither scored nor cut."""

    source: NodeWithScore
    lead: str
    text: str
    trail: str

    @classmethod
    def of(cls, source: NodeWithScore) -> Self:
        """Read a node without its metadata."""
        content = source.node.get_content(metadata_mode=MetadataMode.NONE)
        start, end = len(content) - len(content.lstrip()), len(content.rstrip())
        return cls(source, content[:start], content[start:end], content[end:])

    def header(self) -> str:
        """Return what a prompt shows before the text.

        What it shows after the text is put before it as well, with a full stop added: tokens differ a little at other
        borders, and the prompt must not turn out longer than what was counted.
        """
        node = self.source.node.model_copy()
        node.set_content(self.lead + _PLACEHOLDER + self.trail)
        prompt = node.get_content(metadata_mode=MetadataMode.LLM).strip()
        before, _, after = prompt.partition(_PLACEHOLDER)
        return f"{before}{after} .\n\n" if after else before

    def shortened(self, kept: KeptPassage) -> NodeWithScore:
        """Return a copy with the kept text; id, relationships, metadata and score stay."""
        node = self.source.node.model_copy(deep=True)
        node.set_content(self.lead + kept.text + self.trail)
        return NodeWithScore(node=node, score=self.source.score)

    def provenance(self, kept: KeptPassage) -> dict[str, Any]:
        """Return what was kept of the node's text, and that text if it was cut; white space around it counts."""
        source = {} if kept.text == self.text else {SOURCE_TEXT_KEY: self.lead + self.text + self.trail}
        return {**kept.provenance(shift=len(self.lead)), **source}


def put_provenance(node: NodeWithScore, provenance: dict[str, Any]) -> None:
    """Put a record into a node's metadata, where neither the LLM nor the embedding model gets to see it."""
    node.node.metadata[PROVENANCE_KEY] = provenance
    for excluded in (node.node.excluded_llm_metadata_keys, node.node.excluded_embed_metadata_keys):
        if PROVENANCE_KEY not in excluded:
            excluded.append(PROVENANCE_KEY)


def given_scores(passages: Sequence[NodePassage]) -> list[float]:
    """Return the scores that the retriever gave the nodes.

    Raises:
        InvalidInputError: a node has none.
    """
    scores = [passage.source.score for passage in passages if passage.source.score is not None]
    if len(scores) < len(passages):
        msg = (
            f'the ranker "given" needs the score of every node, but {len(passages) - len(scores)} of {len(passages)} '
            "have none; take a retriever that scores, or another ranker"
        )
        raise InvalidInputError(msg)
    return scores
