"""The LlamaIndex adapter: nodes become passages, kept passages become nodes again. What is kept, the engine decides."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Literal, Self, TypeVar

from llama_index.core.bridge.pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle
from pydantic.json_schema import SkipJsonSchema

from lingua_shared import (
    CompressionOptions,
    CompressionResult,
    InvalidInputError,
    KeptPassage,
    MissingQuestionError,
    ModelOptions,
    PromptCompressor,
)
from lingua_shared.methods import RANKERS, TOKEN_SCORERS, methods_without_question
from llamaindex_lingua.events import CompressionEndEvent, CompressionStartEvent

_log = logging.getLogger(__name__)
_dispatcher = get_dispatcher(__name__)
_building = Lock()
_Options = TypeVar("_Options", bound=BaseModel)

_PROVENANCE_KEY = "lingua"
_PLACEHOLDER = "\ue000lingua\ue000"


class LongLLMLinguaPostprocessor(ModelOptions, CompressionOptions, BaseNodePostprocessor):
    """Makes retrieved nodes shorter for the question, within an exact budget of the target LLM's tokens.

    Nodes come out as copies in the order that `order` names, with their ids, relationships and metadata; those dropped
    by the budget are missing. `hash` follows the new text; `start_char_idx`, `end_char_idx` and `embedding` still
    describe the original. Nodes without text, such as images, are not counted and follow unchanged. `keep_passages`
    counts nodes with text. LlamaIndex joins nodes with a blank line, so leave `separator` as it is.

    Example:
        >>> from llama_index.core.schema import NodeWithScore, TextNode
        >>> postprocessor = LongLLMLinguaPostprocessor(target_tokens=300)
        >>> nodes = [NodeWithScore(node=TextNode(text="Short enough."), score=0.9)]
        >>> postprocessor.postprocess_nodes(nodes, query_str="Is it short?")[0].text
        'Short enough.'
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, arbitrary_types_allowed=True)

    node_scores: Literal["relevance", "original"] = Field(
        default="relevance",
        description="Score of the nodes that come out: the relevance that ranked them (the retriever's score where nothing "
        "had to be ranked), or always the retriever's.",
    )
    count_metadata: bool = Field(
        default=True, description="Count the metadata that LlamaIndex puts beside a node's text in the prompt."
    )
    add_provenance: bool = Field(
        default=False,
        description=f'Put relevance, token counts and kept characters into metadata["{_PROVENANCE_KEY}"], hidden from models.',
    )
    compressor: SkipJsonSchema[PromptCompressor | None] = Field(
        default=None, exclude=True, repr=False, description="An engine to share; its models are used. None builds one."
    )
    _engine: PromptCompressor | None = PrivateAttr(default=None)

    @classmethod
    def class_name(cls) -> str:
        """Return the name that stands for this class in serialised form."""
        return "LongLLMLinguaPostprocessor"

    @model_validator(mode="after")
    def _take_models_of_compressor(self) -> Self:
        if self.compressor is not None:
            for name in ModelOptions.model_fields:
                theirs = getattr(self.compressor.models, name)
                if name in self.model_fields_set and getattr(self, name) != theirs:
                    msg = (
                        f"{name}={getattr(self, name)!r}, but the compressor handed in was built with {theirs!r}; set model "
                        "options on the compressor, or leave it out"
                    )
                    raise ValueError(msg)
                self.__dict__[name] = theirs
        return self

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if not nodes:
            return []
        question = query_bundle.query_str if query_bundle else None
        _check_question(question, self)
        passages = [_Passage.of(node) for node in nodes]
        with_text = [passage for passage in passages if passage.text]
        without_text = [passage.source for passage in passages if not passage.text]
        kept = self._compress(with_text, question).passages if with_text else ()
        return [*(self._rewritten(with_text[passage.index], passage) for passage in kept), *without_text]

    def _compress(self, passages: Sequence["_Passage"], question: str | None) -> CompressionResult:
        _dispatcher.event(
            CompressionStartEvent(
                passages=len(passages),
                rate=self.rate,
                target_tokens=self.target_tokens,
                method=self.method,
                model=self.model,
            )
        )
        result = self._get_engine().compress(
            [passage.text for passage in passages],
            question=question,
            options=_snapshot(CompressionOptions, self),
            scores=_given_scores(passages) if "given" in self.ranker_names else None,
            headers=[passage.header() for passage in passages] if self.count_metadata else None,
        )
        for note in result.notes:
            _log.warning("%s", note)
        _dispatcher.event(CompressionEndEvent.of(result))
        return result

    def _get_engine(self) -> PromptCompressor:
        if self.compressor is not None:
            return self._take_models_of_compressor().compressor
        models = _snapshot(ModelOptions, self)
        with _building:
            if self._engine is None or self._engine.models != models:
                self._engine = PromptCompressor(models)
            return self._engine

    def _rewritten(self, passage: "_Passage", kept: KeptPassage) -> NodeWithScore:
        node = passage.source.node.model_copy(deep=True)
        node.set_content(passage.lead + kept.text + passage.trail)
        if self.add_provenance:
            node.metadata[_PROVENANCE_KEY] = {
                "relevance": kept.relevance,
                "original_tokens": kept.original_tokens,
                "compressed_tokens": kept.compressed_tokens,
                "spans": [[len(passage.lead) + span.start, len(passage.lead) + span.end] for span in kept.spans],
            }
            for excluded in (node.excluded_llm_metadata_keys, node.excluded_embed_metadata_keys):
                if _PROVENANCE_KEY not in excluded:
                    excluded.append(_PROVENANCE_KEY)
        scored = self.node_scores == "relevance" and kept.relevance is not None
        return NodeWithScore(node=node, score=kept.relevance if scored else passage.source.score)


@dataclass(frozen=True)
class _Passage:
    """A node's text, parted from the white space around it, which stays as it is."""

    source: NodeWithScore
    lead: str
    text: str
    trail: str

    @classmethod
    def of(cls, source: NodeWithScore) -> Self:
        content = source.node.get_content(metadata_mode=MetadataMode.NONE)
        start, end = len(content) - len(content.lstrip()), len(content.rstrip())
        return cls(source, content[:start], content[start:end], content[end:])

    def header(self) -> str:
        """Return what a prompt shows beside the text; what follows the text is counted as if it went before."""
        node = self.source.node.model_copy()
        node.set_content(self.lead + _PLACEHOLDER + self.trail)
        prompt = node.get_content(metadata_mode=MetadataMode.LLM).strip()
        before, _, after = prompt.partition(_PLACEHOLDER)
        return f"{before}{after}\n\n" if after else before


def _snapshot(kind: type[_Options], options: _Options) -> _Options:
    return kind(**{name: getattr(options, name) for name in kind.model_fields})
