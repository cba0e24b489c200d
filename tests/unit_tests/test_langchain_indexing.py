"""The LangChain indexing step: with a scorer without a model, and with tiny models."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_text_splitters import CharacterTextSplitter

from langchain_lingua import LongLLMLinguaCompressor, PrecomputeScores
from lingua_shared import InvalidInputError, InvalidTypeError, ModelOptions, OptionsError, PromptCompressor
from lingua_shared.compressor import PASSAGES_PER_BATCH
from lingua_shared.scoring.protocol import Request
from tests import tiny_models
from tests.fakes import OverlapScores, OverlapScoring

QUESTION = "When was the lighthouse at Gull Point built?"
TEXTS = (
    "The harbour cafe sells tea. It opens at nine in the morning, and closes late in the evening.",
    "  The lighthouse at Gull Point was built in 1871. Its keeper kept bees, and sold honey to sailors.\n",
    "",
    "Ferries leave every hour. Tickets are sold on board, for cash only, by the purser and his mate.",
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


@pytest.fixture(name="documents")
def _documents() -> list[Document]:
    """Documents with ids and metadata; one has no text."""
    return [Document(text, id=f"id-{i}", metadata={"page": i}) for i, text in enumerate(TEXTS)]


def texts_of(scoring: OverlapScoring) -> list[str]:
    """All texts that were computed ahead."""
    return [text for passages, _, _ in scoring.prepared for text in passages]


class TestDocuments:
    """Which texts are read, and what is returned."""

    def test_documents_come_out_as_they_went_in(self, step: PrecomputeScores, documents: list[Document]) -> None:
        """The same list with the same, unchanged documents is returned."""
        objects, before = list(documents), [document.model_dump() for document in documents]
        assert step.transform_documents(documents) is documents
        assert all(document is given for document, given in zip(documents, objects, strict=True))
        assert [document.model_dump() for document in documents] == before

    def test_what_is_read_is_what_will_be_compressed(
        self,
        step: PrecomputeScores,
        scoring: RecordingScoring,
        compressor: PromptCompressor,
        documents: list[Document],
    ) -> None:
        """The texts are those that the compressor gives the engine, white space included; blank ones are not scored."""
        step.transform_documents(documents)
        LongLLMLinguaCompressor(compressor=compressor, rate=0.4).compress_documents(documents, QUESTION)
        assert texts_of(scoring) == list(TEXTS)
        assert scoring.requested == [tuple(text for text in TEXTS if text)]

    def test_no_documents(self, step: PrecomputeScores, scoring: RecordingScoring) -> None:
        """Without documents the engine is not used, so that no model is loaded."""
        assert step.transform_documents([]) == []
        assert scoring.prepared == []

    def test_something_else_is_refused(self, step: PrecomputeScores, scoring: RecordingScoring) -> None:
        """The error says which element is no document, and nothing is read."""
        with pytest.raises(InvalidTypeError, match="document 1 is of type str"):
            step.transform_documents([Document("A boat."), "A boat."])  # type: ignore[list-item]
        assert scoring.prepared == []

    def test_many_documents_are_read_in_parts(self, step: PrecomputeScores, scoring: RecordingScoring) -> None:
        """A large corpus is read completely and in order, in batches."""
        texts = [f"Note {i}." for i in range(2 * PASSAGES_PER_BATCH + 3)]
        step.transform_documents([Document(text) for text in texts])
        assert [len(passages) for passages, _, _ in scoring.prepared] == [PASSAGES_PER_BATCH, PASSAGES_PER_BATCH, 3]
        assert texts_of(scoring) == texts

    async def test_async_does_the_same_in_a_thread(
        self, step: PrecomputeScores, scoring: RecordingScoring, documents: list[Document]
    ) -> None:
        """The asynchronous method reads the same texts outside the event loop's thread."""
        assert await step.atransform_documents(documents) is documents
        assert texts_of(scoring) == list(TEXTS)
        assert get_ident() not in scoring.threads

    def test_behind_a_splitter(self, step: PrecomputeScores, scoring: RecordingScoring) -> None:
        """Each chunk of a splitter is read."""
        splitter = CharacterTextSplitter(chunk_size=20, chunk_overlap=0, separator=" ")
        pieces = step.transform_documents(splitter.transform_documents([Document("One boat left. Two boats stayed.")]))
        assert texts_of(scoring) == [piece.page_content for piece in pieces] == ["One boat left. Two", "boats stayed."]


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
        documents: list[Document],
        options: dict[str, Any],
        rankers: tuple[str, ...],
        token_scorers: tuple[str, ...],
    ) -> None:
        """The signals computed ahead are those that the compressor uses with the same options."""
        PrecomputeScores(compressor=compressor, **options).transform_documents(documents)
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
        """If the compressor could not find the results, the error names both ways to share them."""
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

    @pytest.mark.parametrize("options", [{"rate": 2}, {"method": "magic"}, {"score_key": "score"}], ids=str)
    def test_bad_values_are_rejected(self, compressor: PromptCompressor, options: dict[str, Any]) -> None:
        """Values out of range and unknown names raise."""
        with pytest.raises(OptionsError):
            PrecomputeScores(compressor=compressor, **options)

    def test_round_trip(self) -> None:
        """Storing and loading keeps the options."""
        before = PrecomputeScores(cache_file="scores.db", method="surprisal", device="cpu")
        assert PrecomputeScores.model_validate(before.model_dump()) == before

    def test_pickle_keeps_options(self) -> None:
        """Pickling keeps the options, including those of a shared compressor."""
        models = ModelOptions(model="./m", cache_file="scores.db")
        before = PrecomputeScores(compressor=PromptCompressor(models), unit="sentence")
        after = pickle.loads(pickle.dumps(before))  # noqa: S301 - written here
        assert after.model_dump() == before.model_dump()
        assert after.engine().models == models

    def test_pickle_without_a_file_is_refused(self, step: PrecomputeScores) -> None:
        """Another process's memory cache would be lost, so pickling raises and says what to set."""
        with pytest.raises(InvalidInputError, match=r"cache_file is None, so .* lost; set cache_file"):
            pickle.dumps(step)


def test_a_new_engine_reads_no_document_again(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With tiny models: after indexing, the first question has the same result, and only it is embedded."""
    from sentence_transformers import SentenceTransformer

    models: dict[str, Any] = {
        "model": str(tiny_models.save(tmp_path / "causal", "llama")),
        "embedding_model": str(tiny_models.save_embedder(tmp_path / "embedder")),
        "device": "cpu",
        "dtype": "float32",
    }
    file = str(tmp_path / "scores.db")
    embedded: list[str] = []
    encode = SentenceTransformer.encode

    def encode_and_note(model: Any, texts: Any, **options: Any) -> Any:
        embedded.extend(texts)
        return encode(model, texts, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", encode_and_note)
    without = LongLLMLinguaCompressor(rate=0.5, **models).compress_documents(documents, QUESTION)
    assert set(embedded) == {QUESTION, *(text for text in TEXTS if text.strip())}
    PrecomputeScores(cache_file=file, **models).transform_documents(documents)
    embedded.clear()
    after = LongLLMLinguaCompressor(rate=0.5, cache_file=file, **models).compress_documents(documents, QUESTION)
    assert embedded == [QUESTION]
    assert after == without
