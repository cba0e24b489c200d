"""The LlamaIndex adapter: nodes become passages, kept passages become nodes again. What is kept, the engine decides."""

import logging
from collections.abc import Sequence
from typing import Any, Literal

from llama_index.core.bridge.pydantic import BaseModel, ConfigDict, Field
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # re-exported, not declared
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from lingua_shared import CompressionResult, KeptPassage
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.methods import METHOD_OF_CAUSAL_MODELS
from llamaindex_lingua.events import CompressionEndEvent, CompressionStartEvent
from llamaindex_lingua.passages import PROVENANCE_KEY, NodePassage, given_scores, put_provenance

_log = logging.getLogger(__name__)
_dispatcher = get_dispatcher(__name__)


class LinguaPostprocessor(EngineOptions, BaseNodePostprocessor):
    """Makes retrieved nodes shorter for the question, within an exact budget of the target LLM's tokens.

    Nodes come out as copies in the order that `order` names, with their ids, relationships and metadata; those that the
    budget drops are missing. `hash` follows the new text; `start_char_idx`, `end_char_idx` and `embedding` still
    describe the original. Nodes without text, such as images, are not counted and come last, unchanged. `keep_passages`
    counts nodes with text. LlamaIndex joins nodes with a blank line, so leave `separator` as it is.

    Example:
        >>> from llama_index.core.schema import NodeWithScore, TextNode
        >>> postprocessor = LinguaPostprocessor(target_tokens=300)
        >>> nodes = [NodeWithScore(node=TextNode(text="Short enough."), score=0.9)]
        >>> postprocessor.postprocess_nodes(nodes, query_str="Is it short?")[0].text
        'Short enough.'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    node_scores: Literal["relevance", "original"] = Field(
        default="relevance",
        description="Score of the nodes that come out: the relevance that ranked them (the retriever's score where "
        "nothing had to be ranked), or always the retriever's.",
    )
    count_metadata: bool = Field(
        default=True, description="Count the metadata that LlamaIndex puts beside a node's text in the prompt."
    )
    add_provenance: bool = Field(
        default=False,
        description="Put relevance, token counts, kept characters and, if it was cut, the text before into a node's "
        f'metadata, under "{PROVENANCE_KEY}", which models do not get to see; recovery of answers needs it.',
    )

    @classmethod
    def class_name(cls) -> str:
        """Return the name that stands for this class in serialised form."""
        return cls.__name__

    def __getstate__(self) -> dict[str, Any]:
        """Pickle everything that is set; the base class would quietly leave out, and delete here, what it cannot."""
        return BaseModel.__getstate__(self)

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if not nodes:
            return []
        question = query_bundle.query_str if query_bundle else None
        self.check_question(question)
        everything = [NodePassage.of(node) for node in nodes]
        passages = [passage for passage in everything if passage.text]
        without_text = [passage.source for passage in everything if not passage.text]
        kept = self._compress(passages, question).passages if passages else ()
        return [*(self._node(passages[one.index], one) for one in kept), *without_text]

    def _compress(self, passages: Sequence[NodePassage], question: str | None) -> CompressionResult:
        engine = self.engine()
        options = engine.options_in_force(self.compression_options())
        texts = [passage.text for passage in passages]
        _dispatcher.event(CompressionStartEvent.of(texts, question, options, engine.models))
        result = engine.compress(
            texts,
            question=question,
            options=options,
            scores=given_scores(passages) if "given" in options.ranker_names else None,
            headers=[passage.header() for passage in passages] if self.count_metadata else None,
            titles=[self.title_of(passage.source.node.metadata) for passage in passages],
        )
        for note in result.notes:
            _log.warning("%s", note)
        _dispatcher.event(CompressionEndEvent.of(result))
        return result

    def _node(self, passage: NodePassage, kept: KeptPassage) -> NodeWithScore:
        node = passage.shortened(kept)
        if self.node_scores == "relevance" and kept.relevance is not None:
            node.score = kept.relevance
        if self.add_provenance:
            put_provenance(node, passage.provenance(kept))
        return node


class LongLLMLinguaPostprocessor(LinguaPostprocessor):
    """`LinguaPostprocessor` with LongLLMLingua's method: a causal language model ranks passages by perplexity.

    Example:
        >>> LongLLMLinguaPostprocessor(target_tokens=300).method
        'longllmlingua'
    """

    method: str | None = Field(default=METHOD_OF_CAUSAL_MODELS, description="Preset of rankers and scorers.")
