"""The LlamaIndex adapter: hands nodes to the engine and turns its result into nodes."""

import logging
from collections.abc import Sequence
from typing import Any, Literal

from llama_index.core.bridge.pydantic import BaseModel, ConfigDict, Field
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # re-exported, not declared
from llama_index.core.instrumentation.events.rerank import ReRankEndEvent, ReRankStartEvent
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from lingua_shared import CompressionOptions, CompressionResult, KeptPassage
from lingua_shared.adapters.framework import log_notes
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.adapters.provenance import ProvenanceOptions
from lingua_shared.options import Method
from llamaindex_lingua.counting import fit_as_they_are, options_beside
from llamaindex_lingua.events import CompressionEndEvent, CompressionStartEvent
from llamaindex_lingua.migration import FromLlmlingua
from llamaindex_lingua.passages import NodePassage, as_nodes, given_scores, put_hidden
from llamaindex_lingua.stored import StoredWithClassName

RETRIEVER_SCORE_KEY = "retriever_score"
"""Metadata key of the score that the retriever gave, where the node's score is the relevance."""

_log = logging.getLogger(__name__)
_dispatcher = get_dispatcher(__name__)


class LinguaPostprocessor(FromLlmlingua, StoredWithClassName, ProvenanceOptions, EngineOptions, BaseNodePostprocessor):
    """Shortens retrieved nodes for a question, within an exact budget of the target LLM's tokens.

    The result is copies of the nodes with their ids, relationships and metadata, in the order that the option `order`
    names, without those that the budget drops. The budget counts what a prompt shows of the nodes, each through its
    `text_template`. LlamaIndex joins nodes with a blank line, so leave `separator` as it is. `keep_passages` counts
    nodes with text. Nodes without text, such as images, come last and unchanged; what a prompt shows of them is taken
    off `target_tokens`. White space around a node's text is removed, unless all nodes fit with it.

    In the copies, `hash` follows the new text and metadata; `start_char_idx`, `end_char_idx` and `embedding` still
    describe the original. The response mode `simple_summarize` shows the LLM a Python list of the context; its
    brackets, quotes and escapes are not counted.

    With `add_provenance`, a node's metadata says what was kept of it. LLM and embedding model do not see that record,
    and printed it shows counts only. JSON of the node holds the text before, too, unless `serialize_source` is off:
    docstores and engines that copy nodes by their JSON need it.

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
        description='Score of the nodes that come out. "relevance": the probability, in [0, 1], that the node answers; '
        f'the retriever\'s score moves to the metadata key "{RETRIEVER_SCORE_KEY}", unless that is taken; a node that '
        "was not scored keeps the retriever's. \"original\": always the retriever's.",
    )
    count_metadata: bool = Field(
        default=True, description="Count the metadata that LlamaIndex puts beside a node's text in the prompt."
    )
    serialize_source: bool = Field(
        default=True,
        description="Write the text before as a plain value, so that recovery works from nodes that went through JSON.",
    )

    @classmethod
    def class_name(cls) -> str:
        """Return the name that stands for this class in serialised form."""
        return cls.__name__

    def __getstate__(self) -> dict[str, Any]:
        """Pickle all options; the base class silently leaves out, and deletes here, what it cannot pickle."""
        return BaseModel.__getstate__(self)

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        everything = [NodePassage.of(node) for node in as_nodes(nodes)]
        if not everything:
            return []
        question = query_bundle.query_str if query_bundle else None
        self.check_question(question)
        self.check_provenance_key(passage.source.node.metadata for passage in everything)
        passages = [passage for passage in everything if passage.text]
        without_text = [passage for passage in everything if not passage.text]
        options = options_beside(without_text, self.compression_options(), count_metadata=self.count_metadata)
        kept = self._compressed(passages, question, options) if passages else []
        return [*kept, *(passage.source for passage in without_text)]

    def _compressed(
        self, passages: Sequence[NodePassage], question: str | None, options: CompressionOptions
    ) -> list[NodeWithScore]:
        result = self._compress(passages, question, options)
        as_they_are = fit_as_they_are(passages, result, options, count_metadata=self.count_metadata)
        nodes = [
            self._node(passages[kept.index], kept, passages[kept.index].content if as_they_are else kept.text)
            for kept in result.passages
        ]
        _dispatcher.event(ReRankEndEvent(nodes=nodes))
        return nodes

    def _compress(
        self, passages: Sequence[NodePassage], question: str | None, options: CompressionOptions
    ) -> CompressionResult:
        engine = self.engine()
        options = options.model_copy(update={"score_when_fitting": self.node_scores == "relevance"})
        texts = [passage.text for passage in passages]
        recipe = engine.recipe(options, question=question, passages=texts)
        name, given = recipe.largest_model or recipe.method, [passage.source for passage in passages]
        _dispatcher.event(ReRankStartEvent(query=question, nodes=given, top_n=len(given), model_name=name))
        _dispatcher.event(CompressionStartEvent.of(len(texts), recipe))
        result = engine.compress(
            texts,
            question=question,
            options=options,
            scores=given_scores(passages) if "given" in recipe.ranker_weights else None,
            headers=[passage.render for passage in passages] if self.count_metadata else None,
            titles=[self.title_of(passage.source.node.metadata) for passage in passages],
        )
        log_notes(_log, result)
        _dispatcher.event(CompressionEndEvent.of(result))
        return result

    def _node(self, passage: NodePassage, kept: KeptPassage, text: str) -> NodeWithScore:
        node = passage.with_text(text)
        if self.node_scores == "relevance" and kept.relevance is not None:
            if node.score is not None and RETRIEVER_SCORE_KEY not in node.metadata:
                put_hidden(node, RETRIEVER_SCORE_KEY, node.score)
            node.score = kept.relevance
        if self.add_provenance:
            source = text if kept.text == passage.text else passage.content
            record = self.provenance(kept, source=source, text=text, start=passage.start)
            put_hidden(node, self.provenance_key, record)
        return node


class LongLLMLinguaPostprocessor(LinguaPostprocessor):
    """`LinguaPostprocessor` with the method of LongLLMLingua: a causal language model ranks passages by perplexity.

    Set `method="longllmlingua-paper"` for the method as the paper has it.

    Example:
        >>> LongLLMLinguaPostprocessor(target_tokens=300).method
        'longllmlingua'
    """

    method: Method | None = Field(default="longllmlingua", description="Preset of rankers and scorers.")
