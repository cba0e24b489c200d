"""The LangChain adapter, over an engine without a model."""

import doctest
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_classic.retrievers.document_compressors import DocumentCompressorPipeline
from langchain_core.callbacks import AsyncCallbackHandler, AsyncCallbackManager, BaseCallbackHandler, CallbackManager
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models.fake_chat_models import ParrotFakeChatModel
from langchain_core.load import dumps
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.prompts.string import PromptTemplateFormat
from langchain_core.runnables import RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore, VectorStoreRetriever
from langchain_text_splitters import CharacterTextSplitter

import langchain_lingua.compressor
from langchain_lingua import LinguaCompressor, LongLLMLinguaCompressor
from lingua_shared import (
    CompressionOptions,
    CompressionResult,
    InvalidInputError,
    InvalidTypeError,
    MissingQuestionError,
    ModelOptions,
    OptionsError,
    PromptCompressor,
)
from lingua_shared.adapters.provenance import Provenance
from lingua_shared.adapters.titles import TITLE_KEYS
from tests.fakes import OverlapScoring

QUESTION = "When was the lighthouse at Gull Point built?"
SAME_SIZE_TEXTS = ["Alpha one two three.", "Beta one two three.", "Gamma one two three."]


def make_documents() -> list[Document]:
    texts = [
        "The harbour cafe sells tea. It opens at nine in the morning, and closes late in the evening.",
        "The lighthouse at Gull Point was built in 1871. Its keeper kept bees, and sold honey to sailors.",
        "Ferries leave every hour. Tickets are sold on board, for cash only, by the purser and his mate.",
        "A lighthouse needs a keeper. Nobody remembers who was the first, or when the last one went home.",
    ]
    return [Document(text, id=f"id-{i}", metadata={"source": f"{i}.md", "page": i}) for i, text in enumerate(texts)]


def contents(documents: Sequence[Document]) -> list[str]:
    return [document.page_content for document in documents]


class RecordingCompressor(PromptCompressor):
    """An engine that records its requests."""

    def __init__(self) -> None:
        super().__init__(scoring=OverlapScoring())
        self.asked: list[dict[str, Any]] = []

    def compress(self, passages: str | Sequence[str], **asked: Any) -> CompressionResult:
        self.asked.append({"passages": passages, **asked})
        return super().compress(passages, **asked)


class Events(BaseCallbackHandler):
    """A handler that collects custom events."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any], UUID]] = []

    def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **_: Any) -> None:
        self.received.append((name, data, run_id))


class AsyncEvents(AsyncCallbackHandler):
    """The same, awaited."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any], UUID]] = []

    async def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **_: Any) -> None:
        self.received.append((name, data, run_id))


@pytest.fixture(name="lingua")
def _lingua(compressor: PromptCompressor) -> LongLLMLinguaCompressor:
    """A compressor whose rate drops some documents and shortens others."""
    return LongLLMLinguaCompressor(rate=0.4, compressor=compressor)


@pytest.fixture(name="retriever")
def _retriever() -> VectorStoreRetriever:
    """A retriever that finds all documents."""
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))
    store.add_documents(make_documents())
    return store.as_retriever(search_kwargs={"k": 4})


class TestOptions:
    """Options: allowed values, storing and loading."""

    def test_defaults_are_those_of_the_engine(self) -> None:
        """Without arguments, every option has the engine's default and nothing is added to metadata."""
        own: dict[str, Any] = {"score_key": None, "title_keys": TITLE_KEYS, "method": "longllmlingua"}
        own |= {"add_provenance": False, "provenance_key": "lingua", "serialize_source": False}
        expected = {**ModelOptions().model_dump(), **CompressionOptions().model_dump(), **own}
        assert expected == LongLLMLinguaCompressor().model_dump()

    @pytest.mark.parametrize(
        "options",
        [
            {"rate": 0},
            {"rate": 1.5},
            {"rate": 0.5, "target_tokens": 10},
            {"method": "magic"},
            {"rankers": ("magic",)},
            {"unit": "letter"},
            {"dtype": "int3"},
            {"score_key": 7},
            {"compressor": "an engine"},
        ],
    )
    def test_bad_values_are_rejected(self, options: dict[str, Any]) -> None:
        """A value that is not allowed fails at construction."""
        with pytest.raises(OptionsError):
            LongLLMLinguaCompressor(**options)

    def test_an_unknown_option_is_rejected(self) -> None:
        """A misspelt option is an error, not ignored."""
        with pytest.raises(OptionsError, match="has no option"):
            LongLLMLinguaCompressor(ratio=0.5)  # type: ignore[call-arg]

    def test_the_old_name_of_title_keys(self) -> None:
        """Its error says the new name."""
        with pytest.raises(OptionsError, match="no option 'title_key'; did you mean 'title_keys'"):
            LinguaCompressor(title_key="heading")  # type: ignore[call-arg]

    def test_an_assigned_value_is_checked(self) -> None:
        """A bad value is also rejected on assignment, and the old one stays."""
        lingua = LongLLMLinguaCompressor(rate=0.5)
        with pytest.raises(OptionsError):
            lingua.rate = 2
        assert lingua.rate == 0.5

    @pytest.mark.parametrize(
        "options",
        [
            {"rate": 0.3},
            {"target_tokens": 40},
            {"method": "surprisal"},
            {"rankers": ("bm25",), "ranker_weights": {"bm25": 2.0}},
            {"unit": "sentence"},
            {"order": "edges"},
            {"keep_passages": (0,), "max_passages": 2},
            {"force_words": ("tea",)},
            {"separator": "\n"},
            {"tokenizer": len},
        ],
    )
    def test_options_reach_the_engine(self, options: dict[str, Any]) -> None:
        """The engine gets the options as they were set, the texts and the question."""
        engine = RecordingCompressor()
        LongLLMLinguaCompressor(compressor=engine, **options).compress_documents(make_documents(), QUESTION)
        expected = {
            "passages": contents(make_documents()),
            "question": QUESTION,
            "options": CompressionOptions(**{"method": "longllmlingua", **options}),
            "scores": None,
            "titles": [None] * 4,
        }
        assert [expected] == engine.asked

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (("absent", "title"), ["Gull Point", None, None, "ab"]),
            ("source", [f"{i}.md" for i in range(4)]),
            ((), [None] * 4),
        ],
    )
    def test_titles_are_read_from_metadata(self, key: str | tuple[str, ...], expected: list[str | None]) -> None:
        """Values that are not strings are no titles, and lone surrogates are left out."""
        documents, engine = make_documents(), RecordingCompressor()
        for document, title in zip(documents, ("Gull Point", None, 7, "a\ud800b"), strict=True):
            document.metadata["title"] = title
        LinguaCompressor(compressor=engine, title_keys=key, rate=1).compress_documents(documents, QUESTION)
        assert engine.asked[0]["titles"] == expected

    def test_settings_survive_a_round_trip(self) -> None:
        """`model_validate` restores what `model_dump` wrote."""
        lingua = LongLLMLinguaCompressor(rate=0.3, device="cpu", rankers=("given",), score_key="score")
        assert lingua == LongLLMLinguaCompressor.model_validate(lingua.model_dump())

    def test_settings_survive_a_round_trip_through_json(self) -> None:
        """The same holds for JSON text."""
        lingua = LongLLMLinguaCompressor(target_tokens=90, keep_passages=(1, 2), add_provenance=True)
        assert lingua == LongLLMLinguaCompressor.model_validate_json(lingua.model_dump_json())

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({}, "LinguaCompressor()"),
            ({"rate": 0.25, "separator": "\n"}, r"LinguaCompressor(rate=0.25, separator='\n')"),
            ({"compressor": PromptCompressor(ModelOptions(device="cpu"))}, "LinguaCompressor()"),
        ],
        ids=str,
    )
    def test_repr_is_one_line(self, options: dict[str, Any], expected: str) -> None:
        """It shows what the user set, and no engine."""
        assert repr(LinguaCompressor(**options)) == expected

    def test_the_json_schema_shows_options_only(self) -> None:
        """The schema has all options at one level, and no engine."""
        properties = LongLLMLinguaCompressor.model_json_schema()["properties"]
        assert set(LongLLMLinguaCompressor().model_dump()) == set(properties)

    def test_the_example_of_the_docstring_runs(self) -> None:
        """The examples in the class docstrings run."""
        assert doctest.testmod(langchain_lingua.compressor) == doctest.TestResults(failed=0, attempted=5)


class TestDocuments:
    """Which documents are returned, and what they hold."""

    def test_no_documents_give_no_documents(self, lingua: LongLLMLinguaCompressor, scoring: OverlapScoring) -> None:
        """An empty list gives an empty list, even without a question, and nothing is scored."""
        assert lingua.compress_documents([], "") == []
        assert scoring.opened == 0

    @pytest.mark.parametrize(
        ("documents", "message"),
        [
            ([Document("a"), "b"], "document 1 is of type str; give a list of langchain_core Documents"),
            ([None], "document 0 is of type NoneType"),
            (None, "documents is of type NoneType; give a list of langchain_core Documents"),
            ("a text", "documents is of type str"),
            ("", "documents is of type str"),
            (b"a text", "documents is of type bytes"),
            (b"", "documents is of type bytes"),
            (Document("a"), "documents is of type Document"),
            ({}, "documents is of type dict"),
        ],
        ids=repr,
    )
    def test_what_is_no_list_of_documents_is_rejected(
        self, lingua: LongLLMLinguaCompressor, documents: Any, message: str
    ) -> None:
        """The error names the type of what came, the position of an element, and what is allowed."""
        with pytest.raises(InvalidTypeError, match=message):
            lingua.compress_documents(documents, QUESTION)

    def test_a_query_that_is_no_text_is_rejected(self, lingua: LongLLMLinguaCompressor) -> None:
        """The error names the type of the value."""
        with pytest.raises(InvalidTypeError, match="question is of type int"):
            lingua.compress_documents(make_documents(), 7)  # type: ignore[arg-type]

    def test_the_text_gets_shorter(self, lingua: LongLLMLinguaCompressor) -> None:
        """The answer is kept, and less than half of the characters are."""
        shorter = " ".join(contents(lingua.compress_documents(make_documents(), QUESTION)))
        assert "built in 1871" in shorter
        assert len(shorter) < len(" ".join(contents(make_documents()))) / 2

    def test_ids_and_metadata_are_kept(self, lingua: LongLLMLinguaCompressor) -> None:
        """Each result has the id and the metadata of its source document."""
        known = {document.id: document.metadata for document in make_documents()}
        shorter = lingua.compress_documents(make_documents(), QUESTION)
        assert {document.id: known[document.id] for document in shorter} == {d.id: d.metadata for d in shorter}

    def test_a_document_without_an_id_gets_none(self, lingua: LongLLMLinguaCompressor) -> None:
        """No id is added."""
        documents = [Document(text) for text in contents(make_documents())]
        assert {document.id for document in lingua.compress_documents(documents, QUESTION)} == {None}

    def test_dropped_documents_are_absent(self, compressor: PromptCompressor) -> None:
        """With room for one document, only the one with the answer is returned."""
        lingua = LongLLMLinguaCompressor(max_passages=1, compressor=compressor)
        assert [document.id for document in lingua.compress_documents(make_documents(), QUESTION)] == ["id-1"]

    def test_documents_handed_in_are_not_changed(self, compressor: PromptCompressor) -> None:
        """The input documents are not changed, even if provenance is added."""
        documents = make_documents()
        lingua = LongLLMLinguaCompressor(rate=0.4, add_provenance=True, compressor=compressor)
        lingua.compress_documents(documents, QUESTION)
        assert make_documents() == documents

    @pytest.mark.parametrize("rate", [0.4, 1])
    def test_metadata_is_not_shared(self, compressor: PromptCompressor, rate: float) -> None:
        """Changing the metadata of a result does not change the input."""
        documents = make_documents()
        for document in LongLLMLinguaCompressor(rate=rate, compressor=compressor).compress_documents(
            documents, QUESTION
        ):
            document.metadata["source"] = "changed"
        assert make_documents() == documents

    @pytest.mark.parametrize(
        ("order", "expected"),
        [("original", ["0", "1", "2"]), ("relevance", ["1", "2", "0"]), ("edges", ["1", "0", "2"])],
    )
    def test_documents_stand_in_the_order_asked_for(
        self, compressor: PromptCompressor, order: str, expected: list[str]
    ) -> None:
        """Original, most relevant first, or the most relevant at both ends."""
        texts = ["tea tea tea tea gull", "gull gull gull gull gull", "tea tea gull gull gull"]
        documents = [Document(text, id=str(i)) for i, text in enumerate(texts)]
        lingua = LongLLMLinguaCompressor(
            rate=0.95, coarse_ratio=9, unit="word", rankers=("bm25",), order=order, compressor=compressor
        )
        assert expected == [document.id for document in lingua.compress_documents(documents, "gull")]

    def test_rate_one_is_the_identity(self, compressor: PromptCompressor, scoring: OverlapScoring) -> None:
        """All documents are returned unchanged and in order, and nothing is scored."""
        lingua = LongLLMLinguaCompressor(rate=1, compressor=compressor)
        assert make_documents() == lingua.compress_documents(make_documents(), QUESTION)
        assert scoring.opened == 0

    @pytest.mark.parametrize("query", ["", " \n"])
    def test_a_blank_query_is_an_error(self, compressor: PromptCompressor, query: str) -> None:
        """A method that needs a question raises, even if the text fits the budget."""
        lingua = LongLLMLinguaCompressor(target_tokens=10_000, compressor=compressor)
        with pytest.raises(MissingQuestionError, match="needs a question"):
            lingua.compress_documents(make_documents(), query)

    def test_rate_one_takes_a_blank_query(self, compressor: PromptCompressor) -> None:
        """Nothing is left out, so nothing is scored."""
        documents = LongLLMLinguaCompressor(rate=1, compressor=compressor).compress_documents(make_documents(), "")
        assert documents == make_documents()

    def test_a_method_without_question_takes_a_blank_query(self, compressor: PromptCompressor) -> None:
        """A method without a question works with a blank query."""
        lingua = LongLLMLinguaCompressor(rate=0.4, method="surprisal", compressor=compressor)
        assert lingua.compress_documents(make_documents(), "")

    def test_what_could_not_be_done_is_logged(
        self, compressor: PromptCompressor, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A budget too small for any piece gives no documents and a warning."""
        lingua = LongLLMLinguaCompressor(target_tokens=0, compressor=compressor)
        assert lingua.compress_documents(make_documents(), QUESTION) == []
        assert [record.levelname for record in caplog.records if record.name.startswith("langchain_lingua")] == [
            "WARNING"
        ]


class TestProvenance:
    """The record of what was kept, in the metadata."""

    def test_no_provenance_unless_asked_for(self, lingua: LongLLMLinguaCompressor) -> None:
        """By default nothing is added to metadata."""
        keys = {key for document in lingua.compress_documents(make_documents(), QUESTION) for key in document.metadata}
        assert {"source", "page"} == keys

    def test_provenance_names_what_was_kept(self, compressor: PromptCompressor) -> None:
        """The spans' slices of the source make up the text, apart from white space."""
        lingua = LongLLMLinguaCompressor(rate=0.4, add_provenance=True, compressor=compressor)
        sources = {document.id: document.page_content for document in make_documents()}
        for document in lingua.compress_documents(make_documents(), QUESTION):
            slices = [sources[document.id][start:end] for start, end in document.metadata["lingua"]["spans"]]
            assert re.sub(r"\s", "", document.page_content) == re.sub(r"\s", "", "".join(slices))

    def test_provenance_is_plain_json(self, compressor: PromptCompressor) -> None:
        """The record has four keys and is the same after a round trip through JSON."""
        lingua = LongLLMLinguaCompressor(rate=0.4, add_provenance=True, compressor=compressor)
        record = lingua.compress_documents(make_documents(), QUESTION)[0].metadata["lingua"]
        assert set(record) == {"relevance", "original_tokens", "compressed_tokens", "spans"}
        assert record == json.loads(json.dumps(record, allow_nan=False))

    def test_provenance_of_an_unscored_document(self, compressor: PromptCompressor) -> None:
        """A document that fits has no relevance and one span over the whole text."""
        lingua = LongLLMLinguaCompressor(rate=1, add_provenance=True, tokenizer=len, compressor=compressor)
        expected = {"relevance": None, "original_tokens": 4, "compressed_tokens": 4, "spans": [[0, 4]]}
        assert expected == lingua.compress_documents([Document("Tea.")], QUESTION)[0].metadata["lingua"]

    @pytest.mark.parametrize(
        ("template_format", "template"),
        [
            ("f-string", "{documents} {metadata} {record}"),
            ("jinja2", "{{ documents }} {{ metadata }} {{ record }}"),
            ("mustache", "{{{documents}}} {{{metadata}}} {{{record}}}"),
        ],
    )
    def test_prompts_do_not_show_what_was_dropped(
        self, compressor: PromptCompressor, template_format: PromptTemplateFormat, template: str
    ) -> None:
        """A template that prints documents, their metadata or the record shows counts."""
        lingua = LongLLMLinguaCompressor(rate=0.2, add_provenance=True, compressor=compressor)
        documents = lingua.compress_documents(make_documents(), QUESTION)
        record = documents[0].metadata["lingua"]
        assert "sold honey to sailors" in record["source_text"]
        values = {"documents": documents, "metadata": documents[0].metadata, "record": record}
        prompt = ChatPromptTemplate.from_template(template, template_format=template_format).invoke(values).to_string()
        assert "sold honey to sailors" not in prompt
        assert prompt.count("<lingua provenance: ") == len(documents) + 2

    @pytest.mark.parametrize(
        "template",
        [
            "{{ documents | map(attribute='metadata') | list | tojson }}",
            "{% for key, value in documents[0].metadata.lingua.items() %}{{ key }}: {{ value }} {% endfor %}",
        ],
    )
    def test_templates_that_go_through_the_record_do_not_show_what_was_dropped(
        self, compressor: PromptCompressor, template: str
    ) -> None:
        """A template that writes metadata as JSON, or each item of the record, shows no dropped text."""
        lingua = LongLLMLinguaCompressor(rate=0.2, add_provenance=True, compressor=compressor)
        documents = lingua.compress_documents(make_documents(), QUESTION)
        prompt = ChatPromptTemplate.from_template(template, template_format="jinja2").invoke({"documents": documents})
        assert "compressed_tokens" in prompt.to_string()
        assert "sold honey to sailors" not in prompt.to_string()

    @pytest.mark.parametrize("dump", [Document.model_dump_json, dumps, lambda d: str(d.model_dump())])
    def test_the_text_before_is_serialised_on_demand(
        self, compressor: PromptCompressor, dump: Callable[[Document], str]
    ) -> None:
        """Serialised documents hold the dropped text with `serialize_source` only."""
        held_back, written = (
            LongLLMLinguaCompressor(rate=0.2, add_provenance=True, serialize_source=on, compressor=compressor)
            for on in (False, True)
        )
        for lingua, expected in ((held_back, False), (written, True)):
            documents = lingua.compress_documents(make_documents(), QUESTION)
            assert ("sold honey to sailors" in dump(documents[0])) == expected
            assert "sold honey to sailors" not in str(documents)

    @pytest.mark.parametrize("value", ["it", None, {}, {"spans": []}, ["it"]], ids=repr)
    def test_metadata_of_the_users_own_is_not_replaced(
        self, compressor: PromptCompressor, scoring: OverlapScoring, value: Any
    ) -> None:
        """The error comes before any work, and names the key and the option; another key works."""
        documents = make_documents()
        documents[2].metadata["lingua"] = value
        lingua = LongLLMLinguaCompressor(rate=0.4, add_provenance=True, compressor=compressor)
        with pytest.raises(InvalidInputError, match=r"passage 2 holds .* key 'lingua', .* set provenance_key"):
            lingua.compress_documents(documents, QUESTION)
        assert scoring.opened == 0
        lingua.provenance_key = "kept"
        lingua.rate = 1
        shorter = lingua.compress_documents(documents, QUESTION)
        assert shorter[2].metadata["lingua"] == value
        assert all(isinstance(document.metadata["kept"], Provenance) for document in shorter)

    def test_without_provenance_the_key_is_the_users(self, lingua: LongLLMLinguaCompressor) -> None:
        """If no record is written, metadata under the key is not checked."""
        documents = [Document(text, metadata={"lingua": "en"}) for text in contents(make_documents())]
        assert {d.metadata["lingua"] for d in lingua.compress_documents(documents, QUESTION)} == {"en"}

    @pytest.mark.parametrize("through_json", [False, True])
    def test_an_earlier_record_is_replaced(self, compressor: PromptCompressor, *, through_json: bool) -> None:
        """Two compressors in a row work; the record is that of the second."""
        lingua = LongLLMLinguaCompressor(rate=0.6, unit="word", add_provenance=True, compressor=compressor)
        once = lingua.compress_documents(make_documents(), QUESTION)
        if through_json:
            once = [Document.model_validate_json(document.model_dump_json()) for document in once]
        twice = lingua.compress_documents(once, QUESTION)
        assert [d.metadata["lingua"]["source_text"] for d in twice if "source_characters" in d.metadata["lingua"]]
        texts = {document.id: document.page_content for document in once}
        for document in twice:
            assert document.metadata["lingua"].to_dict().get("source_text", texts[document.id]) == texts[document.id]


class TestGivenScores:
    """Scores of the retriever as a ranking signal."""

    def test_given_scores_rank(self, compressor: PromptCompressor) -> None:
        """The documents with the highest scores stay."""
        documents = [
            Document(text, metadata={"score": score})
            for text, score in zip(SAME_SIZE_TEXTS, [0.2, 0.9, 0.5], strict=True)
        ]
        lingua = LongLLMLinguaCompressor(
            rankers=("given",), score_key="score", max_passages=2, unit="word", compressor=compressor
        )
        assert [d.metadata["score"] for d in lingua.compress_documents(documents, QUESTION)] == [0.9, 0.5]

    def test_a_missing_score_is_named(self, compressor: PromptCompressor) -> None:
        """The error says how many lack a score, which document is the first of them, and the key."""
        documents = [Document("a", metadata={"score": 1}), Document("b", metadata={"page": 1})]
        lingua = LongLLMLinguaCompressor(rankers=("given",), score_key="score", compressor=compressor)
        with pytest.raises(InvalidInputError, match=r"1 of 2 have none \(document 1 first\); score_key='score'"):
            lingua.compress_documents(documents, QUESTION)

    def test_a_score_that_is_no_number_is_rejected(self, compressor: PromptCompressor) -> None:
        """A number in a string is rejected."""
        lingua = LongLLMLinguaCompressor(rankers=("given",), score_key="score", compressor=compressor)
        with pytest.raises(InvalidInputError, match=r"score 0 is '0\.5'"):
            lingua.compress_documents([Document("a", metadata={"score": "0.5"})], QUESTION)

    @pytest.mark.parametrize("options", [{"rankers": ("given",)}, {"score_key": "score"}])
    def test_ranker_and_key_go_together(self, options: dict[str, Any]) -> None:
        """One without the other fails at construction."""
        with pytest.raises(OptionsError, match="set both or neither"):
            LongLLMLinguaCompressor(**options)


class TestEngine:
    """Which engine is used, and when it is built."""

    def test_a_shared_engine_is_used(self, lingua: LongLLMLinguaCompressor, scoring: OverlapScoring) -> None:
        """Each call scores with the shared engine."""
        lingua.compress_documents(make_documents(), QUESTION)
        lingua.compress_documents(make_documents(), QUESTION)
        assert scoring.opened == 2

    def test_models_of_a_shared_engine_are_shown(self) -> None:
        """The model options show those of the shared engine."""
        engine = PromptCompressor(ModelOptions(model="owner/name"), scoring=OverlapScoring())
        assert LongLLMLinguaCompressor(compressor=engine).model == "owner/name"

    def test_other_models_than_those_of_a_shared_engine_are_rejected(self, compressor: PromptCompressor) -> None:
        """A model option that contradicts the shared engine fails at construction."""
        with pytest.raises(OptionsError, match="device is 'cuda', but that of the compressor handed in is 'auto'"):
            LongLLMLinguaCompressor(device="cuda", compressor=compressor)

    def test_models_of_a_shared_engine_cannot_be_changed(self, lingua: LongLLMLinguaCompressor) -> None:
        """A later model option that contradicts the shared engine is rejected, and the old one stays."""
        with pytest.raises(OptionsError, match="leave it out"):
            lingua.device = "cuda"
        assert lingua.device == "auto"

    def test_an_own_engine_has_the_models_asked_for(self) -> None:
        """Model options reach the engine."""
        lingua = LongLLMLinguaCompressor(model="owner/name", device="cpu", batch_tokens=64)
        assert ModelOptions(model="owner/name", device="cpu", batch_tokens=64) == lingua.engine().models

    def test_an_own_engine_is_built_on_first_use(self) -> None:
        """Construction builds nothing."""
        lingua = LongLLMLinguaCompressor(rate=1)
        assert lingua._engine is None
        lingua.compress_documents(make_documents(), QUESTION)
        assert lingua._engine is not None

    def test_an_own_engine_is_kept(self) -> None:
        """A change of other options keeps the engine."""
        lingua = LongLLMLinguaCompressor()
        engine = lingua.engine()
        lingua.rate = 0.2
        assert engine is lingua.engine()

    @pytest.mark.parametrize(
        ("option", "value"), [("model", "owner/name"), ("device", "cpu"), ("dtype", "float32"), ("revision", "main")]
    )
    def test_a_changed_model_option_leads_to_a_new_engine(self, option: str, value: str) -> None:
        """After a model option has changed, a new engine with that value is used."""
        lingua = LongLLMLinguaCompressor()
        engine = lingua.engine()
        setattr(lingua, option, value)
        assert engine is not lingua.engine()
        assert getattr(lingua.engine().models, option) == value

    def test_a_copy_shares_the_engine(self) -> None:
        """A copy with another rate shares the engine."""
        lingua = LongLLMLinguaCompressor()
        engine = lingua.engine()
        assert engine is lingua.model_copy(update={"rate": 0.2}).engine()

    def test_threads_build_one_engine(self) -> None:
        """Threads that ask for the engine at the same time get the same one."""
        lingua = LongLLMLinguaCompressor()
        with ThreadPoolExecutor(8) as pool:
            engines = list(pool.map(lambda _: lingua.engine(), range(32)))
        assert len({id(engine) for engine in engines}) == 1

    def test_threads_do_not_disturb_each_other(self, lingua: LongLLMLinguaCompressor) -> None:
        """Concurrent calls give the same results as calls one after another."""
        questions = [QUESTION, "When does the cafe open?", "Where are tickets sold?"] * 4
        alone = [lingua.compress_documents(make_documents(), question) for question in questions]
        with ThreadPoolExecutor(6) as pool:
            together = pool.map(lambda question: lingua.compress_documents(make_documents(), question), questions)
        assert alone == list(together)

    def test_a_used_compressor_can_be_pickled(self) -> None:
        """Pickling keeps the options, and the engine is built again."""
        lingua = LongLLMLinguaCompressor(rate=1, device="cpu")
        documents = lingua.compress_documents(make_documents(), QUESTION)
        loaded = pickle.loads(pickle.dumps(lingua))  # noqa: S301 - our own bytes
        assert lingua.model_dump() == loaded.model_dump()
        assert documents == loaded.compress_documents(make_documents(), QUESTION)

    def test_a_compressor_with_a_shared_engine_can_be_pickled(self) -> None:
        """Pickling keeps the shared engine's model options, and the original keeps its engine."""
        engine = PromptCompressor(ModelOptions(model="owner/name"), scoring=OverlapScoring())
        lingua = LongLLMLinguaCompressor(compressor=engine)
        loaded = pickle.loads(pickle.dumps(lingua))  # noqa: S301 - our own bytes
        assert (loaded.engine().models.model, loaded.model) == ("owner/name", "owner/name")
        assert lingua.compressor is engine


class TestFrameworks:
    """The retrievers, pipelines and chains that call the compressor."""

    async def test_async_gives_what_sync_gives(self, lingua: LongLLMLinguaCompressor) -> None:
        """The framework's asynchronous method gives the same result."""
        expected = lingua.compress_documents(make_documents(), QUESTION)
        assert expected == await lingua.acompress_documents(make_documents(), QUESTION)

    def test_in_a_compression_retriever(self, lingua: LongLLMLinguaCompressor, retriever: VectorStoreRetriever) -> None:
        """The retriever returns what the compressor keeps of the retrieved documents."""
        wrapped = ContextualCompressionRetriever(base_compressor=lingua, base_retriever=retriever)
        expected = lingua.compress_documents(retriever.invoke(QUESTION), QUESTION)
        assert expected == wrapped.invoke(QUESTION)

    async def test_in_a_compression_retriever_awaited(
        self, lingua: LongLLMLinguaCompressor, retriever: VectorStoreRetriever
    ) -> None:
        """The same, awaited."""
        wrapped = ContextualCompressionRetriever(base_compressor=lingua, base_retriever=retriever)
        assert wrapped.invoke(QUESTION) == await wrapped.ainvoke(QUESTION)

    def test_in_a_pipeline(self, compressor: PromptCompressor) -> None:
        """Chunks of a splitter are compressed like other documents."""
        splitter = CharacterTextSplitter(separator=". ", chunk_size=20, chunk_overlap=0)
        lingua = LongLLMLinguaCompressor(max_passages=1, unit="passage", compressor=compressor)
        pipeline = DocumentCompressorPipeline(transformers=[splitter, lingua])
        documents = [Document("Tea is sold. Gull Point. Bees hum.", metadata={"source": "a"})]
        splits = splitter.transform_documents(documents)
        assert lingua.compress_documents(splits, QUESTION) == pipeline.compress_documents(documents, QUESTION)

    async def test_in_a_pipeline_awaited(self, lingua: LongLLMLinguaCompressor) -> None:
        """The same, awaited."""
        pipeline = DocumentCompressorPipeline(transformers=[lingua])
        expected = lingua.compress_documents(make_documents(), QUESTION)
        assert expected == await pipeline.acompress_documents(make_documents(), QUESTION)

    def test_in_a_chain(self, lingua: LongLLMLinguaCompressor, retriever: VectorStoreRetriever) -> None:
        """The prompt holds what the compressor keeps, and nothing else."""
        chain = (
            {"documents": retriever, "question": RunnablePassthrough()}
            | lingua.as_runnable()
            | (lambda documents: {"context": "|".join(contents(documents))})
            | ChatPromptTemplate.from_template("{context}")
            | ParrotFakeChatModel()
            | StrOutputParser()
        )
        expected = contents(lingua.compress_documents(retriever.invoke(QUESTION), QUESTION))
        assert expected == chain.invoke(QUESTION).split("|")


class TestRunnable:
    """The compressor as a step of a chain."""

    def test_invoke(self, lingua: LongLLMLinguaCompressor) -> None:
        """The step returns what the compressor returns."""
        expected = lingua.compress_documents(make_documents(), QUESTION)
        assert expected == lingua.as_runnable().invoke({"documents": make_documents(), "question": QUESTION})

    async def test_ainvoke(self, lingua: LongLLMLinguaCompressor) -> None:
        """The same, awaited."""
        expected = lingua.compress_documents(make_documents(), QUESTION)
        assert expected == await lingua.as_runnable().ainvoke({"documents": make_documents(), "question": QUESTION})

    def test_batch(self, lingua: LongLLMLinguaCompressor) -> None:
        """A batch of inputs gives one output each."""
        questions = [QUESTION, "When does the cafe open?"]
        expected = [lingua.compress_documents(make_documents(), question) for question in questions]
        inputs = [{"documents": make_documents(), "question": question} for question in questions]
        assert expected == lingua.as_runnable().batch(inputs)

    def test_further_keys_are_ignored(self, lingua: LongLLMLinguaCompressor) -> None:
        """The step can replace the documents in a larger input."""
        chain = RunnablePassthrough.assign(documents=lingua.as_runnable())
        found = chain.invoke({"documents": make_documents(), "question": QUESTION, "language": "en"})
        expected = lingua.compress_documents(make_documents(), QUESTION)
        assert {"documents": expected, "question": QUESTION, "language": "en"} == found

    def test_a_later_change_of_options_counts(self, lingua: LongLLMLinguaCompressor) -> None:
        """The step uses the compressor itself, so that later options count."""
        step = lingua.as_runnable()
        lingua.rate = 1
        assert make_documents() == step.invoke({"documents": make_documents(), "question": QUESTION})

    def test_it_has_a_name(self, lingua: LongLLMLinguaCompressor) -> None:
        """Traces show the name of the compressor."""
        assert lingua.as_runnable().get_name() == "LongLLMLinguaCompressor"

    @pytest.mark.parametrize(
        ("inputs", "named"),
        [
            ({"documents": []}, "no 'question', only \\['documents'\\]"),
            ({"question": "?"}, "no 'documents', only"),
            ({}, "no 'documents' and no 'question'"),
        ],
    )
    def test_a_missing_key_is_named(self, lingua: LongLLMLinguaCompressor, inputs: dict[str, Any], named: str) -> None:
        """The error names the missing and the expected keys."""
        with pytest.raises(InvalidInputError, match=named):
            lingua.as_runnable().invoke(inputs)

    def test_an_input_without_keys_is_rejected(self, lingua: LongLLMLinguaCompressor) -> None:
        """A question alone is rejected."""
        with pytest.raises(InvalidTypeError, match="the input is of type str; give"):
            lingua.as_runnable().invoke(QUESTION)  # type: ignore[arg-type]

    def test_callbacks_of_the_config_reach_it(self, lingua: LongLLMLinguaCompressor) -> None:
        """A handler in the config gets the event."""
        events = Events()
        inputs = {"documents": make_documents(), "question": QUESTION}
        lingua.as_runnable().invoke(inputs, config={"callbacks": [events]})
        assert [name for name, _, _ in events.received] == ["lingua_compression"]

    async def test_callbacks_of_the_config_reach_it_awaited(self, lingua: LongLLMLinguaCompressor) -> None:
        """The same, awaited, with an async handler."""
        events = AsyncEvents()
        inputs = {"documents": make_documents(), "question": QUESTION}
        await lingua.as_runnable().ainvoke(inputs, config={"callbacks": [events]})
        assert [name for name, _, _ in events.received] == ["lingua_compression"]


class TestCallbacks:
    """The event about a compression."""

    def test_the_event_holds_counts(self, lingua: LongLLMLinguaCompressor) -> None:
        """Passages, tokens, rate, time, method and model, and the run it belongs to."""
        events, run_id = Events(), uuid4()
        manager = CallbackManager(handlers=[events], parent_run_id=run_id)
        documents = lingua.compress_documents(make_documents(), QUESTION, callbacks=manager)
        [(name, data, of_run)] = events.received
        assert (name, of_run) == ("lingua_compression", run_id)
        assert (data["passages_in"], data["passages_out"]) == (4, len(documents))
        assert data["rate"] == data["compressed_tokens"] / data["original_tokens"] <= 0.4
        assert data["seconds"] > 0
        assert (data["method"], data["model"]) == (lingua.method, "smollm2-135m")

    def test_the_event_holds_no_text(self, lingua: LongLLMLinguaCompressor) -> None:
        """It holds neither text of documents nor the question."""
        events = Events()
        manager = CallbackManager(handlers=[events], parent_run_id=uuid4())
        lingua.compress_documents(make_documents(), QUESTION, callbacks=manager)
        assert "lighthouse" not in str(events.received)

    async def test_an_async_manager_gets_the_event(self, lingua: LongLLMLinguaCompressor) -> None:
        """An awaited compression reaches sync and async handlers."""
        both = Events(), AsyncEvents()
        manager = AsyncCallbackManager(handlers=list(both), parent_run_id=uuid4())
        await lingua.acompress_documents(make_documents(), QUESTION, callbacks=manager)
        assert [len(events.received) for events in both] == [1, 1]

    def test_handlers_without_a_run_get_no_event(self, lingua: LongLLMLinguaCompressor) -> None:
        """A plain list of handlers belongs to no run and gets no event; compression works."""
        events = Events()
        assert lingua.compress_documents(make_documents(), QUESTION, callbacks=[events])
        assert events.received == []

    def test_handlers_of_a_retriever_get_the_event(
        self, lingua: LongLLMLinguaCompressor, retriever: VectorStoreRetriever
    ) -> None:
        """A handler in the config of the surrounding retriever gets the event."""
        events = Events()
        wrapped = ContextualCompressionRetriever(base_compressor=lingua, base_retriever=retriever)
        wrapped.invoke(QUESTION, config={"callbacks": [events]})
        assert [data["passages_in"] for _, data, _ in events.received] == [4]


def test_a_missing_framework_is_named() -> None:
    """Without langchain-core, the import says what to install."""
    program = (
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "PathFinder.find_spec = lambda name, *rest: None if name == 'langchain_core' else find(name, *rest)\n"
        "import langchain_lingua"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.stderr.splitlines()[-1] == (
        "ImportError: langchain_lingua needs langchain-core; install it with `pip install 'rag-lingua[langchain]'`"
    )
