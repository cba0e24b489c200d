"""The LlamaIndex ingestion step: with a scorer without a model, inside pipelines, and with tiny models."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode, Document, ImageNode, NodeWithScore, TextNode

from lingua_shared import InvalidInputError, InvalidTypeError, ModelOptions, OptionsError, PromptCompressor
from lingua_shared.compressor import PASSAGES_PER_BATCH
from lingua_shared.scoring.protocol import Request
from llamaindex_lingua import LongLLMLinguaPostprocessor, PrecomputeScores
from tests import tiny_models
from tests.fakes import OverlapScores, OverlapScoring

QUESTION = "Who built the lighthouse at Gull Point?"
TEXTS = (
    "Work at Gull Point began in spring. Ada Marsh built the lighthouse with forty masons. It took three summers.",
    "Ferries leave the harbour twice a day. In winter the last boat goes at four in the afternoon.",
    "The museum keeps nets, lamps and letters. Entry costs three crowns, and children get in free.",
)


class RecordingScoring(OverlapScoring):
    """Records the passages of each request and the thread that computed ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.requested: list[tuple[str, ...]] = []
        self.threads: list[int] = []

    def open(self, request: Request) -> OverlapScores:
        self.requested.append(request.passages)
        return super().open(request)

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], token_scorers: Sequence[str]) -> None:
        self.threads.append(get_ident())
        super().prepare(passages, rankers, token_scorers)


@pytest.fixture(name="scoring")
def _scoring() -> RecordingScoring:
    """The scorer of the shared compressor fixture."""
    return RecordingScoring()


@pytest.fixture(name="step")
def _step(compressor: PromptCompressor) -> PrecomputeScores:
    """A step over the scorer without a model."""
    return PrecomputeScores(compressor=compressor)


@pytest.fixture(name="nodes")
def _nodes() -> list[BaseNode]:
    """Text nodes with metadata."""
    return [TextNode(id_=f"node-{i}", text=text, metadata={"page": i}) for i, text in enumerate(TEXTS)]


def texts_of(scoring: OverlapScoring) -> list[str]:
    """All texts that were computed ahead."""
    return [text for passages, _, _ in scoring.prepared for text in passages]


class TestNodes:
    """Which texts are read, and what is returned."""

    def test_nodes_come_out_as_they_went_in(self, step: PrecomputeScores, nodes: list[BaseNode]) -> None:
        """The same list with the same, unchanged nodes is returned."""
        objects, before = list(nodes), [node.model_dump() for node in nodes]
        assert step(nodes) is nodes
        assert all(node is given for node, given in zip(nodes, objects, strict=True))
        assert [node.model_dump() for node in nodes] == before

    def test_what_is_read_is_what_will_be_compressed(
        self, step: PrecomputeScores, scoring: RecordingScoring, compressor: PromptCompressor
    ) -> None:
        """The texts are those that the postprocessor gives the engine: without metadata and surrounding white space."""
        nodes: list[BaseNode] = [
            TextNode(text=f"\n  {TEXTS[0]} \n", metadata={"file": "guide.md"}),
            ImageNode(image_url="https://example.org/light.png"),
            Document(text=TEXTS[1]),
            TextNode(text=" \n"),
            ImageNode(text=TEXTS[2], image_url="https://example.org/lamp.png"),
        ]
        step(nodes)
        LongLLMLinguaPostprocessor(compressor=compressor, rate=0.4).postprocess_nodes(
            [NodeWithScore(node=node) for node in nodes], query_str=QUESTION
        )
        assert texts_of(scoring) == list(TEXTS)
        assert scoring.requested == [TEXTS]

    @pytest.mark.parametrize("given", [[], [ImageNode(image_url="https://example.org/a.png"), TextNode(text=" ")]])
    def test_nothing_to_read(self, step: PrecomputeScores, scoring: RecordingScoring, given: list[BaseNode]) -> None:
        """Without nodes or without text the engine is not used, so that no model is loaded."""
        assert step(given) is given
        assert scoring.prepared == []

    @pytest.mark.parametrize(
        "given", [None, "a text", [TextNode(text="a"), "b"]], ids=["None", "a string", "a string within"]
    )
    def test_something_else_is_refused(self, step: PrecomputeScores, scoring: RecordingScoring, given: Any) -> None:
        """Anything but a list of nodes raises, and nothing is read."""
        with pytest.raises(InvalidTypeError, match=r"(nodes is|node 1 is) of type \w+; give a list of NodeWithScore"):
            step(given)
        assert scoring.prepared == []

    def test_many_nodes_are_read_in_parts(self, step: PrecomputeScores, scoring: RecordingScoring) -> None:
        """A large corpus is read completely and in order, in batches."""
        texts = [f"Note {i}." for i in range(2 * PASSAGES_PER_BATCH + 3)]
        step([TextNode(text=text) for text in texts])
        assert [len(passages) for passages, _, _ in scoring.prepared] == [PASSAGES_PER_BATCH, PASSAGES_PER_BATCH, 3]
        assert texts_of(scoring) == texts

    async def test_async_does_the_same_in_a_thread(
        self, step: PrecomputeScores, scoring: RecordingScoring, nodes: list[BaseNode]
    ) -> None:
        """The asynchronous call reads the same texts outside the event loop's thread."""
        assert await step.acall(nodes) is nodes
        assert texts_of(scoring) == list(TEXTS)
        assert get_ident() not in scoring.threads


class TestOptions:
    """How a step is set up, stored and sent to another process."""

    @pytest.mark.parametrize(
        ("options", "rankers", "token_scorers"),
        [
            ({}, ("perplexity", "embedding", "sentence_embedding", "bm25"), ("embedding_fusion",)),
            (
                {"rate": 0.2, "order": "original"},
                ("perplexity", "embedding", "sentence_embedding", "bm25"),
                ("embedding_fusion",),
            ),
            ({"unit": "passage"}, ("perplexity", "embedding", "sentence_embedding", "bm25"), ()),
            ({"method": "surprisal"}, ("surprisal",), ("surprisal", "surprisal")),
            ({"rankers": ("bm25",), "token_scorer": "surprisal"}, ("bm25",), ("embedding_fusion", "surprisal")),
        ],
        ids=str,
    )
    def test_options_name_what_is_computed(
        self,
        compressor: PromptCompressor,
        scoring: RecordingScoring,
        nodes: list[BaseNode],
        options: dict[str, Any],
        rankers: tuple[str, ...],
        token_scorers: tuple[str, ...],
    ) -> None:
        """The signals computed ahead are those that the postprocessor uses with the same options."""
        PrecomputeScores(compressor=compressor, **options)(nodes)
        assert scoring.prepared == [(TEXTS, rankers, token_scorers)]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({}, r"no compressor is shared; .* compressor=.*, or set cache_file"),
            ({"memory_cache_mb": 10}, r"no compressor is shared"),
            ({"compressor": PromptCompressor(ModelOptions(memory_cache_mb=0))}, r"memory_cache_mb is 0; .* cache_file"),
        ],
    )
    def test_work_that_would_be_lost_is_refused(self, options: dict[str, Any], message: str) -> None:
        """If the postprocessor could not find the results, the error names both ways to share them."""
        with pytest.raises(OptionsError, match=message):
            PrecomputeScores(**options)

    @pytest.mark.parametrize(
        "options",
        [
            {"cache_file": "scores.db"},
            {"cache_file": "scores.db", "memory_cache_mb": 0},
            {"compressor": PromptCompressor()},
            {"compressor": PromptCompressor(ModelOptions(memory_cache_mb=0, cache_file="scores.db"))},
        ],
    )
    def test_either_way_will_do(self, options: dict[str, Any]) -> None:
        """A cache file, or a shared compressor with a memory cache or a file, is enough."""
        PrecomputeScores(**options)

    def test_what_is_shared_cannot_be_taken_away(self, step: PrecomputeScores, compressor: PromptCompressor) -> None:
        """The check also holds for later changes, and the old value stays."""
        with pytest.raises(OptionsError, match="would be lost"):
            step.compressor = None
        assert step.compressor is compressor

    @pytest.mark.parametrize("options", [{"rate": 2}, {"method": "magic"}, {"chunk_size": 512}], ids=str)
    def test_bad_values_are_rejected(self, compressor: PromptCompressor, options: dict[str, Any]) -> None:
        """Values out of range and unknown names raise."""
        with pytest.raises(OptionsError):
            PrecomputeScores(compressor=compressor, **options)

    def test_round_trip(self) -> None:
        """Storing and loading keeps the options and the class name."""
        before = PrecomputeScores(cache_file="scores.db", method="surprisal", device="cpu")
        assert before.to_dict()["class_name"] == "PrecomputeScores"
        assert PrecomputeScores.from_dict(before.to_dict()).to_dict() == before.to_dict()

    def test_pickle_keeps_options(self) -> None:
        """Pickling keeps the options, including those of a shared compressor."""
        models = ModelOptions(model="./m", cache_file="scores.db")
        before = PrecomputeScores(compressor=PromptCompressor(models), unit="sentence")
        after = pickle.loads(pickle.dumps(before))  # noqa: S301 - written here
        assert after.to_dict() == before.to_dict()
        assert after.engine().models == models

    def test_pickle_without_a_file_is_refused(self, step: PrecomputeScores) -> None:
        """A worker's memory cache would be lost, so pickling raises and says what to set."""
        with pytest.raises(InvalidInputError, match=r"cache_file is None, so .* lost; set cache_file"):
            pickle.dumps(step)


class TestPipeline:
    """Inside an ingestion pipeline."""

    @pytest.fixture(name="documents")
    def _documents(self) -> list[Document]:
        """Two documents, each to be split in two."""
        return [Document(id_=f"d{i}", text=" ".join(TEXTS[i:] * 2), metadata={"file": f"{i}.md"}) for i in range(2)]

    @pytest.fixture(name="splitter")
    def _splitter(self) -> SentenceSplitter:
        return SentenceSplitter(chunk_size=60, chunk_overlap=0, id_func=lambda i, document: f"{document.node_id}-{i}")

    def test_a_pipeline_gives_the_same_nodes(
        self,
        step: PrecomputeScores,
        scoring: RecordingScoring,
        splitter: SentenceSplitter,
        documents: list[Document],
    ) -> None:
        """The pipeline returns the splitter's nodes, and each of their texts is read."""
        alone = IngestionPipeline(transformations=[splitter]).run(documents=documents)
        nodes = IngestionPipeline(transformations=[splitter, step]).run(documents=documents)
        assert list(nodes) == list(alone)
        assert len(nodes) > len(documents)
        assert texts_of(scoring) == [node.get_content() for node in nodes]

    async def test_arun_gives_the_same(
        self,
        step: PrecomputeScores,
        scoring: RecordingScoring,
        splitter: SentenceSplitter,
        documents: list[Document],
    ) -> None:
        """The asynchronous pipeline reads the same texts and gives equal nodes."""
        by_async = await IngestionPipeline(transformations=[splitter, step]).arun(documents=documents)
        read = texts_of(scoring)
        assert list(by_async) == list(IngestionPipeline(transformations=[splitter, step]).run(documents=documents))
        assert texts_of(scoring) == read * 2

    def test_the_pipelines_cache(
        self, compressor: PromptCompressor, scoring: RecordingScoring, splitter: SentenceSplitter
    ) -> None:
        """Nodes in the pipeline's cache are not read again unless the signals change."""
        pipeline = IngestionPipeline(transformations=[splitter, PrecomputeScores(compressor=compressor)])
        documents = [Document(id_="d", text=TEXTS[0])]
        first, second = pipeline.run(documents=documents), pipeline.run(documents=documents)
        assert list(first) == list(second)
        assert len(scoring.prepared) == 1
        pipeline.transformations[-1] = PrecomputeScores(compressor=compressor, method="surprisal")
        pipeline.run(documents=documents)
        assert [rankers for _, rankers, _ in scoring.prepared[1:]] == [("surprisal",)]


class TestModels:
    """With tiny models and a cache file shared by two engines."""

    @pytest.fixture(name="models")
    def _models(self, tmp_path: Path) -> ModelOptions:
        return ModelOptions(
            model=str(tiny_models.save(tmp_path / "causal", "llama")),
            embedding_model=str(tiny_models.save_embedder(tmp_path / "embedder")),
            cache_file=str(tmp_path / "scores.db"),
            device="cpu",
            dtype="float32",
        )

    @pytest.fixture(name="embedded")
    def _embedded(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """All texts that any bi-encoder reads."""
        from sentence_transformers import SentenceTransformer

        texts: list[str] = []
        encode = SentenceTransformer.encode

        def encode_and_note(model: Any, given: Any, **options: Any) -> Any:
            texts.extend(given)
            return encode(model, given, **options)

        monkeypatch.setattr(SentenceTransformer, "encode", encode_and_note)
        return texts

    @pytest.fixture(name="read")
    def _read(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """All rows that any causal model reads from their beginning."""
        from lingua_shared.scoring.causal.model import CausalModel

        rows: list[Any] = []
        read = CausalModel.negative_log_likelihoods

        def read_and_note(model: Any, given: Any, **options: Any) -> Any:
            rows.extend(given)
            return read(model, given, **options)

        monkeypatch.setattr(CausalModel, "negative_log_likelihoods", read_and_note)
        return rows

    @pytest.mark.parametrize(
        "options",
        [{}, {"rankers": ("embedding", "sentence_embedding"), "token_scorer": "surprisal"}],
        ids=["longllmlingua", "nothing but passages"],
    )
    def test_a_new_engine_reads_no_passage_again(
        self,
        models: ModelOptions,
        nodes: list[BaseNode],
        embedded: list[str],
        read: list[Any],
        options: dict[str, Any],
    ) -> None:
        """After indexing, the first question has the same result, and only the question is embedded."""

        def answer(**changed: Any) -> list[NodeWithScore]:
            postprocessor = LongLLMLinguaPostprocessor(rate=0.5, **dict(models) | changed, **options)
            return postprocessor.postprocess_nodes([NodeWithScore(node=node) for node in nodes], query_str=QUESTION)

        without = answer(cache_file=None)
        assert set(embedded) == {QUESTION, *TEXTS}
        PrecomputeScores(**dict(models), **options)(nodes)
        embedded.clear()
        read.clear()
        after = answer()
        assert embedded == [QUESTION]
        assert bool(read) == (not options)  # the question behind each passage has to be read even so
        assert [node.node for node in after] == [node.node for node in without]
        assert [node.score for node in after] == pytest.approx([node.score for node in without], abs=1e-4)

    @pytest.mark.filterwarnings("ignore:Specified num_workers:UserWarning")  # on a machine with one core
    def test_workers_write_to_the_file(self, models: ModelOptions, nodes: list[BaseNode], embedded: list[str]) -> None:
        """This process finds what the worker processes of a pipeline computed."""
        step = PrecomputeScores(**dict(models))
        assert list(IngestionPipeline(transformations=[step]).run(nodes=nodes, num_workers=2)) == nodes
        LongLLMLinguaPostprocessor(rate=0.5, **dict(models)).postprocess_nodes(
            [NodeWithScore(node=node) for node in nodes], query_str=QUESTION
        )
        assert embedded == [QUESTION]
