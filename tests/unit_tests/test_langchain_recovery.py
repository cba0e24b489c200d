"""Recovery at the end of LangChain chains, over an engine without a model and with the framework's own models."""

import asyncio
import json
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from copy import deepcopy
from enum import StrEnum
from functools import partial, reduce
from itertools import pairwise
from operator import add
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_classic.chains import create_retrieval_chain
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.load import dumpd, load
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.output_parsers import JsonOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableParallel, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore
from pydantic import BaseModel

from langchain_lingua import LongLLMLinguaCompressor, RecoverAnswer, recovering
from lingua_shared import InvalidInputError, InvalidTypeError, OptionsError, PromptCompressor, RecoveryOptions
from tests.lighthouse import ANSWER, KEPT, QUESTION, RECOVERED, REPLACEMENT, SOURCE, TEXTS
from tests.marked import spans_of

MARKED = (
    "The lighthouse at Gull Point was [[first ]]lit [[on a clear and cold night in March 1884 ]]by [[its ]]"
    "keeper Ada Marsh."
)
BIRTH = "Ida Brook was born on January [[20, ]]1985 in Kelm."

SERIALISATIONS: dict[str, Callable[[Document], Any]] = {
    "python": lambda document: Document.model_validate(document.model_dump()),
    "json": lambda document: Document.model_validate_json(document.model_dump_json()),
    "langchain": lambda document: load(json.loads(json.dumps(dumpd(document))), allowed_objects=[Document]),
}
"""Ways of storing and loading a document."""


@pytest.fixture(name="lingua")
def _lingua(compressor: PromptCompressor) -> LongLLMLinguaCompressor:
    """A configuration that keeps `KEPT` of the texts."""
    return LongLLMLinguaCompressor(target_tokens=14, unit="word", add_provenance=True, compressor=compressor)


@pytest.fixture(name="documents")
def _documents(lingua: LongLLMLinguaCompressor) -> list[Document]:
    """The compressed texts."""
    return list(lingua.compress_documents([Document(text) for text in TEXTS], QUESTION))


@pytest.fixture(name="inputs")
def _inputs(documents: list[Document]) -> dict[str, Any]:
    """The input of the recovery step: documents, question and the model's answer."""
    return {"documents": documents, "question": QUESTION, "answer": ANSWER}


def marked_document(marked: str, **provenance: Any) -> Document:
    """A compressed document with its record; text between [[ and ]] was dropped."""
    source, spans = spans_of(marked)
    text = "".join(source[start:end] for start, end in spans)
    record = {"relevance": None, "spans": [list(span) for span in spans], "source_text": source, **provenance}
    return Document(text, metadata={"lingua": record})


def model(answer: str = ANSWER) -> Runnable[dict[str, Any], Any]:
    """A prompt and a chat model that always gives this answer, streamed letter by letter."""
    return ChatPromptTemplate.from_template("{question} {documents}") | FakeListChatModel(responses=[answer])


def says(*chunks: Any) -> Runnable[dict[str, Any], Any]:
    """A runnable that streams these chunks."""

    def sync(_inputs: Iterator[Any]) -> Iterator[Any]:
        yield from chunks

    async def later(_inputs: AsyncIterator[Any]) -> AsyncIterator[Any]:
        for chunk in chunks:
            yield chunk

    return RunnableGenerator(sync, later)


def chunk_of(content: Any, **fields: Any) -> AIMessageChunk:
    return AIMessageChunk(content=content, **fields)


def about_ida(answer: Any, *, structured: bool = True) -> Any:
    """An answer about the birth of Ida Brook, recovered."""
    inputs = {"documents": [marked_document(BIRTH)], "question": "When?", "answer": answer}
    return RecoverAnswer(recover_structured=structured).invoke(inputs)


def streamed_about_ida(*chunks: Any, structured: bool = True) -> list[Any]:
    """The chunks of such an answer, recovered."""
    chain = recovering(says(*chunks), recover_structured=structured)
    return list(chain.stream({"documents": [marked_document(BIRTH)], "question": "When?"}))


class TestStep:
    """`RecoverAnswer` with whole answers."""

    def test_invoke(self, inputs: dict[str, Any]) -> None:
        """The answer is restored and the replacements are added; other keys stay."""
        found = RecoverAnswer().invoke({**inputs, "language": "en"})
        [made] = found.pop("replacements")
        assert found == {**inputs, "answer": RECOVERED, "language": "en"}
        assert made.pop("reason").startswith("1 word dropped here")
        assert made == REPLACEMENT

    def test_inputs_are_not_changed(self, inputs: dict[str, Any]) -> None:
        """The input is not changed."""
        RecoverAnswer().invoke(inputs)
        assert set(inputs) == {"documents", "question", "answer"}
        assert inputs["answer"] == ANSWER

    async def test_ainvoke(self, inputs: dict[str, Any]) -> None:
        """The same, awaited."""
        assert await RecoverAnswer().ainvoke(inputs) == RecoverAnswer().invoke(inputs)

    def test_batch(self, inputs: dict[str, Any]) -> None:
        """A batch of answers is recovered one by one."""
        found = RecoverAnswer().batch([inputs, {**inputs, "answer": "In spring."}])
        assert [one["answer"] for one in found] == [RECOVERED, "In spring."]

    def test_stream(self, inputs: dict[str, Any]) -> None:
        """The chunks add up to the result of `invoke`."""
        assert reduce(add, RecoverAnswer().stream(inputs)) == RecoverAnswer().invoke(inputs)

    async def test_astream(self, inputs: dict[str, Any]) -> None:
        """The same, awaited."""
        chunks = [chunk async for chunk in RecoverAnswer().astream(inputs)]
        assert reduce(add, chunks) == RecoverAnswer().invoke(inputs)

    def test_other_keys(self, inputs: dict[str, Any]) -> None:
        """The keys can have other names."""
        step = RecoverAnswer(
            documents_key="context", question_key="input", answer_key="output", replacements_key="changes"
        )
        found = step.invoke({"context": inputs["documents"], "input": QUESTION, "output": ANSWER})
        assert (found["output"], len(found["changes"])) == (RECOVERED, 1)

    def test_options_count(self, inputs: dict[str, Any]) -> None:
        """What the options exclude is not restored."""
        found = RecoverAnswer(options=RecoveryOptions(kinds=("date",))).invoke(inputs)
        assert (found["answer"], found["replacements"]) == (ANSWER, [])

    def test_unknown_options_are_rejected(self) -> None:
        """A misspelt option is an error."""
        with pytest.raises(OptionsError, match="no option 'document_key'; did you mean 'documents_key'"):
            RecoverAnswer(document_key="context")  # type: ignore[call-arg]

    def test_what_the_question_says_is_left_alone(self, inputs: dict[str, Any]) -> None:
        """Words of the question are not changed."""
        assert RecoverAnswer().invoke({**inputs, "question": f"Is it true? {KEPT}"})["answer"] == ANSWER

    def test_a_right_answer_stays(self, inputs: dict[str, Any]) -> None:
        """An answer that quotes a source word by word does not change."""
        found = RecoverAnswer().invoke({**inputs, "answer": SOURCE})
        assert (found["answer"], found["replacements"]) == (SOURCE, [])

    @pytest.mark.parametrize(
        ("missing", "named"),
        [
            (("answer",), "no 'answer', only \\['documents', 'question'\\]"),
            (("documents", "question"), "no 'question'"),
        ],
    )
    @pytest.mark.parametrize("streaming", [False, True])
    def test_a_missing_key_is_named(
        self, inputs: dict[str, Any], missing: tuple[str, ...], named: str, *, streaming: bool
    ) -> None:
        """The error names the missing and the expected keys, streamed or not."""
        given_keys = {key: value for key, value in inputs.items() if key not in missing}
        with pytest.raises(InvalidInputError, match=named):
            list(RecoverAnswer().stream(given_keys)) if streaming else RecoverAnswer().invoke(given_keys)

    def test_an_input_without_keys_is_rejected(self) -> None:
        """An answer alone, without documents, is rejected."""
        with pytest.raises(InvalidTypeError, match="the input is of type str; give"):
            RecoverAnswer().invoke(ANSWER)  # type: ignore[arg-type]
        with pytest.raises(InvalidTypeError, match="the input is of type str; give"):
            list(RecoverAnswer().stream(ANSWER))  # type: ignore[arg-type]


class TestProvenance:
    """What recovery reads from the documents."""

    def test_provenance_has_the_text_before(self, documents: list[Document]) -> None:
        """The record of a document that was cut has the text before; spans refer to that text."""
        [document] = documents
        record = document.metadata["lingua"]
        assert (document.page_content, record["source_text"]) == (KEPT, SOURCE)
        assert [SOURCE[start:end] for start, end in record["spans"]][1] == "lit "

    def test_a_whole_document_has_no_second_text(self, compressor: PromptCompressor) -> None:
        """If nothing was cut, the text is not stored twice, and recovery does not change the answer."""
        lingua = LongLLMLinguaCompressor(rate=1, add_provenance=True, compressor=compressor)
        documents = lingua.compress_documents([Document(text) for text in TEXTS], QUESTION)
        assert all("source_text" not in document.metadata["lingua"] for document in documents)
        inputs = {"documents": documents, "question": QUESTION, "answer": ANSWER}
        assert RecoverAnswer().invoke(inputs)["answer"] == ANSWER

    @pytest.mark.parametrize("serialize_source", [False, True])
    @pytest.mark.parametrize(
        "again",
        [
            lambda document: pickle.loads(pickle.dumps(document)),  # noqa: S301 - our own bytes
            deepcopy,
            Document.model_copy,
            partial(Document.model_copy, deep=True),
            lambda document: Document(document.page_content, metadata={**document.metadata}),
        ],
        ids=["pickle", "deepcopy", "model_copy", "deep model_copy", "new document"],
    )
    def test_documents_survive_copying(
        self, lingua: LongLLMLinguaCompressor, again: Callable[[Document], Document], *, serialize_source: bool
    ) -> None:
        """Answers are recovered from copies of the documents, too."""
        lingua.serialize_source = serialize_source
        [document] = lingua.compress_documents([Document(text) for text in TEXTS], QUESTION)
        inputs = {"documents": [again(document)], "question": QUESTION, "answer": ANSWER}
        assert RecoverAnswer().invoke(inputs)["answer"] == RECOVERED

    @pytest.mark.filterwarnings("ignore:The function `load` is in beta")
    @pytest.mark.parametrize("through", SERIALISATIONS.values(), ids=SERIALISATIONS)
    def test_documents_survive_serialisation(
        self, lingua: LongLLMLinguaCompressor, through: Callable[[Document], Document]
    ) -> None:
        """With `serialize_source`, documents that were stored and loaded recover as well."""
        lingua.serialize_source = True
        [document] = lingua.compress_documents([Document(text) for text in TEXTS], QUESTION)
        inputs = {"documents": [through(document)], "question": QUESTION, "answer": ANSWER}
        assert RecoverAnswer().invoke(inputs)["answer"] == RECOVERED

    @pytest.mark.filterwarnings("ignore:The function `load` is in beta")
    @pytest.mark.parametrize("through", SERIALISATIONS.values(), ids=SERIALISATIONS)
    def test_a_source_text_that_was_not_serialised_is_an_error(
        self, inputs: dict[str, Any], through: Callable[[Document], Document]
    ) -> None:
        """Without the option the error names it, before a model is asked; `to_dict` serialises a single record."""
        [document] = inputs["documents"]
        stored = {**inputs, "documents": [through(document)]}
        with pytest.raises(InvalidInputError, match=r"document 0 has lost its source text, .* serialize_source=True"):
            RecoverAnswer().invoke(stored)
        asked: list[Any] = []
        with pytest.raises(InvalidInputError, match=r"lost its source text"):
            recovering(RunnableLambda(asked.append)).invoke(stored)
        assert asked == []
        document.metadata["lingua"] = document.metadata["lingua"].to_dict()
        assert RecoverAnswer().invoke({**inputs, "documents": [through(document)]})["answer"] == RECOVERED

    def test_another_key(self, lingua: LongLLMLinguaCompressor) -> None:
        """Provenance under a key of the user's choice is read from there."""
        lingua.provenance_key = "kept"
        documents = lingua.compress_documents([Document(text, metadata={"lingua": "en"}) for text in TEXTS], QUESTION)
        inputs = {"documents": documents, "question": QUESTION, "answer": ANSWER}
        assert RecoverAnswer(provenance_key="kept").invoke(inputs)["answer"] == RECOVERED
        chain = recovering(RunnableLambda(lambda _: ANSWER), provenance_key="kept")
        assert chain.invoke(inputs) == RECOVERED
        with pytest.raises(InvalidInputError, match="add_provenance=True"):
            RecoverAnswer().invoke(inputs)

    def test_without_provenance_the_error_names_the_option(
        self, compressor: PromptCompressor, inputs: dict[str, Any]
    ) -> None:
        """Without the option an error names it, streamed or not."""
        lingua = LongLLMLinguaCompressor(target_tokens=14, unit="word", compressor=compressor)
        bare = lingua.compress_documents([Document(text) for text in TEXTS], QUESTION)
        with pytest.raises(InvalidInputError, match=r"none of the 1 documents .* set add_provenance=True"):
            RecoverAnswer().invoke({**inputs, "documents": bare})
        with pytest.raises(InvalidInputError, match="add_provenance=True"):
            list(recovering(model()).stream({**inputs, "documents": bare}))

    def test_without_documents_the_answer_stays(self) -> None:
        """Without documents the answer stays."""
        found = RecoverAnswer().invoke({"documents": [], "question": "?", "answer": ANSWER})
        assert (found["answer"], found["replacements"]) == (ANSWER, [])

    def test_what_is_no_document_is_rejected(self) -> None:
        """Plain text instead of documents is rejected."""
        with pytest.raises(InvalidTypeError, match="document 0 is of type str"):
            RecoverAnswer().invoke({"documents": [KEPT], "question": "?", "answer": ANSWER})

    def test_a_document_that_was_not_compressed_counts_as_a_source(self) -> None:
        """A quotation of an uncompressed passage was not damaged and stays."""
        documents = [marked_document(BIRTH), Document("The mole broke in January 1985.")]
        found = RecoverAnswer().invoke({"documents": documents, "question": "?", "answer": "In January 1985."})
        assert found["answer"] == "In January 1985."

    def test_the_most_relevant_document_is_named(self) -> None:
        """Of two documents with the same text, the more relevant one is named as the source."""
        documents = [marked_document(BIRTH, relevance=0.5), marked_document(BIRTH, relevance=2.5)]
        found = RecoverAnswer().invoke({"documents": documents, "question": "?", "answer": "In January 1985."})
        assert [made["passage"] for made in found["replacements"]] == [1]


class Birth(BaseModel):
    """A structured answer."""

    when: str
    where: list[str] = []


class Month(StrEnum):
    """A closed choice."""

    JANUARY = "January 1985"


CALL = {"name": "note", "args": {"when": "January 1985", "year": 1985}, "id": "call-1", "type": "tool_call"}
CALL_NOW = {**CALL, "args": {"when": "January 20, 1985", "year": 1985}}


class TestMessages:
    """Answers that are messages."""

    def test_text(self) -> None:
        """The text is restored; id, usage and metadata stay."""
        usage = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
        message = AIMessage("In January 1985.", id="m-1", usage_metadata=usage, response_metadata={"model": "tiny"})
        found = about_ida(message)
        assert found["answer"] == message.model_copy(update={"content": "In January 20, 1985."})
        assert [made["path"] for made in found["replacements"]] == [["content"]]

    def test_blocks(self) -> None:
        """Text blocks are restored; reasoning and images stay."""
        content: list[str | dict[Any, Any]] = [
            {"type": "reasoning", "reasoning": "In January 1985?"},
            {"type": "text", "text": "In January 1985."},
            "January 1985",
            {"type": "image", "url": "https://example.org/January 1985"},
        ]
        found = about_ida(AIMessage(content))
        expected = [content[0], {"type": "text", "text": "In January 20, 1985."}, "January 20, 1985", content[3]]
        assert found["answer"].content == expected
        assert [made["path"] for made in found["replacements"]] == [["content", 1, "text"], ["content", 2]]

    def test_tool_calls(self) -> None:
        """The strings in a tool call's arguments are restored."""
        found = about_ida(AIMessage("", tool_calls=[CALL]))
        assert found["answer"].tool_calls == [CALL_NOW]
        assert [made["path"] for made in found["replacements"]] == [["tool_calls", 0, "args", "when"]]

    def test_tool_calls_of_a_chunk(self) -> None:
        """In an answer that is a chunk, the tool call chunks are restored as well."""
        answer = about_ida(chunk_of("In January 1985.", tool_calls=[CALL]))["answer"]
        assert (answer.content, answer.tool_calls) == ("In January 20, 1985.", [CALL_NOW])
        assert (answer + chunk_of("")).tool_calls == [CALL_NOW]

    def test_tool_calls_can_be_left_alone(self) -> None:
        """The option leaves tool calls as they are, but not the text beside them."""
        answer = about_ida(AIMessage("In January 1985.", tool_calls=[CALL]), structured=False)["answer"]
        assert (answer.content, answer.tool_calls) == ("In January 20, 1985.", [CALL])


class TestStructuredAnswers:
    """Answers that are dictionaries, lists or pydantic objects."""

    def test_dictionaries_and_lists(self) -> None:
        """Strings are restored; keys and numbers stay."""
        found = about_ida({"January 1985": ["January 1985", 1985, None], "more": {"when": "in January 1985"}})
        assert found["answer"] == {
            "January 1985": ["January 20, 1985", 1985, None],
            "more": {"when": "in January 20, 1985"},
        }
        assert [made["path"] for made in found["replacements"]] == [["January 1985", 0], ["more", "when"]]

    def test_members_of_an_enumeration_stay(self) -> None:
        """Members of an enumeration are strings but are not changed."""
        answer = {"when": Month.JANUARY}
        assert about_ida(answer)["answer"]["when"] is Month.JANUARY

    def test_pydantic(self) -> None:
        """An object keeps its class."""
        assert about_ida(Birth(when="January 1985"))["answer"] == Birth(when="January 20, 1985")

    @pytest.mark.parametrize("answer", [{"when": "January 1985"}, ["January 1985"], Birth(when="January 1985"), 1985])
    def test_they_can_be_left_alone(self, answer: Any) -> None:
        """The option leaves them as they are."""
        assert about_ida(answer, structured=False)["answer"] == answer

    @pytest.mark.parametrize(
        "chunks",
        [
            pytest.param([[], ["Ida Brook was born on January"], ["Ida Brook was born on January 1985 in Kelm.", "b"]],
                         id="a list as far as it is read"),
            pytest.param([["Ida Brook was born on January 1985 in Kelm."], ["b"]], id="pieces of a list"),
        ],
    )  # fmt: skip
    def test_lists_that_stream(self, chunks: list[list[str]]) -> None:
        """Parsers stream a growing list, other runnables stream its parts; both are added up."""
        document = marked_document(BIRTH)
        chain = recovering(says(*chunks))
        streamed = list(chain.stream({"documents": [document], "question": "Who?"}))
        assert streamed[-1] == ["Ida Brook was born on January 20, 1985 in Kelm.", "b"]

    def test_a_parser_that_streams(self) -> None:
        """The last state of a growing answer is restored and returned once."""
        chain = recovering(model('{"when": "January 1985", "where": "Kelm"}') | JsonOutputParser())
        inputs = {"documents": [marked_document(BIRTH)], "question": "When?"}
        expected = {"when": "January 20, 1985", "where": "Kelm"}
        assert list(chain.stream(inputs)) == [expected]
        assert chain.invoke(inputs) == expected


class TestStreams:
    """Answers that stream through `recovering`."""

    def test_stream(self, inputs: dict[str, Any]) -> None:
        """The chunks add up to the restored answer, and the first comes before the answer is complete."""
        chunks = list(recovering(model() | StrOutputParser()).stream(inputs))
        assert "".join(chunks) == RECOVERED
        assert len(chunks) > 5
        assert chunks[0] == "I "

    async def test_astream(self, inputs: dict[str, Any]) -> None:
        """The same, awaited."""
        chain = recovering(model() | StrOutputParser())
        assert [chunk async for chunk in chain.astream(inputs)] == list(chain.stream(inputs))

    async def test_invoke(self, inputs: dict[str, Any]) -> None:
        """`invoke`, `ainvoke` and `batch` give the same."""
        chain = recovering(model() | StrOutputParser())
        assert chain.invoke(inputs) == await chain.ainvoke(inputs) == RECOVERED
        assert chain.batch([inputs, inputs]) == [RECOVERED, RECOVERED]

    async def test_astream_events(self, inputs: dict[str, Any]) -> None:
        """Events of the step have the restored text, those of the model its own text."""
        del inputs["answer"]
        chain = recovering(model() | StrOutputParser())
        texts = {"RecoverAnswer": "", "FakeListChatModel": ""}
        async for event in chain.astream_events(inputs, version="v2"):
            chunk: Any = event["data"].get("chunk")
            if event["event"] == "on_chain_stream" and event["name"] == "RecoverAnswer":
                texts["RecoverAnswer"] += next((text for key, text in chunk.items() if key.endswith("answer")), "")
            elif event["event"] == "on_chat_model_stream":
                texts["FakeListChatModel"] += chunk.content
        assert texts == {"RecoverAnswer": RECOVERED, "FakeListChatModel": ANSWER}

    def test_messages(self, inputs: dict[str, Any]) -> None:
        """Message chunks keep their id, and the last one is marked as last."""
        chunks = list(recovering(model()).stream(inputs))
        assert {type(chunk) for chunk in chunks} == {AIMessageChunk}
        assert "".join(chunk.content for chunk in chunks) == RECOVERED
        assert len({chunk.id for chunk in chunks}) == 1
        assert [chunk.chunk_position for chunk in chunks] == [None] * (len(chunks) - 1) + ["last"]

    def test_usage_comes_through(self) -> None:
        """Usage that comes after the text is passed on."""
        usage = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
        chunks = streamed_about_ida(chunk_of("In January "), chunk_of("1985"), chunk_of("", usage_metadata=usage))
        whole = reduce(add, chunks)
        assert (whole.content, whole.usage_metadata) == ("In January 20, 1985", usage)

    def test_blocks(self) -> None:
        """Text blocks continue by their index, and held-back text is returned before the next block."""
        parts = [
            [{"type": "reasoning", "reasoning": "January 1985?", "index": 0}],
            [{"type": "text", "text": "In Janu", "index": 1}],
            [{"type": "text", "text": "ary 1985", "index": 1}],
            [{"type": "text", "text": "and in January", "index": 2}],
            [{"type": "text", "text": " 1985 she", "index": 2}, {"type": "text", "text": "January 1985"}],
            [],
        ]
        chunks = streamed_about_ida(*(chunk_of(part, id="m-1") for part in parts))
        texts = [block.get("text", "") for chunk in chunks for block in chunk.content]
        assert "".join(texts) == "In January 20, 1985and in January 20, 1985 sheJanuary 20, 1985"
        assert reduce(add, chunks).content == [
            {"type": "reasoning", "reasoning": "January 1985?", "index": 0},
            {"type": "text", "text": "In January 20, 1985", "index": 1},
            {"type": "text", "text": "and in January 20, 1985 she", "index": 2},
            {"type": "text", "text": "January 20, 1985"},
        ]

    def test_paths_of_blocks_are_those_of_the_whole(self) -> None:
        """Replacements in a stream have the path of their block in the whole message."""
        parts = [
            [{"type": "reasoning", "reasoning": "so", "index": 0}],
            [{"type": "text", "text": "In January 1985", "index": 1}],
        ]
        chain = RunnablePassthrough.assign(answer=says(*map(chunk_of, parts))) | RecoverAnswer()
        found = reduce(add, chain.stream({"documents": [marked_document(BIRTH)], "question": "When?"}))
        assert [made["path"] for made in found["replacements"]] == [["content", 1, "text"]]

    def test_text_and_then_blocks(self) -> None:
        """Nothing is lost when text chunks are followed by blocks."""
        chunks = streamed_about_ida(chunk_of("In January"), chunk_of([{"type": "text", "text": "1985", "index": 0}]))
        texts = [c.content if isinstance(c.content, str) else "".join(b["text"] for b in c.content) for c in chunks]
        assert "".join(texts) == "In January1985"

    def test_tool_calls(self) -> None:
        """Tool calls come whole and restored at the end; the text beside them streams."""
        chunks = streamed_about_ida(*self._call_chunks())
        assert "".join(chunk.content for chunk in chunks) == "In January 20, 1985."
        assert [bool(chunk.tool_call_chunks) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
        assert reduce(add, chunks).tool_calls == [CALL_NOW]

    def test_tool_calls_can_be_left_alone(self) -> None:
        """If the option is off, tool calls stream unchanged."""
        chunks = streamed_about_ida(*self._call_chunks(), structured=False)
        assert sum(bool(chunk.tool_call_chunks) for chunk in chunks) == 3
        assert reduce(add, chunks).tool_calls == [CALL]

    @staticmethod
    def _call_chunks() -> list[AIMessageChunk]:
        args = json.dumps(CALL["args"])
        pieces = [{"name": "note", "args": "", "id": "call-1"}, {"args": args[:12]}, {"args": args[12:]}]
        calls = [{"name": None, "id": None, "index": 0, "type": "tool_call_chunk", **piece} for piece in pieces]
        text = [chunk_of("In January "), chunk_of("1985.")]
        return [*text, *(chunk_of("", tool_call_chunks=[call]) for call in calls)]

    def test_a_model_that_does_not_stream(self) -> None:
        """A whole message is returned as one."""
        found = streamed_about_ida(AIMessage("In January 1985."))
        assert found == [AIMessage("In January 20, 1985.")]

    def test_whole_messages_are_not_added_up(self) -> None:
        """Of several whole messages, the last one is the answer."""
        found = streamed_about_ida(AIMessage("Let me see."), AIMessage("In January 1985."))
        assert found == [AIMessage("In January 20, 1985.")]

    def test_an_empty_answer(self) -> None:
        """An empty answer is returned as one."""
        assert streamed_about_ida("") == [""]
        assert recovering(says("")).invoke({"documents": [marked_document(BIRTH)], "question": "?"}) == ""

    @given(st.lists(st.integers(0, len(ANSWER)), max_size=12))
    def test_any_split_gives_the_same(self, cuts: list[int]) -> None:
        """Any split into chunks adds up to the restored answer, as text and as messages."""
        borders = [0, *sorted(cuts), len(ANSWER)]
        chunks = [ANSWER[start:end] for start, end in pairwise(borders)]
        inputs = {"documents": [marked_document(MARKED)], "question": QUESTION}
        assert "".join(recovering(says(*chunks)).stream(inputs)) == RECOVERED
        messages = recovering(says(*map(chunk_of, chunks))).stream(inputs)
        assert reduce(add, messages).content == RECOVERED


class TestChains:
    """Whole chains, from retrieval to the recovered answer."""

    @pytest.fixture(name="retriever")
    def _retriever(self, lingua: LongLLMLinguaCompressor) -> ContextualCompressionRetriever:
        """A retriever that finds all texts and compresses them."""
        store = InMemoryVectorStore.from_texts(list(TEXTS), embedding=DeterministicFakeEmbedding(size=8))
        return ContextualCompressionRetriever(base_compressor=lingua, base_retriever=store.as_retriever())

    def test_with_a_compression_retriever(self, retriever: ContextualCompressionRetriever) -> None:
        """Documents and answer are returned together, with the same result streamed and whole."""
        chain = (
            RunnableParallel(question=RunnablePassthrough(), documents=retriever)
            | RunnablePassthrough.assign(answer=model() | StrOutputParser())
            | RecoverAnswer()
        )
        found = chain.invoke(QUESTION)
        assert (found["answer"], [document.page_content for document in found["documents"]]) == (RECOVERED, [KEPT])
        chunks = list(chain.stream(QUESTION))
        assert sum("answer" in chunk for chunk in chunks) > 5
        assert reduce(add, chunks) == found

    def test_behind_the_frameworks_retrieval_chain(self, retriever: ContextualCompressionRetriever) -> None:
        """It works behind a chain of the framework with other keys, also streamed."""
        chain = create_retrieval_chain(retriever, says(ANSWER[:30], ANSWER[30:])) | RecoverAnswer(
            documents_key="context", question_key="input"
        )
        found = chain.invoke({"input": QUESTION})
        assert (found["answer"], len(found["replacements"])) == (RECOVERED, 1)
        assert reduce(add, chain.stream({"input": QUESTION})) == found

    def test_with_the_compressor_as_a_step(self, lingua: LongLLMLinguaCompressor) -> None:
        """`as_runnable` and `recovering` work in one chain."""
        chain = RunnablePassthrough.assign(documents=lingua.as_runnable()) | recovering(model() | StrOutputParser())
        inputs = {"documents": [Document(text) for text in TEXTS], "question": QUESTION}
        assert "".join(chain.stream(inputs)) == chain.invoke(inputs) == RECOVERED

    def test_with_a_model_that_streams_words(self, inputs: dict[str, Any]) -> None:
        """It works with a model that streams word by word."""
        spoken = GenericFakeChatModel(messages=iter([AIMessage(ANSWER)]))
        chain = recovering(ChatPromptTemplate.from_template("{question}") | spoken | StrOutputParser())
        assert "".join(chain.stream(inputs)) == RECOVERED

    def test_an_answer_before_its_documents_waits(self, inputs: dict[str, Any]) -> None:
        """Keys may come in any order; the answer waits for the documents."""
        keys = [
            {"answer": ANSWER[:20]},
            {"question": QUESTION},
            {"answer": ANSWER[20:]},
            {"documents": inputs["documents"]},
        ]
        found = list(RecoverAnswer().transform(iter(keys)))
        assert [list(chunk) for chunk in found[:2]] == [["question"], ["documents"]]
        assert reduce(add, found) == RecoverAnswer().invoke(inputs)

    def test_documents_that_come_late_are_an_error(self, inputs: dict[str, Any]) -> None:
        """Documents that come after the answer began would be missed, so they raise."""
        with pytest.raises(InvalidInputError, match="'documents' goes on after the answer began"):
            list(RecoverAnswer().transform(iter([inputs, {"documents": inputs["documents"]}])))

    def test_a_question_that_comes_late_is_an_error(self, inputs: dict[str, Any]) -> None:
        """A question that continues after the answer began raises."""
        chunks: list[dict[str, Any]] = [inputs, {"question": " Or by whom?"}]
        with pytest.raises(InvalidInputError, match="question"):
            list(RecoverAnswer().transform(iter(chunks)))

    @pytest.mark.parametrize(
        ("update", "message"),
        [({"documents": [Document("As it is.")]}, "add_provenance=True"), ({"question": 3}, "question")],
    )
    def test_no_model_is_asked_for_what_cannot_be_recovered(
        self, inputs: dict[str, Any], update: dict[str, Any], message: str
    ) -> None:
        """The error comes before a model is called."""
        asked: list[Any] = []
        chain = recovering(RunnableLambda(asked.append))
        with pytest.raises((InvalidInputError, InvalidTypeError), match=message):
            chain.invoke({**inputs, **update})
        with pytest.raises((InvalidInputError, InvalidTypeError), match=message):
            list(chain.stream({**inputs, **update}))
        assert asked == []

    async def test_200_answers_at_once_do_not_mix(self, lingua: LongLLMLinguaCompressor) -> None:
        """Each answer gets the year from its own document, streamed or not."""
        texts = [SOURCE.replace("1884", str(1700 + number)) for number in range(200)]
        generate = RunnableLambda(lambda inputs: inputs["documents"][0].page_content)
        chain = RunnablePassthrough.assign(documents=lingua.as_runnable()) | recovering(generate)

        async def ask(number: int) -> str:
            inputs = {"documents": [Document(texts[number])], "question": QUESTION}
            if number % 2:
                return "".join([chunk async for chunk in chain.astream(inputs)])
            return str(await chain.ainvoke(inputs))

        assert await asyncio.gather(*(ask(number) for number in range(200))) == texts
