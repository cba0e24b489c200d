"""The LlamaIndex adapter, over a scorer without a model and inside real query and chat engines."""

import pickle
import subprocess
import sys
from ast import literal_eval
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from llama_index.core import MockEmbedding, PromptTemplate, VectorStoreIndex
from llama_index.core.base.response.schema import AsyncStreamingResponse, StreamingResponse
from llama_index.core.callbacks import CallbackManager
from llama_index.core.chat_engine import CondensePlusContextChatEngine
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.events.rerank import ReRankEndEvent, ReRankStartEvent
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata, MockLLM
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.prompts import RichPromptTemplate
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode, get_response_synthesizer
from llama_index.core.schema import (
    Document,
    ImageNode,
    MetadataMode,
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)
from llama_index_instrumentation import root_dispatcher
from pydantic import Field

from lingua_shared import (
    CompressionOptions,
    InvalidInputError,
    InvalidTypeError,
    MissingQuestionError,
    ModelOptions,
    OptionsError,
    PromptCompressor,
)
from lingua_shared.adapters.provenance import Provenance, ProvenanceOptions
from lingua_shared.text.token_counting import make_counter
from llamaindex_lingua import (
    CompressionEndEvent,
    CompressionStartEvent,
    LinguaPostprocessor,
    LongLLMLinguaPostprocessor,
)
from tests.fakes import OverlapScoring

QUESTION = "Who built the lighthouse at Gull Point?"
TEXTS = (
    "Ferries leave the harbour twice a day. In winter the last boat goes at four in the afternoon, weather permitting.",
    "Work at Gull Point began in spring. Ada Marsh built the lighthouse with forty masons. It took them three summers.",
    "The museum keeps nets, lamps and letters. Entry costs three crowns, and children get in free on Sundays.",
    "The lighthouse stands on a cliff. Its lamp was electric from the first day. Sailors called it the White Lady.",
    "Potatoes and barley are grown in the valley. The soil is thin, so farmers carry seaweed up from the beach.",
)

Make = Callable[..., LongLLMLinguaPostprocessor]


class Records(CustomLLM):
    """Answers nothing, and keeps the prompts that it got."""

    prompts: list[str] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: FBT001, FBT002
        self.prompts.append(prompt)
        return CompletionResponse(text="")

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: FBT001, FBT002
        raise NotImplementedError


@pytest.fixture(name="make")
def _make(compressor: PromptCompressor) -> Make:
    """Builds postprocessors over the scorer without a model."""
    return lambda **options: LongLLMLinguaPostprocessor(compressor=compressor, **options)


@pytest.fixture(name="nodes")
def _nodes() -> list[NodeWithScore]:
    """Nodes with metadata, relationships, and scores that fall from 0.9 in steps of 0.1."""
    return [
        NodeWithScore(
            node=TextNode(
                id_=f"node-{i}",
                text=text,
                metadata={"file": f"guide-{i}.md", "page": i, "checksum": "b1946ac92492d2347c6235b4d2611184"},
                excluded_llm_metadata_keys=["checksum"],
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"document-{i}")},
                start_char_idx=10,
                end_char_idx=10 + len(text),
            ),
            score=0.9 - i / 10,
        )
        for i, text in enumerate(TEXTS)
    ]


@pytest.fixture(name="index")
def _index(nodes: list[NodeWithScore]) -> VectorStoreIndex:
    """An index over the nodes whose embeddings are all the same."""
    return VectorStoreIndex(nodes=[node.node for node in nodes], embed_model=MockEmbedding(embed_dim=4))


@pytest.fixture(name="events")
def _events() -> Iterator[list[BaseEvent]]:
    """All events that are sent while a test runs."""
    received: list[BaseEvent] = []

    class Collector(BaseEventHandler):
        def handle(self, event: BaseEvent, **_kwargs: Any) -> None:
            received.append(event)

    handlers = list(root_dispatcher.event_handlers)
    root_dispatcher.add_event_handler(Collector())
    yield received
    root_dispatcher.event_handlers = handlers


def ours(events: list[BaseEvent]) -> list[BaseEvent]:
    """The events of this package."""
    return [event for event in events if event.class_name().startswith("Compression")]


def engine_over(index: VectorStoreIndex, *postprocessors: Any, streaming: bool = False) -> RetrieverQueryEngine:
    """A query engine whose answer is the context that the LLM was shown."""
    return RetrieverQueryEngine.from_args(
        index.as_retriever(similarity_top_k=len(TEXTS)),
        llm=MockLLM(),
        node_postprocessors=list(postprocessors),
        text_qa_template=PromptTemplate("{context_str}"),
        streaming=streaming,
    )


def texts_of(nodes: list[NodeWithScore]) -> list[str]:
    return [node.get_content() for node in nodes]


def prompt_of(nodes: list[NodeWithScore]) -> str:
    return "\n\n".join(node.node.get_content(metadata_mode=MetadataMode.LLM) for node in nodes)


def tokens_of(text: str) -> int:
    return make_counter("cl100k_base")(text)


class TestOptions:
    """How a postprocessor is set up, stored and changed."""

    def test_defaults(self) -> None:
        """Without arguments, all options have their defaults."""
        postprocessor = LongLLMLinguaPostprocessor()
        for options in (ModelOptions(), CompressionOptions(method="longllmlingua")):
            assert all(getattr(postprocessor, name) == value for name, value in options)
        assert postprocessor.node_scores == "relevance"
        assert postprocessor.count_metadata is True
        assert postprocessor.add_provenance is False
        assert postprocessor.provenance_key == "lingua"
        assert postprocessor.serialize_source is True

    @pytest.mark.parametrize(
        "options",
        [
            {"rate": 0},
            {"rate": 1.5},
            {"rate": "much"},
            {"target_tokens": -1},
            {"rate": 0.5, "target_tokens": 100},
            {"method": "magic"},
            {"unit": "letter"},
            {"node_scores": "best"},
            {"dtype": "int1"},
            {"compressor": "engine"},
            {"top_n": 3},
        ],
        ids=str,
    )
    def test_bad_values_are_rejected(self, options: dict[str, Any]) -> None:
        """Values out of range, of the wrong type or under an unknown name raise a ValueError."""
        with pytest.raises(OptionsError):
            LongLLMLinguaPostprocessor(**options)

    def test_assignment_is_checked(self) -> None:
        """An option can be changed later, but only to a value that is allowed."""
        postprocessor = LongLLMLinguaPostprocessor()
        postprocessor.rate = 0.25
        with pytest.raises(OptionsError, match="rate"):
            postprocessor.rate = 7
        assert postprocessor.rate == 0.25

    def test_to_dict_holds_every_option_and_the_name(self) -> None:
        """The dictionary form is flat, with the class's name in it and no engine."""
        stored = LongLLMLinguaPostprocessor(rate=0.25, model="./m", compressor=None).to_dict()
        expected = {*ModelOptions.model_fields, *CompressionOptions.model_fields, *ProvenanceOptions.model_fields}
        assert set(stored) == expected | {"node_scores", "count_metadata", "title_keys", "class_name"}
        assert (stored["rate"], stored["model"], stored["class_name"]) == (0.25, "./m", "LongLLMLinguaPostprocessor")

    @pytest.mark.parametrize("form", ["dict", "json"])
    def test_round_trip(self, form: str) -> None:
        """Storing and loading keeps the options."""
        before = LongLLMLinguaPostprocessor(
            rate=0.25, model="./m", rankers=("bm25", "embedding"), ranker_weights={"bm25": 2.0}, node_scores="original"
        )
        cls = LongLLMLinguaPostprocessor
        after = cls.from_dict(before.to_dict()) if form == "dict" else cls.from_json(before.to_json())
        assert after.to_dict() == before.to_dict()

    def test_repr_is_one_line(self, compressor: PromptCompressor) -> None:
        """It shows what the user set, and neither the engine nor what an engine of LlamaIndex sets later."""
        postprocessor = LinguaPostprocessor(rate=0.25, separator="\n", compressor=compressor)
        postprocessor.callback_manager = CallbackManager([])
        assert repr(postprocessor) == r"LinguaPostprocessor(rate=0.25, separator='\n')"
        assert repr(LinguaPostprocessor()) == "LinguaPostprocessor()"

    def test_json_schema_describes_the_options(self) -> None:
        """The schema has every option with a description, and no engine."""
        properties = LongLLMLinguaPostprocessor.model_json_schema()["properties"]
        own = {*ModelOptions.model_fields, *CompressionOptions.model_fields, "node_scores", "count_metadata"}
        assert all(properties[name]["description"] for name in own)
        assert "compressor" not in properties


class TestEngine:
    """Which engine does the work."""

    def test_built_on_first_use(self) -> None:
        """The engine is built on first use, and later uses share it."""
        postprocessor = LongLLMLinguaPostprocessor(device="cpu")
        assert postprocessor._engine is None
        assert postprocessor.engine() is postprocessor.engine()

    def test_threads_share_one_engine(self) -> None:
        """Threads that ask for the engine at the same time get the same one."""
        postprocessor = LongLLMLinguaPostprocessor()
        with ThreadPoolExecutor(8) as pool:
            engines = list(pool.map(lambda _: postprocessor.engine(), range(64)))
        assert len({id(engine) for engine in engines}) == 1

    @pytest.mark.parametrize(
        ("option", "value"), [("model", "./other"), ("embedding_model", "./e"), ("device", "cpu"), ("batch_tokens", 64)]
    )
    def test_changed_model_option_makes_a_new_engine(self, option: str, value: Any) -> None:
        """After a model option has changed, a new engine with that value is used."""
        postprocessor = LongLLMLinguaPostprocessor()
        before = postprocessor.engine()
        setattr(postprocessor, option, value)
        after = postprocessor.engine()
        assert after is not before
        assert getattr(after.models, option) == value

    def test_other_options_keep_the_engine(self) -> None:
        """A change of other options keeps the engine and its loaded models."""
        postprocessor = LongLLMLinguaPostprocessor(rate=0.5)
        before = postprocessor.engine()
        postprocessor.rate = 0.25
        assert postprocessor.engine() is before

    def test_shared_engine_is_used(self, make: Make, scoring: OverlapScoring, nodes: list[NodeWithScore]) -> None:
        """A shared engine does the scoring."""
        make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        assert scoring.opened == 1

    def test_model_options_follow_a_shared_engine(self) -> None:
        """The model options show those of the shared engine."""
        engine = PromptCompressor(ModelOptions(model="./theirs", device="cpu"))
        postprocessor = LongLLMLinguaPostprocessor(compressor=engine)
        assert (postprocessor.model, postprocessor.device) == ("./theirs", "cpu")

    def test_model_option_against_a_shared_engine_is_rejected(self) -> None:
        """A model option that contradicts the shared engine raises an error that names both values."""
        with pytest.raises(ValueError, match=r"model is './mine', but that of the compressor handed in is './theirs'"):
            LongLLMLinguaPostprocessor(model="./mine", compressor=PromptCompressor(ModelOptions(model="./theirs")))

    def test_later_model_option_against_a_shared_engine_is_rejected(self, make: Make) -> None:
        """A model option that is set later and contradicts the shared engine raises and is not changed."""
        postprocessor = make()
        with pytest.raises(OptionsError, match=r"model is './mine'"):
            postprocessor.model = "./mine"
        assert postprocessor.model == ModelOptions().model

    def test_own_engine_after_a_shared_one(self) -> None:
        """After the shared engine is removed, a new engine is built for the same models."""
        models = ModelOptions(model="./theirs")
        postprocessor = LongLLMLinguaPostprocessor(compressor=PromptCompressor(models))
        postprocessor.compressor = None
        assert postprocessor.engine().models == models

    @pytest.mark.parametrize("engine", ["shared", "own"])
    def test_pickle_keeps_options(self, engine: str) -> None:
        """Pickling keeps the options, including those of a shared engine."""
        models = ModelOptions(model="./m", device="cpu")
        own = {"compressor": PromptCompressor(models)} if engine == "shared" else dict(models)
        before = LongLLMLinguaPostprocessor(rate=0.25, **own)
        before.engine()
        after = pickle.loads(pickle.dumps(before))  # noqa: S301 - written one line above
        assert after.to_dict() == before.to_dict()
        assert after.engine().models == models

    def test_pickle_leaves_the_original_usable(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """A postprocessor still works after it was pickled."""
        postprocessor = make(rate=0.5)
        before = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        pickle.dumps(postprocessor)
        assert postprocessor.postprocess_nodes(nodes, query_str=QUESTION) == before

    def test_options_without_a_pickled_form_raise(self) -> None:
        """A tokenizer that cannot be pickled raises instead of being replaced by the default."""
        with pytest.raises((pickle.PicklingError, AttributeError)):
            pickle.dumps(LongLLMLinguaPostprocessor(tokenizer=lambda text: len(text)))


class TestQuestion:
    """Calls without nodes or without a query."""

    @pytest.mark.parametrize("query", [None, QUESTION])
    def test_no_nodes(self, make: Make, query: str | None) -> None:
        """An empty list gives an empty list, with or without a query."""
        assert make().postprocess_nodes([], query_str=query) == []

    @pytest.mark.parametrize("query", [None, "", " \n"])
    @pytest.mark.parametrize("budget", [{"rate": 0.5}, {"target_tokens": 10_000}])
    def test_missing_query_raises(
        self, make: Make, nodes: list[NodeWithScore], query: str | None, budget: dict[str, Any]
    ) -> None:
        """A missing or blank query raises for a method that needs one, even if the text fits the budget."""
        with pytest.raises(MissingQuestionError, match=r"needs a question .* surprisal"):
            make(**budget).postprocess_nodes(nodes, query_str=query)

    @pytest.mark.parametrize("query", [None, "", " \n"])
    def test_rate_one_needs_no_query(self, make: Make, nodes: list[NodeWithScore], query: str | None) -> None:
        """Nothing is left out, so nothing is scored."""
        assert make(rate=1).postprocess_nodes(nodes, query_str=query) == nodes

    def test_method_without_question(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """A method that needs no question works without a query."""
        compressed = make(method="surprisal", rate=0.5).postprocess_nodes(nodes)
        assert 0 < tokens_of(prompt_of(compressed)) <= 0.5 * tokens_of(prompt_of(nodes))

    def test_own_rankers_without_question(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Ranking whole nodes by the retriever's score needs no query, whatever the method."""
        compressed = make(rankers=("given",), unit="passage", rate=0.5).postprocess_nodes(nodes)
        assert [node.node_id for node in compressed] == ["node-0", "node-1"]

    def test_query_and_bundle_give_the_same(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """A query bundle is read like a query string."""
        postprocessor = make(rate=0.5)
        by_bundle = postprocessor.postprocess_nodes(nodes, query_bundle=QueryBundle(QUESTION))
        assert by_bundle == postprocessor.postprocess_nodes(nodes, query_str=QUESTION)


class TestInput:
    """Which values are accepted as nodes."""

    def test_bare_nodes(self, make: Make) -> None:
        """Nodes without a score are compressed like scored ones."""
        bare = [TextNode(id_=str(i), text=text) for i, text in enumerate(TEXTS)]
        scored = [NodeWithScore(node=node) for node in bare]
        postprocessor = make(rate=0.5)
        compressed = postprocessor.postprocess_nodes(bare, query_str=QUESTION)  # type: ignore[arg-type]
        assert compressed == postprocessor.postprocess_nodes(scored, query_str=QUESTION)
        assert all(isinstance(node, NodeWithScore) for node in compressed)
        assert [node.text for node in bare] == list(TEXTS)

    def test_a_bare_node_that_fits(self, make: Make) -> None:
        """Where nothing is scored, it comes back without a score."""
        node = TextNode(text=TEXTS[1])
        compressed = make(rate=1).postprocess_nodes([node], query_str=QUESTION)  # type: ignore[list-item]
        assert compressed == [NodeWithScore(node=node, score=None)]

    @pytest.mark.parametrize(
        ("nodes", "message"),
        [
            (None, "nodes is of type NoneType; give a list of NodeWithScore, or of nodes such as TextNode"),
            (["a text"], "node 0 is of type str; give a list of NodeWithScore, or of nodes such as TextNode"),
            ([TextNode(text="a"), None], "node 1 is of type NoneType"),
            ("a text", "nodes is of type str"),
            ("", "nodes is of type str"),
            (b"", "nodes is of type bytes"),
            ({}, "nodes is of type dict"),
            (TextNode(text="a"), "nodes is of type TextNode"),
        ],
        ids=["None", "strings", "None within", "a string", "an empty string", "bytes", "a mapping", "one node"],
    )
    def test_what_is_no_list_of_nodes_is_rejected(self, make: Make, nodes: Any, message: str) -> None:
        """The error names the type of what came, the position of an element, and what is allowed."""
        with pytest.raises(InvalidTypeError, match=message):
            make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)

    def test_tuples_are_accepted(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Any sequence of nodes is accepted."""
        postprocessor = make(rate=0.5)
        compressed = postprocessor.postprocess_nodes(tuple(nodes), query_str=QUESTION)  # type: ignore[arg-type]
        assert compressed == postprocessor.postprocess_nodes(nodes, query_str=QUESTION)


class TestNodes:
    """What happens to nodes."""

    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"rate": 0.3},
            {"target_tokens": 40},
            {"target_tokens": 15, "tokenizer": str.split},
            {"rate": 0.5, "unit": "passage"},
            {"rate": 0.5, "unit": "sentence", "order": "original"},
            {"rate": 0.6, "order": "edges", "max_passages": 3},
            {"rate": 0.4, "coarse_ratio": 3, "budget_strength": 1.0},
            {"rate": 0.5, "keep_passages": (4,)},
            {"rate": 0.5, "force_words": ("masons",), "keep_first_sentence": True},
        ],
        ids=str,
    )
    def test_options_reach_the_engine(
        self, make: Make, compressor: PromptCompressor, nodes: list[NodeWithScore], options: dict[str, Any]
    ) -> None:
        """The nodes hold what the engine keeps under the same options, in its order."""
        compressed = make(count_metadata=False, **options).postprocess_nodes(nodes, query_str=QUESTION)
        expected = CompressionOptions(method="longllmlingua", **options)
        direct = compressor.compress(TEXTS, question=QUESTION, options=expected)
        assert texts_of(compressed) == [passage.text for passage in direct.passages]
        assert [node.node_id for node in compressed] == [f"node-{passage.index}" for passage in direct.passages]

    async def test_async_gives_the_same(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """The asynchronous method returns what the synchronous one does."""
        postprocessor = make(rate=0.5)
        by_async = await postprocessor.apostprocess_nodes(nodes, query_str=QUESTION)
        assert by_async == postprocessor.postprocess_nodes(nodes, query_str=QUESTION)

    def test_threads_do_not_disturb_each_other(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Concurrent calls give the same results as calls one after another."""
        postprocessor = make(rate=0.4)
        questions = [QUESTION, "When do ferries leave?", "What does the museum cost?", "Where are potatoes grown?"] * 4

        def ask(question: str) -> list[NodeWithScore]:
            return postprocessor.postprocess_nodes(nodes, query_str=question)

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, questions)) == [ask(question) for question in questions]

    def test_input_stays_as_it_was(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Neither the nodes nor the list handed in change."""
        before = [node.model_copy(deep=True) for node in nodes]
        compressed = make(rate=0.4, add_provenance=True).postprocess_nodes(nodes, query_str=QUESTION)
        compressed[0].node.metadata["file"] = "changed"
        assert nodes == before

    def test_all_but_the_text_is_kept(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Id, relationships and positions stay; metadata has the retriever's score beside its own keys."""
        by_id = {node.node_id: node.node for node in nodes}
        for compressed in make(rate=0.4).postprocess_nodes(nodes, query_str=QUESTION):
            original = by_id[compressed.node_id]
            metadata = {**original.metadata, "retriever_score": 0.9 - original.metadata["page"] / 10}
            assert compressed.node.metadata == metadata
            added = {"text", "metadata", "excluded_llm_metadata_keys", "excluded_embed_metadata_keys"}
            assert compressed.node.model_dump(exclude=added) == original.model_dump(exclude=added)

    def test_text_is_cut(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """The answer is kept in the first node, and the text is shorter."""
        compressed = make(rate=0.4).postprocess_nodes(nodes, query_str=QUESTION)
        assert compressed[0].node_id == "node-1"
        assert "Ada Marsh built the lighthouse" in compressed[0].text
        assert len(prompt_of(compressed)) < 0.5 * len(prompt_of(nodes))

    def test_rate_of_one_is_identity(self, make: Make, scoring: OverlapScoring, nodes: list[NodeWithScore]) -> None:
        """With rate=1, equal nodes come out in the same order and nothing is scored."""
        nodes[2].node.set_content("  \n\ttext with white space around it \n")
        assert make(rate=1).postprocess_nodes(nodes, query_str=QUESTION) == nodes
        assert scoring.opened == 0

    def test_hash_follows_the_text(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """A node whose text was cut has another hash than before; one that is the same has the same."""
        before = {node.node_id: node for node in nodes}
        compressed = make(rate=0.4, node_scores="original").postprocess_nodes(nodes, query_str=QUESTION)
        was_cut = [node.text != before[node.node_id].text for node in compressed]
        assert [node.node.hash != before[node.node_id].node.hash for node in compressed] == was_cut
        assert any(was_cut)

    def test_the_same_node_twice(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Two entries with the same id stay two entries."""
        compressed = make(rate=1).postprocess_nodes([nodes[0], nodes[0]], query_str=QUESTION)
        assert texts_of(compressed) == [TEXTS[0], TEXTS[0]]

    def test_documents_are_compressed(self, make: Make) -> None:
        """Documents, which store their text in another field than text nodes, are compressed as well."""
        nodes = [NodeWithScore(node=Document(text=text)) for text in TEXTS]
        compressed = make(rate=0.4).postprocess_nodes(nodes, query_str=QUESTION)
        assert "Ada Marsh built the lighthouse" in compressed[0].get_content()
        assert [node.get_content() for node in nodes] == list(TEXTS)

    def test_nodes_without_text_come_last(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Images and blank nodes come last, unchanged and in their order."""
        image = NodeWithScore(node=ImageNode(image_url="https://example.org/light.png"), score=0.4)
        blank = NodeWithScore(node=TextNode(text=" \n"), score=0.3)
        compressed = make(rate=0.5).postprocess_nodes([image, *nodes, blank], query_str=QUESTION)
        assert compressed[-2:] == [image, blank]
        assert compressed[:-2] == make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)

    def test_only_nodes_without_text(self, make: Make) -> None:
        """If no node has text, all nodes are returned."""
        images = [NodeWithScore(node=ImageNode(image_url="https://example.org/light.png"))]
        assert make(rate=0.5).postprocess_nodes(images, query_str=QUESTION) == images

    def test_image_with_caption_keeps_its_image(self, make: Make) -> None:
        """The text of an image node is shortened, and its image stays."""
        node = NodeWithScore(node=ImageNode(text=TEXTS[1], image_url="https://example.org/light.png"))
        compressed = make(rate=0.5).postprocess_nodes([node], query_str=QUESTION)[0].node
        assert isinstance(compressed, ImageNode)
        assert compressed.image_url == "https://example.org/light.png"
        assert 0 < len(compressed.text) < len(TEXTS[1])


class TestScores:
    """Scores in and out."""

    def test_relevance_becomes_the_score(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """By default nodes carry the relevance that ranked them, best first."""
        compressed = make(rate=0.7).postprocess_nodes(nodes, query_str=QUESTION)
        scores = [node.get_score(raise_error=True) for node in compressed]
        assert scores == sorted(scores, reverse=True)
        assert set(scores).isdisjoint(node.score for node in nodes)

    def test_the_retrievers_score_stays_in_metadata(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """It is kept beside the relevance, where neither the LLM nor the embedding model sees it."""
        given = {node.node_id: node.score for node in nodes}
        for node in make(rate=0.7).postprocess_nodes(nodes, query_str=QUESTION):
            assert node.metadata["retriever_score"] == given[node.node_id]
            for mode in (MetadataMode.LLM, MetadataMode.EMBED):
                assert "retriever_score" not in node.node.get_content(metadata_mode=mode)

    def test_the_first_retriever_score_stays(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Behind a second postprocessor the metadata still holds the retriever's score, not the first relevance."""
        given = {node.node_id: node.score for node in nodes}
        once = make(rate=0.7).postprocess_nodes(nodes, query_str=QUESTION)
        twice = make(rate=0.7).postprocess_nodes(once, query_str=QUESTION)
        assert all(node.metadata["retriever_score"] == given[node.node_id] for node in twice)

    def test_a_retriever_score_of_the_users_own_stays(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Existing metadata under that key is neither replaced nor hidden."""
        for node in nodes:
            node.node.metadata["retriever_score"] = "mine"
        for node in make(rate=0.7).postprocess_nodes(nodes, query_str=QUESTION):
            assert node.metadata["retriever_score"] == "mine"
            assert "retriever_score: mine" in node.node.get_content(metadata_mode=MetadataMode.LLM)

    @pytest.mark.parametrize("without_score", [False, True])
    def test_no_second_score_where_there_is_none(
        self, make: Make, nodes: list[NodeWithScore], *, without_score: bool
    ) -> None:
        """Metadata has no second score if the node keeps its score or never had one."""
        if without_score:
            nodes = [NodeWithScore(node=node.node) for node in nodes]
        postprocessor = make(rate=0.7, node_scores="relevance" if without_score else "original")
        compressed = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        assert compressed
        assert all("retriever_score" not in node.metadata for node in compressed)

    def test_nodes_that_fit_have_the_same_scores(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Scores are relevances on one scale, whether or not the nodes fit the budget."""
        fitting, cut = (
            {node.node_id: node.score for node in make(rate=rate).postprocess_nodes(nodes, query_str=QUESTION)}
            for rate in (0.99, 0.7)
        )
        assert cut.items() <= fitting.items()
        assert all(0 <= (score or 0.0) <= 1 for score in fitting.values())

    def test_unscored_nodes_keep_their_score(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """With rate=1 nothing is scored, so the retriever's scores stay."""
        compressed = make(rate=1).postprocess_nodes(nodes, query_str=QUESTION)
        assert [node.score for node in compressed] == [node.score for node in nodes]

    def test_original_scores(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """With node_scores="original", every node keeps the score that its retriever gave."""
        given = {node.node_id: node.score for node in nodes}
        compressed = make(rate=0.7, node_scores="original").postprocess_nodes(nodes, query_str=QUESTION)
        assert {node.node_id: node.score for node in compressed}.items() <= given.items()

    def test_retrieval_scores_can_rank(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """The ranker "given" ranks by the scores of the nodes."""
        compressed = make(rankers=("given",), rate=0.7).postprocess_nodes(nodes[::-1], query_str=QUESTION)
        assert compressed[0].node_id == "node-0"

    def test_missing_retrieval_score_raises(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """The ranker "given" without a score on every node raises, and says how many lack one."""
        nodes[3].score = None
        with pytest.raises(InvalidInputError, match=r"but 1 of 5 have none"):
            make(rankers=("given",), rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)

    def test_nodes_without_scores(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Other rankers need no score of the retriever."""
        bare = [NodeWithScore(node=node.node) for node in nodes]
        assert texts_of(make(rate=0.5).postprocess_nodes(bare, query_str=QUESTION)) == texts_of(
            make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        )


class TestMetadata:
    """Metadata in the budget and in the nodes."""

    @pytest.mark.parametrize("target_tokens", [20, 45, 70, 120, 160])
    @pytest.mark.parametrize(
        "template",
        [
            "{metadata_str}\n\n{content}",
            "[{metadata_str}] {content}",
            "Excerpt: {content}\n\n{metadata_str}",
            "{content} ({metadata_str})",
            "<doc>\n{metadata_str}\n{content}\n</doc>",
            "{metadata_str}\n{content}\nAgain: {content}",
            "{content}{content}{content}{metadata_str}",
            "{metadata_str} {content!r} {content:>200}",
        ],
    )
    def test_prompt_is_within_the_budget(
        self, make: Make, nodes: list[NodeWithScore], template: str, target_tokens: int
    ) -> None:
        """The nodes as the LLM sees them, with metadata, never exceed the budget."""
        for node in nodes:
            assert isinstance(node.node, TextNode)
            node.node.text_template = template
            node.node.set_content(f"  {node.text}\n")
        compressed = make(target_tokens=target_tokens).postprocess_nodes(nodes, query_str=QUESTION)
        assert tokens_of(prompt_of(compressed)) <= target_tokens

    def test_rate_counts_metadata_on_both_sides(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """A rate is a share of text and metadata, and most of the budget is used."""
        compressed = make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        assert 0.45 < tokens_of(prompt_of(compressed)) / tokens_of(prompt_of(nodes)) <= 0.5

    @pytest.mark.parametrize("target_tokens", [60, 120])
    def test_a_text_that_stands_twice_costs_twice(
        self, make: Make, nodes: list[NodeWithScore], target_tokens: int
    ) -> None:
        """With the text twice in the template, most of the budget is still used, and the answer is there."""
        for node in nodes:
            assert isinstance(node.node, TextNode)
            node.node.text_template = "{metadata_str}\n{content}\nAgain: {content}"
        compressed = make(target_tokens=target_tokens).postprocess_nodes(nodes, query_str=QUESTION)
        prompt = prompt_of(compressed)
        assert 0.7 * target_tokens < tokens_of(prompt) <= target_tokens
        assert prompt.count("Ada Marsh built the lighthouse") == 2

    def test_nodes_without_text_count_as_shown(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Metadata that a prompt shows for images is taken off the budget of the texts."""
        image = ImageNode(image_url="https://example.org/light.png", metadata={"file": "light.png", "place": "Kelm"})
        compressed = make(target_tokens=70).postprocess_nodes([*nodes, NodeWithScore(node=image)], query_str=QUESTION)
        assert compressed[-1].node is image
        assert len(compressed) > 1
        assert "light.png" in prompt_of(compressed)
        assert tokens_of(prompt_of(compressed)) <= 70

    def test_metadata_can_be_left_out_of_the_budget(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """If metadata is not counted, the texts alone are within the budget, and more text is kept."""
        uncounted = make(target_tokens=60, count_metadata=False).postprocess_nodes(nodes, query_str=QUESTION)
        counted = make(target_tokens=60).postprocess_nodes(nodes, query_str=QUESTION)
        assert tokens_of("\n\n".join(texts_of(uncounted))) <= 60
        assert len("".join(texts_of(uncounted))) > len("".join(texts_of(counted)))

    def test_metadata_stays_out_of_the_text(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Metadata is counted, not written into the text, so a prompt shows it once."""
        compressed = make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        assert prompt_of(compressed).count("file: guide-1.md") == 1

    def test_no_provenance_by_default(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Nothing is added to metadata unless it is asked for."""
        compressed = make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        assert all("lingua" not in node.metadata for node in compressed)

    def test_provenance_says_what_was_kept(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """The record holds relevance, counts and the kept characters of the original content."""
        nodes[1].node.set_content(f"\n {TEXTS[1]}")
        best = make(rate=0.3, add_provenance=True).postprocess_nodes(nodes, query_str=QUESTION)[0]
        record = best.metadata["lingua"]
        kept = [nodes[1].text[start:end] for start, end in record.pop("spans")]
        assert "".join("".join(kept).split()) == "".join(best.text.split())
        assert record == {
            "relevance": best.score,
            "original_tokens": tokens_of(TEXTS[1]),
            "compressed_tokens": tokens_of(best.text.strip()),
        }

    def test_nothing_that_is_printed_shows_what_was_dropped(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Nodes, their metadata, their content with all metadata, and prompts of them show counts only."""
        postprocessor = make(target_tokens=32, unit="sentence", add_provenance=True)
        compressed = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        [node], dropped = compressed, "It took them three summers"
        assert dropped in node.metadata["lingua"]["source_text"]
        contents = [node.node.get_content(metadata_mode=mode) for mode in MetadataMode]
        template = RichPromptTemplate("{{ node }} {{ node.metadata }} {{ node.metadata.lingua }}")
        printed = [repr(compressed), str(compressed), str(node), *contents, template.format(node=node)]
        assert [text for text in printed if dropped in text] == []
        assert "lingua: <lingua provenance: " in node.node.get_content(metadata_mode=MetadataMode.ALL)

    @pytest.mark.parametrize("serialize_source", [False, True])
    def test_json_of_nodes_has_the_text_before_unless_that_is_off(
        self, make: Make, nodes: list[NodeWithScore], *, serialize_source: bool
    ) -> None:
        """Docstores get it by default."""
        postprocessor = make(target_tokens=32, unit="sentence", add_provenance=True, serialize_source=serialize_source)
        compressed = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        stored = " ".join(node.to_json() for node in compressed)
        assert ("It took them three summers" in stored) == serialize_source
        assert "compressed_tokens" in stored

    def test_metadata_of_the_users_own_is_not_replaced(
        self, make: Make, scoring: OverlapScoring, nodes: list[NodeWithScore]
    ) -> None:
        """The error comes before any work, and names the key and the option; another key works."""
        nodes[2].node.metadata["lingua"] = "it"
        with pytest.raises(InvalidInputError, match=r"passage 2 holds 'it' under the key 'lingua', .* provenance_key"):
            make(rate=0.5, add_provenance=True).postprocess_nodes(nodes, query_str=QUESTION)
        assert scoring.opened == 0
        compressed = make(rate=1, add_provenance=True, provenance_key="kept").postprocess_nodes(
            nodes, query_str=QUESTION
        )
        assert compressed[2].metadata["lingua"] == "it"
        assert "lingua: it" in compressed[2].node.get_content(metadata_mode=MetadataMode.LLM)
        assert all(isinstance(node.metadata["kept"], Provenance) for node in compressed)
        assert "kept: " not in prompt_of(compressed)

    @pytest.mark.parametrize("mode", [MetadataMode.LLM, MetadataMode.EMBED])
    def test_provenance_is_hidden_from_models(self, make: Make, nodes: list[NodeWithScore], mode: MetadataMode) -> None:
        """LLM and embedding model never see the record, and a second run does not exclude its key twice."""
        postprocessor = make(rate=0.5, add_provenance=True)
        again = postprocessor.postprocess_nodes(
            postprocessor.postprocess_nodes(nodes, query_str=QUESTION), query_str=QUESTION
        )
        for node in again:
            assert "lingua" not in node.node.get_content(metadata_mode=mode)
            assert node.node.excluded_llm_metadata_keys.count("lingua") == 1
            assert node.node.excluded_embed_metadata_keys.count("lingua") == 1


class TestFinalContext:
    """What response synthesizers put into a prompt is within the budget, in every response mode."""

    MODES = ("compact", "refine", "simple_summarize", "tree_summarize", "accumulate", "compact_accumulate")
    AROUND = (("", ""), (" ", ""), ("\n\n \t", "\n \n"), (" \n\t " * 40, " \n \n" * 40))

    def context(self, mode: str, nodes: list[NodeWithScore]) -> str:
        """The longest context that an LLM gets in one call."""
        template, llm = PromptTemplate("{context_str}"), Records()
        synthesizer = get_response_synthesizer(
            llm=llm,
            response_mode=ResponseMode(mode),
            text_qa_template=template,
            summary_template=template,
            refine_template=PromptTemplate("{context_msg}"),
        )
        synthesizer.synthesize(QUESTION, nodes=nodes)
        # LlamaIndex shows the LLM a Python list in this mode.
        prompts = [literal_eval(llm.prompts[0])[0]] if mode == "simple_summarize" else llm.prompts
        return max(prompts, key=tokens_of)

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("around", AROUND, ids=("none", "a space", "lines", "much"))
    @pytest.mark.parametrize("template", ["{metadata_str}\n\n{content}", "{metadata_str}\n{content}\nAgain: {content}"])
    @pytest.mark.parametrize("with_metadata", [False, True])
    def test_budget(
        self, make: Make, mode: str, around: tuple[str, str], template: str, *, with_metadata: bool
    ) -> None:
        """White space around texts and a template that shows a text twice are counted as the prompt shows them."""
        nodes = [
            NodeWithScore(
                node=TextNode(
                    text=text.join(around),
                    metadata={"file": f"guide-{i}.md"} if with_metadata else {},
                    text_template=template,
                )
            )
            for i, text in enumerate(TEXTS)
        ]
        for target_tokens in (20, 45, 52, 75, 103, 128, 150, 175, 400):
            compressed = make(target_tokens=target_tokens).postprocess_nodes(nodes, query_str=QUESTION)
            assert tokens_of(self.context(mode, compressed)) <= target_tokens

    @pytest.mark.parametrize("around", AROUND[1:])
    def test_white_space_stays_where_it_fits(self, make: Make, around: tuple[str, str]) -> None:
        """White space around texts stays if it fits; otherwise it is removed before any text is."""
        nodes = [NodeWithScore(node=TextNode(text=text.join(around))) for text in TEXTS]
        whole, text_only = tokens_of(prompt_of(nodes)), tokens_of("\n\n".join(TEXTS))
        postprocessor = make(target_tokens=max(whole, text_only), node_scores="original")
        assert postprocessor.postprocess_nodes(nodes, query_str=QUESTION) == nodes
        if text_only < whole:
            postprocessor = make(target_tokens=whole - 1, node_scores="original")
            stripped = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
            assert texts_of(stripped) == list(TEXTS)


class TestEvents:
    """Events of LlamaIndex's instrumentation."""

    def test_start_and_end_are_sent(self, make: Make, nodes: list[NodeWithScore], events: list[BaseEvent]) -> None:
        """One event describes the request, one the result."""
        compressed = make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        start, end = ours(events)
        assert isinstance(start, CompressionStartEvent)
        assert (start.passages, start.rate, start.target_tokens) == (5, 0.5, None)
        assert (start.method, start.model) == ("longllmlingua", "smollm2-135m")
        assert isinstance(end, CompressionEndEvent)
        assert (end.passages, end.dropped_passages) == (len(compressed), 5 - len(compressed))
        assert (end.original_tokens, end.compressed_tokens) == (
            tokens_of(prompt_of(nodes)),
            tokens_of(prompt_of(compressed)),
        )
        assert end.rate == end.compressed_tokens / end.original_tokens
        assert end.seconds > 0
        assert (end.method, end.model) == ("longllmlingua", "smollm2-135m")

    @pytest.mark.parametrize(
        ("models", "question", "method", "model"),
        [
            (ModelOptions(), QUESTION, "encoder", "lingua-en"),
            (ModelOptions(model="smollm2-135m"), QUESTION, "longllmlingua", "smollm2-135m"),
            (ModelOptions(), "谁建造了灯塔？", "encoder", "lingua-multilingual"),
        ],
    )
    def test_both_name_the_method_in_force_and_its_model(
        self,
        nodes: list[NodeWithScore],
        events: list[BaseEvent],
        models: ModelOptions,
        question: str,
        method: str,
        model: str,
    ) -> None:
        """Events name the default method for the models, and the encoder for the language."""
        engine = PromptCompressor(models, scoring=OverlapScoring())
        LinguaPostprocessor(rate=0.5, compressor=engine).postprocess_nodes(nodes, query_str=question)
        start, end = ours(events)
        assert isinstance(start, CompressionStartEvent)
        assert isinstance(end, CompressionEndEvent)
        assert (start.method, start.model) == (end.method, end.model) == (method, model)

    def test_end_names_no_model_where_none_was_used(
        self, make: Make, nodes: list[NodeWithScore], events: list[BaseEvent]
    ) -> None:
        """If the nodes fit, the end event has a rate of 1 and no model."""
        make(rate=1).postprocess_nodes(nodes, query_str=QUESTION)
        end = ours(events)[-1]
        assert isinstance(end, CompressionEndEvent)
        assert (end.rate, end.model) == (1.0, None)

    async def test_events_belong_to_the_span(
        self, make: Make, nodes: list[NodeWithScore], events: list[BaseEvent]
    ) -> None:
        """Both events carry the id of the span of the call, in the asynchronous form too."""
        await make(rate=0.5).apostprocess_nodes(nodes, query_str=QUESTION)
        spans = {event.span_id for event in events}
        assert len(spans) == 1
        assert str(spans.pop()).startswith("LongLLMLinguaPostprocessor._postprocess_nodes")

    def test_events_hold_no_text(self, make: Make, nodes: list[NodeWithScore], events: list[BaseEvent]) -> None:
        """Events of this package hold neither text of passages nor the question."""
        make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        dumped = " ".join(str(event.model_dump()) for event in ours(events))
        assert "lighthouse" not in dumped

    def test_events_of_a_reranker(self, make: Make, nodes: list[NodeWithScore], events: list[BaseEvent]) -> None:
        """LlamaIndex's own events stand around ours: the nodes that came, and those that come out."""
        compressed = make(rate=0.5).postprocess_nodes(nodes, query_str=QUESTION)
        names = ["ReRankStartEvent", "CompressionStartEvent", "CompressionEndEvent", "ReRankEndEvent"]
        assert [event.class_name() for event in events] == names
        start, end = events[0], events[-1]
        assert isinstance(start, ReRankStartEvent)
        assert isinstance(end, ReRankEndEvent)
        assert (start.query, start.model_name, start.top_n) == (QUESTION, "smollm2-135m", len(nodes))
        assert [node.text for node in start.nodes] == [node.text for node in nodes]
        assert end.nodes == compressed

    def test_notes_are_logged(self, make: Make, nodes: list[NodeWithScore], caplog: pytest.LogCaptureFixture) -> None:
        """Notes of the engine are logged as warnings."""
        make(target_tokens=0).postprocess_nodes(nodes, query_str=QUESTION)
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "nothing was kept" in caplog.text


class TestInsideEngines:
    """Real query and chat engines over a vector index."""

    def test_query_engine(self, make: Make, index: VectorStoreIndex, nodes: list[NodeWithScore]) -> None:
        """The prompt that a query engine makes holds the answer and is within the budget."""
        response = engine_over(index, make(rate=0.5)).query(QUESTION)
        context = str(response)
        assert "Ada Marsh built the lighthouse" in context
        assert context == prompt_of(response.source_nodes)
        assert tokens_of(context) <= 0.5 * tokens_of(prompt_of(nodes))

    async def test_query_engine_async(self, make: Make, index: VectorStoreIndex) -> None:
        """The asynchronous query gives the same answer."""
        engine = engine_over(index, make(rate=0.5))
        assert str(await engine.aquery(QUESTION)) == str(engine.query(QUESTION))

    def test_query_engine_streaming(self, make: Make, index: VectorStoreIndex) -> None:
        """The streamed chunks add up to the same answer."""
        streamed = engine_over(index, make(rate=0.5), streaming=True).query(QUESTION)
        assert isinstance(streamed, StreamingResponse)
        assert "".join(streamed.response_gen) == str(engine_over(index, make(rate=0.5)).query(QUESTION))

    async def test_query_engine_async_streaming(self, make: Make, index: VectorStoreIndex) -> None:
        """Asynchronously streamed chunks add up to the same answer."""
        streamed = await engine_over(index, make(rate=0.5), streaming=True).aquery(QUESTION)
        assert isinstance(streamed, AsyncStreamingResponse)
        pieces = [piece async for piece in streamed.async_response_gen()]
        assert "".join(pieces) == str(engine_over(index, make(rate=0.5)).query(QUESTION))

    def test_stored_nodes_stay_whole(self, make: Make, index: VectorStoreIndex) -> None:
        """Nodes in the index are not changed, so that a second query gets the same answer."""
        engine = engine_over(index, make(rate=0.3))
        first = str(engine.query(QUESTION))
        assert sorted(node.get_content() for node in index.docstore.docs.values()) == sorted(TEXTS)
        assert str(engine.query(QUESTION)) == first

    async def test_chat_engine(self, make: Make, index: VectorStoreIndex) -> None:
        """A chat engine shows the LLM the compressed nodes, sync and async."""
        chat = CondensePlusContextChatEngine.from_defaults(
            retriever=index.as_retriever(similarity_top_k=len(TEXTS)),
            llm=MockLLM(),
            memory=ChatMemoryBuffer.from_defaults(token_limit=3000),
            node_postprocessors=[make(rate=0.5)],
        )
        answer = chat.chat(QUESTION)
        assert prompt_of(answer.source_nodes) in answer.response
        chat.reset()
        assert (await chat.achat(QUESTION)).response == answer.response

    def test_beside_another_postprocessor(self, make: Make, nodes: list[NodeWithScore]) -> None:
        """Nodes that an earlier postprocessor removed stay away, and a later one sees the relevance as score."""
        left = SimilarityPostprocessor(similarity_cutoff=0.65).postprocess_nodes(nodes)
        compressed = make(rate=0.9).postprocess_nodes(left, query_str=QUESTION)
        assert {node.node_id for node in compressed} == {"node-0", "node-1", "node-2"}
        best = SimilarityPostprocessor(similarity_cutoff=0.8).postprocess_nodes(compressed)
        assert [node.node_id for node in best] == ["node-1"]

    def test_in_one_engine_with_another_postprocessor(self, make: Make, index: VectorStoreIndex) -> None:
        """A query engine can run it after another postprocessor."""
        response = engine_over(index, SimilarityPostprocessor(similarity_cutoff=0.5), make(rate=0.5)).query(QUESTION)
        assert "Ada Marsh built the lighthouse" in str(response)


def test_a_missing_framework_is_named() -> None:
    """Without llama-index-core, the import says what to install."""
    program = (
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "PathFinder.find_spec = lambda name, *rest: None if name == 'llama_index' else find(name, *rest)\n"
        "import llamaindex_lingua"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.stderr.splitlines()[-1] == (
        "ImportError: llamaindex_lingua needs llama-index-core; install it with `pip install 'rag-lingua[llamaindex]'`"
    )
