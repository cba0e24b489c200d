"""The LlamaIndex adapter: nodes become passages, kept passages become nodes again. What is kept, the engine decides."""

import logging
from collections.abc import Sequence
from threading import Lock
from typing import Any, Literal, Self, TypeVar

from llama_index.core.bridge.pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # re-exported, not declared
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle
from pydantic.json_schema import SkipJsonSchema

from lingua_shared import CompressionOptions, CompressionResult, KeptPassage, ModelOptions, PromptCompressor
from lingua_shared.errors import MissingQuestionError
from lingua_shared.methods import RANKERS, TOKEN_SCORERS, methods_without_question
from llamaindex_lingua.events import CompressionEndEvent, CompressionStartEvent
from llamaindex_lingua.passages import PROVENANCE_KEY, NodePassage, given_scores, put_provenance

_log = logging.getLogger(__name__)
_dispatcher = get_dispatcher(__name__)
_building = Lock()
_Options = TypeVar("_Options", bound=BaseModel)


class LongLLMLinguaPostprocessor(ModelOptions, CompressionOptions, BaseNodePostprocessor):
    """Makes retrieved nodes shorter for the question, within an exact budget of the target LLM's tokens.

    Nodes come out as copies in the order that `order` names, with their ids, relationships and metadata; those that the
    budget drops are missing. `hash` follows the new text; `start_char_idx`, `end_char_idx` and `embedding` still
    describe the original. Nodes without text, such as images, are not counted and come last, unchanged. `keep_passages`
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
        description="Score of the nodes that come out: the relevance that ranked them (the retriever's score where "
        "nothing had to be ranked), or always the retriever's.",
    )
    count_metadata: bool = Field(
        default=True, description="Count the metadata that LlamaIndex puts beside a node's text in the prompt."
    )
    add_provenance: bool = Field(
        default=False,
        description="Put relevance, token counts and kept characters into a node's metadata, under "
        f'"{PROVENANCE_KEY}", which models do not get to see.',
    )
    compressor: SkipJsonSchema[PromptCompressor | None] = Field(
        default=None, exclude=True, repr=False, description="An engine to share, with its models; None builds one."
    )
    _engine: PromptCompressor | None = PrivateAttr(default=None)

    @classmethod
    def class_name(cls) -> str:
        """Return the name that stands for this class in serialised form."""
        return "LongLLMLinguaPostprocessor"

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the options alone; an engine is built again, for the same models, where it is next needed."""
        # The base class would delete what cannot be pickled, a lock among it, from this very object.
        options = {name: value for name, value in self if name not in {"compressor", "callback_manager"}}
        return BaseModel.__getstate__(type(self)(**options))

    @model_validator(mode="after")
    def _take_models_of_compressor(self) -> Self:
        if self.compressor is None:
            return self
        theirs = dict(_snapshot(ModelOptions, self.compressor.models))
        ours = {name: getattr(self, name) for name in theirs if name in self.model_fields_set}
        # Before the check, for pydantic leaves a value that is refused later on in place.
        self.__dict__.update(theirs)
        for name, value in ours.items():
            if value != theirs[name]:
                msg = (
                    f"{name} is {value!r}, but the compressor handed in has {theirs[name]!r}; set models on the "
                    "compressor, or leave it out"
                )
                raise ValueError(msg)
        return self

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if not nodes:
            return []
        question = query_bundle.query_str if query_bundle else None
        _check_question(question, self)
        everything = [NodePassage.of(node) for node in nodes]
        passages = [passage for passage in everything if passage.text]
        without_text = [passage.source for passage in everything if not passage.text]
        kept = self._compress(passages, question).passages if passages else ()
        return [*(self._node(passages[one.index], one) for one in kept), *without_text]

    def _compress(self, passages: Sequence[NodePassage], question: str | None) -> CompressionResult:
        options, engine = _snapshot(CompressionOptions, self), self._get_engine()
        _dispatcher.event(CompressionStartEvent.of(len(passages), options, engine.models))
        result = engine.compress(
            [passage.text for passage in passages],
            question=question,
            options=options,
            scores=given_scores(passages) if "given" in options.ranker_names else None,
            headers=[passage.header() for passage in passages] if self.count_metadata else None,
        )
        for note in result.notes:
            _log.warning("%s", note)
        _dispatcher.event(CompressionEndEvent.of(result))
        return result

    def _get_engine(self) -> PromptCompressor:
        if self.compressor is not None:
            return self.compressor
        models = _snapshot(ModelOptions, self)
        with _building:
            if self._engine is None or self._engine.models != models:
                self._engine = PromptCompressor(models)
            return self._engine

    def _node(self, passage: NodePassage, kept: KeptPassage) -> NodeWithScore:
        node = passage.shortened(kept)
        if self.node_scores == "relevance" and kept.relevance is not None:
            node.score = kept.relevance
        if self.add_provenance:
            put_provenance(node, passage.provenance(kept))
        return node


def _snapshot(kind: type[_Options], options: _Options) -> _Options:
    return kind(**{name: getattr(options, name) for name in kind.model_fields})


def _check_question(question: str | None, options: CompressionOptions) -> None:
    signals = [RANKERS[name] for name in options.ranker_names]
    if options.unit != "passage":
        signals.append(TOKEN_SCORERS[options.token_scorer_name])
    if not (question or "").strip() and any(signal.needs_question for signal in signals):
        known = ", ".join(methods_without_question())
        msg = f"method {options.method!r} needs a question and got none; give one, or take a method without: {known}"
        raise MissingQuestionError(msg)
