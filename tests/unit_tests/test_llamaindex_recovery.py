"""Recovery inside LlamaIndex, over a scorer without a model and inside real query and chat engines."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from typing import Any, Literal

import pytest
from llama_index.core import PromptTemplate, VectorStoreIndex
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.base_selector import BaseSelector, MultiSelection, SelectorResult, SingleSelection
from llama_index.core.base.response.schema import AsyncStreamingResponse, PydanticResponse, Response, StreamingResponse
from llama_index.core.chat_engine import CondensePlusContextChatEngine, CondenseQuestionChatEngine
from llama_index.core.chat_engine.types import AgentChatResponse
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata, MockLLM
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.query_engine import (
    CitationQueryEngine,
    RetrieverQueryEngine,
    RouterQueryEngine,
    SubQuestionQueryEngine,
)
from llama_index.core.question_gen.types import BaseQuestionGenerator, SubQuestion
from llama_index.core.response_synthesizers import TreeSummarize, get_response_synthesizer
from llama_index.core.schema import ImageNode, MetadataMode, NodeWithScore, QueryBundle, TextNode
from llama_index.core.tools import QueryEngineTool, ToolMetadata
from pydantic import BaseModel, Field

from lingua_shared import InvalidInputError, InvalidTypeError, PromptCompressor, RecoveryOptions
from llamaindex_lingua import LongLLMLinguaPostprocessor, RecoveringQueryEngine, recover_response
from tests.lighthouse import ANSWER, KEPT, QUESTION, RECOVERED, REPLACEMENT, SOURCE, TEXTS
from tests.marked import spans_of

Make = Callable[..., RetrieverQueryEngine]


class Says(CustomLLM):
    """Answers everything in the same words, streamed in pieces of four characters."""

    answer: str = ANSWER

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: FBT001, FBT002
        return CompletionResponse(text=self.answer)

    def stream_complete(
        self,
        prompt: str,
        formatted: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> Generator[CompletionResponse, None, None]:
        for end in range(4, len(self.answer) + 4, 4):
            yield CompletionResponse(text=self.answer[:end], delta=self.answer[end - 4 : end])


class Retriever(BaseRetriever):
    """Finds all nodes, or the one whose number is the last word of the query."""

    def __init__(self, nodes: Sequence[TextNode], *, by_number: bool = False) -> None:
        super().__init__()
        self._nodes, self._by_number = nodes, by_number

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = [self._nodes[int(query_bundle.query_str.split()[-1])]] if self._by_number else self._nodes
        return [NodeWithScore(node=node, score=0.5) for node in found]


class Chooses(BaseSelector):
    """Chooses these engines."""

    def __init__(self, *chosen: int) -> None:
        self._chosen = chosen

    def _select(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> SelectorResult:
        return MultiSelection(selections=[SingleSelection(index=index, reason="asked for") for index in self._chosen])

    async def _aselect(self, choices: Sequence[ToolMetadata], query: QueryBundle) -> SelectorResult:
        return self._select(choices, query)

    def _get_prompts(self) -> dict[str, Any]:
        return {}

    def _update_prompts(self, prompts: dict[str, Any]) -> None:
        """There are none."""


class AsksTwice(BaseQuestionGenerator):
    """Puts the question to the first engine twice."""

    def generate(self, tools: Sequence[ToolMetadata], query: QueryBundle) -> list[SubQuestion]:
        return [SubQuestion(sub_question=query.query_str, tool_name=tools[0].get_name()) for _ in range(2)]

    async def agenerate(self, tools: Sequence[ToolMetadata], query: QueryBundle) -> list[SubQuestion]:
        return self.generate(tools, query)

    def _get_prompts(self) -> dict[str, Any]:
        return {}

    def _update_prompts(self, prompts: dict[str, Any]) -> None:
        """There are none."""


@pytest.fixture(name="postprocessor")
def _postprocessor(compressor: PromptCompressor) -> LongLLMLinguaPostprocessor:
    """A configuration that keeps `KEPT` of the texts."""
    return LongLLMLinguaPostprocessor(target_tokens=14, unit="word", add_provenance=True, compressor=compressor)


@pytest.fixture(name="make")
def _make(postprocessor: LongLLMLinguaPostprocessor) -> Make:
    """Builds query engines over the texts."""

    def make(answer: str = ANSWER, texts: Sequence[str] = TEXTS, **options: Any) -> RetrieverQueryEngine:
        index = VectorStoreIndex([TextNode(text=text) for text in texts], embed_model=MockEmbedding(embed_dim=4))
        options = {"llm": Says(answer=answer), "node_postprocessors": [postprocessor], **options}
        return RetrieverQueryEngine.from_args(index.as_retriever(similarity_top_k=len(texts)), **options)

    return make


def marked_node(marked: str, **provenance: Any) -> NodeWithScore:
    """A compressed node with its record; text between [[ and ]] was dropped."""
    source, spans = spans_of(marked)
    text = "".join(source[start:end] for start, end in spans)
    record = {"relevance": None, "spans": [list(span) for span in spans], "source_text": source, **provenance}
    return NodeWithScore(node=TextNode(text=text, metadata={"lingua": record}))


def tool(engine: BaseQueryEngine, name: str = "guide") -> QueryEngineTool:
    return QueryEngineTool.from_defaults(engine, name=name, description="Knows the harbour.")


def made_in(response: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = response.metadata["lingua_recovery"]
    return made


async def joined(chunks: AsyncGenerator[str, None]) -> str:
    return "".join([chunk async for chunk in chunks])


def test_a_query_engine_is_needed() -> None:
    """Something else is an error at construction."""
    with pytest.raises(InvalidTypeError, match="query_engine is of type int; give a query engine"):
        RecoveringQueryEngine(5)  # type: ignore[arg-type]


class TestQueryEngine:
    """Answers of a query engine, in each of the four ways to ask."""

    def test_the_postprocessor_keeps_what_the_tests_say(self, make: Make) -> None:
        """The LLM sees the sentence without its date."""
        assert [node.text for node in make().query(QUESTION).source_nodes] == [KEPT]

    def test_query(self, make: Make) -> None:
        """A damaged quotation is restored."""
        assert str(RecoveringQueryEngine(make()).query(QUESTION)) == RECOVERED

    async def test_aquery(self, make: Make) -> None:
        """The same, awaited, with the same replacements."""
        engine = RecoveringQueryEngine(make())
        response, expected = await engine.aquery(QUESTION), engine.query(QUESTION)
        assert (str(response), made_in(response)) == (
            RECOVERED,
            made_in(expected),
        )

    def test_stream(self, make: Make) -> None:
        """The chunks add up to the restored answer, and the first comes before the answer is complete."""
        response = RecoveringQueryEngine(make(streaming=True)).query(QUESTION)
        assert isinstance(response, StreamingResponse)
        chunks = list(response.response_gen)
        assert "".join(chunks) == RECOVERED
        assert len(chunks) > 5
        assert chunks[0] == "I "

    async def test_async_stream(self, make: Make) -> None:
        """The same, awaited."""
        response = await RecoveringQueryEngine(make(streaming=True)).aquery(QUESTION)
        assert isinstance(response, AsyncStreamingResponse)
        assert await joined(response.async_response_gen()) == RECOVERED
        assert [made["before"] for made in made_in(response)] == ["was lit by keeper"]

    def test_a_stream_as_a_string(self, make: Make) -> None:
        """A streamed response can be read whole, more than once."""
        response = RecoveringQueryEngine(make(streaming=True)).query(QUESTION)
        assert [str(response), str(response)] == [RECOVERED, RECOVERED]

    async def test_a_stream_that_was_read_already(self, make: Make) -> None:
        """A streamed response that was read before is recovered from its stored text."""
        engine = make(streaming=True)
        response, later = engine.query(QUESTION), await engine.aquery(QUESTION)
        assert isinstance(later, AsyncStreamingResponse)
        assert (str(response), await joined(later.async_response_gen())) == (ANSWER, ANSWER)
        assert str(recover_response(response)) == RECOVERED
        assert await joined(recover_response(later).async_response_gen()) == RECOVERED

    def test_replacements_are_plain_values(self, make: Make) -> None:
        """Replacements name characters of the answer and of the source node."""
        response = RecoveringQueryEngine(make()).query(QUESTION)
        [made] = made_in(response)
        assert made.pop("reason").startswith("1 word dropped here")
        assert made == REPLACEMENT

    def test_replacements_of_a_stream_come_with_its_end(self, make: Make) -> None:
        """The list in the metadata is filled when the stream has ended."""
        response = RecoveringQueryEngine(make(streaming=True)).query(QUESTION)
        made = made_in(response)
        assert made == []
        str(response)
        assert made == made_in(RecoveringQueryEngine(make()).query(QUESTION))

    def test_source_nodes_and_metadata_stay(self, make: Make) -> None:
        """Only the answer and one metadata key differ from the inner engine's response."""
        engine = make()
        plain, response = engine.query(QUESTION), RecoveringQueryEngine(engine).query(QUESTION)
        assert response.source_nodes == plain.source_nodes
        assert response.metadata == {**(plain.metadata or {}), "lingua_recovery": made_in(response)}

    def test_options_count(self, make: Make) -> None:
        """What the options exclude is not restored."""
        options = RecoveryOptions(max_gap=3)
        answer = str(RecoveringQueryEngine(make(), options=options).query(QUESTION))
        assert answer == ANSWER.replace("was lit", "was first lit").replace("by keeper", "by its keeper")

    def test_what_the_question_says_is_left_alone(self, make: Make) -> None:
        """Words of the query are not changed."""
        question = f"Is it true? {KEPT}"
        assert str(RecoveringQueryEngine(make()).query(question)) == ANSWER

    def test_a_right_answer_stays(self, make: Make) -> None:
        """An answer that quotes a source word by word does not change."""
        response = RecoveringQueryEngine(make(answer=f"{SOURCE} So it is.")).query(QUESTION)
        assert (str(response), made_in(response)) == (f"{SOURCE} So it is.", [])

    async def test_200_queries_at_once_do_not_mix(self, postprocessor: LongLLMLinguaPostprocessor) -> None:
        """Each answer gets the year from its own document, streamed or not."""
        texts = [SOURCE.replace("1884", str(1700 + number)) for number in range(200)]
        nodes = [TextNode(text=text) for text in texts]
        whole, streamed = (
            RecoveringQueryEngine(
                RetrieverQueryEngine.from_args(
                    Retriever(nodes, by_number=True),
                    llm=MockLLM(),
                    node_postprocessors=[postprocessor],
                    text_qa_template=PromptTemplate("{context_str}"),
                    streaming=streaming,
                )
            )
            for streaming in (False, True)
        )

        async def ask(number: int) -> tuple[str, str]:
            engine = streamed if number % 2 else whole
            response = await engine.aquery(f"{QUESTION} Document {number}")
            if isinstance(response, AsyncStreamingResponse):
                return response.source_nodes[0].text, await joined(response.async_response_gen())
            return response.source_nodes[0].text, str(response)

        answers = await asyncio.gather(*(ask(number) for number in range(200)))
        assert {shown for shown, _ in answers} == {KEPT}
        assert [answer for _, answer in answers] == texts

    def test_parts_are_handed_on(self, make: Make) -> None:
        """Retrieval, synthesis and prompts are those of the inner engine, and synthesised answers are recovered."""
        inside = make()
        engine = RecoveringQueryEngine(inside)
        nodes = engine.retrieve(QueryBundle(QUESTION))
        assert [node.text for node in nodes] == [KEPT]
        assert str(engine.synthesize(QueryBundle(QUESTION), nodes)) == RECOVERED
        assert {f"query_engine:{name}" for name in inside.get_prompts()} == set(engine.get_prompts())

    async def test_aretrieve(self, make: Make) -> None:
        """It works whether the inner engine has an asynchronous method or not."""
        engine = RecoveringQueryEngine(make())
        assert [n.node_id for n in await engine.aretrieve(QueryBundle(QUESTION))] == [
            n.node_id for n in engine.retrieve(QueryBundle(QUESTION))
        ]

    async def test_asynthesize(self, make: Make) -> None:
        """The same, awaited."""
        engine = RecoveringQueryEngine(make())
        response = await engine.asynthesize(QueryBundle(QUESTION), engine.retrieve(QueryBundle(QUESTION)))
        assert str(response) == RECOVERED


class TestProvenance:
    """What recovery reads from the source nodes."""

    def test_provenance_has_the_text_before(self, postprocessor: LongLLMLinguaPostprocessor) -> None:
        """The record of a node that was cut has the text before, with its white space; spans refer to that text."""
        nodes = [NodeWithScore(node=TextNode(text=f" \n{text} ")) for text in TEXTS]
        [node] = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        record = node.metadata["lingua"]
        assert record["source_text"] == f" \n{SOURCE} "
        slices = [record["source_text"][start:end] for start, end in record["spans"]]
        assert slices[:2] == ["The lighthouse at Gull Point was ", "lit "]
        recovered = recover_response(Response(ANSWER, [node]))
        assert recovered.response == RECOVERED
        assert made_in(recovered)[0]["source_start"] == 2 + 29

    def test_a_whole_node_has_no_second_text(self, compressor: PromptCompressor) -> None:
        """If nothing was cut, the text is not stored twice, and recovery does not change the answer."""
        postprocessor = LongLLMLinguaPostprocessor(rate=1, add_provenance=True, compressor=compressor)
        nodes = [NodeWithScore(node=TextNode(text=f" {text}\n")) for text in TEXTS]
        nodes = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        assert all("source_text" not in node.metadata["lingua"] for node in nodes)
        assert recover_response(Response(ANSWER, nodes)).response == ANSWER

    def test_models_do_not_see_the_text_before(self, postprocessor: LongLLMLinguaPostprocessor) -> None:
        """Neither the LLM nor the embedding model sees the record."""
        nodes = [NodeWithScore(node=TextNode(text=text)) for text in TEXTS]
        [node] = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        assert {node.get_content(mode) for mode in (MetadataMode.LLM, MetadataMode.EMBED)} == {KEPT}

    def test_nodes_survive_json(self, postprocessor: LongLLMLinguaPostprocessor) -> None:
        """Answers are recovered from source nodes that were stored and loaded."""
        nodes = [NodeWithScore(node=TextNode(text=text)) for text in TEXTS]
        [node] = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        loaded = NodeWithScore(node=TextNode.from_json(node.node.to_json()))
        assert recover_response(Response(ANSWER, [loaded])).response == RECOVERED

    def test_a_source_text_that_was_not_serialised_is_an_error(self, postprocessor: LongLLMLinguaPostprocessor) -> None:
        """Where the option is off, nodes recover as objects; from JSON they do not, and the error says why."""
        postprocessor.serialize_source = False
        nodes = [NodeWithScore(node=TextNode(text=text)) for text in TEXTS]
        [node] = postprocessor.postprocess_nodes(nodes, query_str=QUESTION)
        assert recover_response(Response(ANSWER, [node.model_copy(deep=True)])).response == RECOVERED
        loaded = NodeWithScore(node=TextNode.from_json(node.node.to_json()))
        with pytest.raises(InvalidInputError, match=r"document 0 has lost its source text, .* serialize_source=True"):
            recover_response(Response(ANSWER, [loaded]))

    def test_another_key(self, make: Make, postprocessor: LongLLMLinguaPostprocessor) -> None:
        """Provenance under a key of the user's choice is read from there."""
        postprocessor.provenance_key = "kept"
        engine = make(node_postprocessors=[postprocessor])
        assert str(RecoveringQueryEngine(engine, provenance_key="kept").query(QUESTION)) == RECOVERED
        response = engine.query(QUESTION)
        assert isinstance(response, Response)
        assert recover_response(response, provenance_key="kept").response == RECOVERED
        with pytest.raises(InvalidInputError, match="add_provenance=True"):
            recover_response(response)

    @pytest.mark.parametrize("streaming", [False, True])
    def test_without_provenance_the_error_names_the_option(
        self, make: Make, compressor: PromptCompressor, *, streaming: bool
    ) -> None:
        """Without the option an error names it at once, not in the middle of a stream."""
        postprocessor = LongLLMLinguaPostprocessor(target_tokens=14, unit="word", compressor=compressor)
        engine = RecoveringQueryEngine(make(node_postprocessors=[postprocessor], streaming=streaming))
        with pytest.raises(InvalidInputError, match=r"none of the 1 documents .* set add_provenance=True"):
            engine.query(QUESTION)

    def test_somebody_elses_key_is_no_provenance(self) -> None:
        """A user's own value under that metadata key is not taken for a record."""
        node = NodeWithScore(node=TextNode(text=KEPT, metadata={"lingua": "en"}))
        with pytest.raises(InvalidInputError, match="add_provenance=True"):
            recover_response(Response(ANSWER, [node]))

    @pytest.mark.parametrize("damage", [{"spans": [[0, 9999]]}, {"spans": "all"}, {"source_text": 7}])
    def test_damaged_provenance_is_an_error(self, damage: dict[str, Any]) -> None:
        """A record that does not fit its text raises."""
        with pytest.raises(InvalidInputError, match=r"passage 0|document 0"):
            recover_response(Response(ANSWER, [marked_node("The lamp [[of the pier ]]is lit.", **damage)]))

    def test_without_source_nodes_the_answer_stays(self) -> None:
        """Without sources the answer stays, with no replacements."""
        response = recover_response(Response(ANSWER))
        assert (response.response, response.metadata) == (ANSWER, {"lingua_recovery": []})

    def test_with_images_alone_the_answer_stays(self) -> None:
        """Nodes without text were not compressed, so nothing can be restored."""
        image = NodeWithScore(node=ImageNode(image_url="https://example.org/light.png"))
        assert recover_response(Response(ANSWER, [image])).response == ANSWER

    def test_an_engine_that_finds_nothing(self, make: Make) -> None:
        """The framework's own empty answer is returned, also as a stream."""
        for streaming in (False, True):
            engine = make(streaming=streaming)
            nothing = RetrieverQueryEngine(Retriever([]), engine._response_synthesizer)
            assert str(RecoveringQueryEngine(nothing).query(QUESTION)) == "Empty Response"

    def test_nodes_without_text_are_passed_over(self) -> None:
        """Images are skipped but keep their number among the nodes."""
        image = NodeWithScore(node=ImageNode(image_url="https://example.org/light.png"))
        node = marked_node("Ida Brook was born on January [[20, ]]1985 in Kelm.")
        response = recover_response(Response("In January 1985.", [image, node]))
        assert response.response == "In January 20, 1985."
        assert made_in(response)[0]["passage"] == 1

    def test_a_node_that_was_not_compressed_counts_as_a_source(self) -> None:
        """A quotation of an uncompressed passage was not damaged and stays."""
        node = marked_node("Ida Brook was born on January [[20, ]]1985 in Kelm.")
        other = NodeWithScore(node=TextNode(text="The mole broke in January 1985."))
        assert recover_response(Response("In January 1985.", [node, other])).response == "In January 1985."

    def test_the_most_relevant_node_is_named(self) -> None:
        """Of two nodes with the same text, the more relevant one is named as the source."""
        marked = "Ida Brook was born on January [[20, ]]1985 in Kelm."
        nodes = [marked_node(marked, relevance=0.5), marked_node(marked, relevance=2.5)]
        response = recover_response(Response("In January 1985.", nodes))
        assert made_in(response)[0]["passage"] == 1

    def test_what_is_no_response_is_rejected(self) -> None:
        """The error names the type of the value."""
        with pytest.raises(InvalidTypeError, match="the response is of type str"):
            recover_response("text")  # type: ignore[type-var]


class Birth(BaseModel):
    """A structured answer."""

    when: str
    where: list[str]
    short: str = Field(default="", max_length=16)
    month: Literal["", "January 1985"] = ""
    count: int = 3


class TestStructuredAnswers:
    """Answers that are pydantic objects."""

    NODE = marked_node("Ida Brook was born on January [[20, ]]1985 in Kelm.")

    def test_strings_are_recovered(self) -> None:
        """Each string is restored in place, and the response handed in is not changed."""
        answer = Birth(when="January 1985", where=["Kelm", "in January 1985"])
        response = recover_response(PydanticResponse(answer, [self.NODE]))
        assert response.response == Birth(when="January 20, 1985", where=["Kelm", "in January 20, 1985"])
        assert [made["path"] for made in made_in(response)] == [["when"], ["where", 1]]
        assert answer.when == "January 1985"

    def test_a_field_keeps_its_rules(self) -> None:
        """A string is not restored if its field would not allow the result."""
        answer = Birth(when="", where=[], short="in January 1985", month="January 1985")
        response = recover_response(PydanticResponse(answer, [self.NODE]))
        assert (response.response, made_in(response)) == (answer, [])

    def test_they_can_be_left_alone(self) -> None:
        """The option leaves structured answers as they are, and only these."""
        answer = Birth(when="January 1985", where=[])
        pydantic = recover_response(PydanticResponse(answer, [self.NODE]), recover_structured=False)
        text = recover_response(Response("January 1985", [self.NODE]), recover_structured=False)
        assert (pydantic.response, text.response) == (answer, "January 20, 1985")


class TestOtherEngines:
    """Query engines over query engines, and chat engines."""

    @pytest.mark.parametrize("streaming", [False, True])
    def test_around_a_router(self, make: Make, *, streaming: bool) -> None:
        """The answer of the chosen engine is recovered, and the router's metadata stays."""
        router = RouterQueryEngine(
            Chooses(1), [tool(make(answer="Never.")), tool(make(streaming=streaming))], llm=Says()
        )
        response = RecoveringQueryEngine(router).query(QUESTION)
        assert str(response) == RECOVERED
        assert (response.metadata or {})["selector_result"].ind == 1

    async def test_around_a_router_that_asks_several(self, make: Make) -> None:
        """An answer that the router writes from two answers is recovered from the sources of both."""
        summarizer = TreeSummarize(llm=Says())
        router = RouterQueryEngine(Chooses(0, 1), [tool(make()), tool(make())], llm=Says(), summarizer=summarizer)
        response = await RecoveringQueryEngine(router).aquery(QUESTION)
        assert str(response) == RECOVERED
        assert len(response.source_nodes) == 2

    def test_around_an_engine_that_cites(self, postprocessor: LongLLMLinguaPostprocessor) -> None:
        """It works around an engine that splits nodes into numbered sources and keeps their metadata."""
        citing = CitationQueryEngine(
            Retriever([TextNode(text=text) for text in TEXTS]), llm=Says(), node_postprocessors=[postprocessor]
        )
        response = RecoveringQueryEngine(citing).query(QUESTION)
        assert response.source_nodes[0].text.startswith("Source 1:")
        assert str(response) == RECOVERED

    def test_inside_a_router(self, make: Make) -> None:
        """A router can choose among recovering engines."""
        router = RouterQueryEngine(Chooses(0), [tool(RecoveringQueryEngine(make()))], llm=Says())
        response = router.query(QUESTION)
        assert str(response) == RECOVERED
        assert len(made_in(response)) == 1

    @pytest.mark.parametrize("awaited", [False, True])
    async def test_inside_a_sub_question_engine(self, make: Make, *, awaited: bool) -> None:
        """The last answer is written from recovered answers."""
        echo = get_response_synthesizer(llm=MockLLM(), text_qa_template=PromptTemplate("{context_str}"))
        engine = SubQuestionQueryEngine.from_defaults(
            [tool(RecoveringQueryEngine(make()))],
            llm=Says(),
            question_gen=AsksTwice(),
            response_synthesizer=echo,
            verbose=False,
            use_async=False,
        )
        response = await engine.aquery(QUESTION) if awaited else engine.query(QUESTION)
        assert str(response).count(RECOVERED) == 2

    def test_around_a_sub_question_engine(self, make: Make) -> None:
        """Recovery around it treats sub-answers as sources, so that what they say is not changed."""
        synthesizer = get_response_synthesizer(llm=Says(answer=f"{KEPT}"))
        engine = SubQuestionQueryEngine.from_defaults(
            [tool(make(answer="In winter, I think."))],
            llm=Says(),
            question_gen=AsksTwice(),
            response_synthesizer=synthesizer,
            verbose=False,
            use_async=False,
        )
        assert str(RecoveringQueryEngine(engine).query(QUESTION)) == SOURCE

    def test_inside_a_chat_engine(self, make: Make) -> None:
        """A chat engine over a recovering query engine returns, streams and remembers recovered answers."""
        for streaming in (False, True):
            chat = CondenseQuestionChatEngine.from_defaults(
                RecoveringQueryEngine(make(streaming=streaming)),
                llm=Says(answer=QUESTION),
                memory=ChatMemoryBuffer.from_defaults(token_limit=3000),
            )
            response = chat.stream_chat(QUESTION) if streaming else chat.chat(QUESTION)
            text = "".join(response.response_gen) if streaming else str(response)
            assert text == RECOVERED
            assert chat.chat_history[-1].content == RECOVERED


class TestChatResponses:
    """Responses of chat engines without a query engine."""

    @pytest.fixture(name="chat")
    def _chat(self, postprocessor: LongLLMLinguaPostprocessor) -> CondensePlusContextChatEngine:
        return CondensePlusContextChatEngine.from_defaults(
            Retriever([TextNode(text=text) for text in TEXTS]),
            llm=Says(),
            memory=ChatMemoryBuffer.from_defaults(token_limit=3000),
            node_postprocessors=[postprocessor],
        )

    def test_chat(self, chat: CondensePlusContextChatEngine) -> None:
        """The response is recovered; the memory keeps what the model said."""
        response = recover_response(chat.chat(QUESTION), question=QUESTION)
        assert isinstance(response, AgentChatResponse)
        assert (str(response), len(made_in(response))) == (RECOVERED, 1)
        assert [node.text for node in response.source_nodes] == [KEPT]
        assert chat.chat_history[-1].content == ANSWER

    async def test_achat(self, chat: CondensePlusContextChatEngine) -> None:
        """The same, awaited."""
        assert str(recover_response(await chat.achat(QUESTION))) == RECOVERED

    def test_stream_chat(self, chat: CondensePlusContextChatEngine) -> None:
        """A chat response streams on, and has its replacements at the end."""
        response = recover_response(chat.stream_chat(QUESTION))
        chunks = list(response.response_gen)
        assert ("".join(chunks), str(response)) == (RECOVERED, RECOVERED)
        assert len(chunks) > 5
        assert len(made_in(response)) == 1
        assert chat.chat_history[-1].content == ANSWER

    async def test_astream_chat(self, chat: CondensePlusContextChatEngine) -> None:
        """The same, awaited."""
        response = recover_response(await chat.astream_chat(QUESTION))
        assert await joined(response.async_response_gen()) == RECOVERED
        assert len(made_in(response)) == 1
