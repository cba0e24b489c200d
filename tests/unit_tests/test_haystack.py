"""The component and the compactor for Haystack, in real pipelines and agents."""

import copy
from pathlib import Path
from typing import Any

import pytest
from haystack import Document, Pipeline, component
from haystack.components.agents import Agent
from haystack.components.builders import PromptBuilder
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.core.errors import DeserializationError
from haystack.dataclasses import ByteStream, ChatMessage, TextContent, ToolCall
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.hooks.compaction import CompactionHook
from haystack.token_counters import ApproximateTokenCounter
from haystack.tools.from_function import create_tool_from_function
from haystack.utils.experimental import ExperimentalWarning

from lingua_shared import (
    InvalidInputError,
    InvalidTypeError,
    MissingQuestionError,
    OptionsError,
    PromptCompressor,
    Recoverer,
)
from lingua_shared.frameworks.haystack import LinguaCompactor, LinguaCompressor
from tests.fakes import OverlapScoring
from tests.service_parts import FERRY, LIGHT, QUESTION

TEMPLATE = "{% for document in documents %}{{ document.content }}\n\n{% endfor %}{{ query }}"
COUNTER = ApproximateTokenCounter()


def documents() -> list[Document]:
    return [
        Document(id="ferry", content=FERRY, meta={"source": "a.md"}, score=0.2, embedding=[0.5]),
        Document(id="light", content=LIGHT, meta={"source": "b.md"}, score=0.7),
    ]


def component_of(**options: Any) -> LinguaCompressor:
    return LinguaCompressor(compressor=PromptCompressor(scoring=OverlapScoring()), **{"rate": 0.4, **options})


def test_documents_become_shorter_copies() -> None:
    """Ids, metadata, scores and embeddings stay, texts are shorter, and what was handed in is as it was."""
    given = documents()
    before = copy.deepcopy(given)
    kept = component_of(order="original").run(given, QUESTION)["documents"]
    assert given == before
    by_id = {document.id: document for document in before}
    assert kept
    for document in kept:
        source = by_id[document.id]
        assert (document.meta, document.score, document.embedding) == (source.meta, source.score, source.embedding)
        assert document.meta is not next(one for one in given if one.id == document.id).meta
    assert sum(len(str(one.content)) for one in kept) < sum(len(str(one.content)) for one in before) * 0.6


def test_no_documents_and_documents_without_text() -> None:
    """Nothing gives nothing; an image comes last and unchanged; both need no question."""
    picture = Document(id="picture", blob=ByteStream(b"png"), score=0.1)
    assert component_of().run([])["documents"] == []
    assert component_of().run([picture])["documents"] == [picture]
    kept = component_of().run([picture, *documents()], QUESTION)["documents"]
    assert kept[-1] is picture
    assert len(kept) > 1


def test_a_method_that_needs_a_question_says_so() -> None:
    """A missing query, a list of strings and an unknown option have errors of their own."""
    with pytest.raises(MissingQuestionError):
        component_of().run(documents())
    with pytest.raises(InvalidTypeError, match="Documents of Haystack"):
        component_of().run(["text"], QUESTION)  # type: ignore[list-item]  # what is tested
    with pytest.raises(OptionsError, match="rate"):
        LinguaCompressor(rates=0.5)


def test_scores_of_the_retriever_rank_where_asked() -> None:
    """The ranker "given" reads the scores of the documents, and says which one has none."""
    given = component_of(rankers=("given",), unit="passage", rate=0.8)
    assert [one.id for one in given.run(documents(), QUESTION)["documents"]] == ["light"]
    without = [Document(content=FERRY), *documents()]
    with pytest.raises(InvalidInputError, match="document 0 first"):
        given.run(without, QUESTION)


def test_provenance_restores_answers() -> None:
    """With add_provenance the metadata of a document is enough to recover an answer."""
    kept = component_of(add_provenance=True).run(documents(), QUESTION)["documents"]
    recoverer = Recoverer.from_provenance([(str(one.content), one.meta["lingua"]) for one in kept], question=QUESTION)
    assert recoverer.recover("A fine answer.").text == "A fine answer."
    assert kept[0].meta["lingua"]["source_text"] in (FERRY, LIGHT)
    mine = [Document(content=FERRY, meta={"lingua": "mine"})]
    with pytest.raises(InvalidInputError, match="provenance_key"):
        component_of(add_provenance=True).run(mine, QUESTION)


def pipeline_of(compressor: LinguaCompressor) -> Pipeline:
    store = InMemoryDocumentStore()
    store.write_documents(documents())
    pipeline = Pipeline()
    pipeline.add_component("retriever", InMemoryBM25Retriever(store))
    pipeline.add_component("compressor", compressor)
    pipeline.add_component("prompt", PromptBuilder(TEMPLATE, required_variables="*"))
    pipeline.connect("retriever.documents", "compressor.documents")
    pipeline.connect("compressor.documents", "prompt.documents")
    return pipeline


ASKED = {"retriever": {"query": QUESTION}, "compressor": {"query": QUESTION}, "prompt": {"query": QUESTION}}


async def test_a_pipeline_runs_and_comes_back_from_yaml() -> None:
    """A pipeline gives the same prompt after YAML, in both ways to run it, and its options are written by name."""
    compressor = LinguaCompressor(method="bm25", target_tokens=20, title_keys=("source",), force_words=("not",))
    pipeline = pipeline_of(compressor)
    prompt = pipeline.run(ASKED)["prompt"]["prompt"]
    assert prompt.startswith("The light at Gull Point was built in 1884.")
    assert FERRY not in prompt
    yaml = pipeline.dumps()
    assert "target_tokens: 20" in yaml
    with pytest.raises(DeserializationError):
        Pipeline.loads(yaml)
    again = Pipeline.loads(yaml, allowed_modules=["lingua_shared.*"])
    loaded = again.get_component("compressor")
    assert isinstance(loaded, LinguaCompressor)
    assert loaded.options.model_dump() == compressor.options.model_dump()
    assert again.run(ASKED)["prompt"]["prompt"] == prompt
    assert (await again.run_async(ASKED))["prompt"]["prompt"] == prompt
    assert again.to_dict()["components"] == pipeline.to_dict()["components"]


def log_of(day: int) -> str:
    lines = [f"Day {day}: boat {n} carries {n * 7} sheep to the island of Orrisay and comes back." for n in range(40)]
    lines.insert(day % 40, f"Day {day}: the boat Petrel {day} carries mail to Gull Point.")
    return "\n".join(lines)


def history(days: int) -> list[ChatMessage]:
    messages = [ChatMessage.from_system("Answer shortly."), ChatMessage.from_user("Read the logs.")]
    for day in range(days):
        call = ToolCall("read_log", {"day": day, "about": "Which boat carries mail to Gull Point?"}, id=f"c{day}")
        messages.append(ChatMessage.from_assistant(tool_calls=[call]))
        messages.append(ChatMessage.from_tool(log_of(day), origin=call, meta={"own": day}))
    return messages


def compactor_of(**settings: Any) -> LinguaCompactor:
    return LinguaCompactor(compressor=PromptCompressor(scoring=OverlapScoring()), **{"min_tokens": 100, **settings})


async def test_the_compactor_shortens_the_oldest_results() -> None:
    """It stops at the target, keeps the newest step, pairs and other messages, and changes nothing that it is given."""
    given = history(4)
    before = copy.deepcopy(given)
    compactor, target = compactor_of(), COUNTER.count(given) - 300
    made = compactor.compact(given, target, COUNTER)
    assert made is not None
    assert given == before
    assert COUNTER.count(made) <= target
    changed = [place for place, (new, old) in enumerate(zip(made, given, strict=True)) if new is not old]
    assert changed == [3]
    result = made[3].tool_call_result
    assert result is not None
    assert (result.origin, result.error, made[3].meta["own"]) == (given[2].tool_call, False, 0)
    assert "Petrel 0 carries mail" in str(result.result)
    assert await compactor.compact_async(given, target, COUNTER) == made
    everything = compactor.compact(given, 0, COUNTER)
    assert everything is not None
    assert [new is old for new, old in zip(everything[-2:], given[-2:], strict=True)] == [True, True]
    assert compactor.compact(everything, 0, COUNTER) is None
    assert compactor.compact(given, 10**6, COUNTER) is None
    assert compactor.compact([], 0, COUNTER) is None


def test_what_the_compactor_leaves_alone() -> None:
    """Errors, tools that are left out, the results of the tool itself, and short results stay."""
    call, own = ToolCall("read_log", {"day": 1}), ToolCall("expand", {"key": "0"})
    results = [
        ChatMessage.from_tool(log_of(1), origin=call, error=True),
        ChatMessage.from_tool(log_of(1), origin=own),
        ChatMessage.from_tool("short", origin=call),
        ChatMessage.from_tool("\ud800" + log_of(1), origin=call),
    ]
    assert compactor_of(min_keep_steps=0).compact(results, 0, COUNTER) is None
    with_log = [ChatMessage.from_tool([TextContent(log_of(1)), TextContent("short")], origin=call)]
    assert compactor_of(min_keep_steps=0, exclude_tools=("read_log",)).compact(with_log, 0, COUNTER) is None
    made = compactor_of(min_keep_steps=0).compact(with_log, 0, COUNTER)
    assert made is not None
    parts = made[0].tool_call_results[0].result
    assert isinstance(parts, list)
    assert [isinstance(one, TextContent) and len(one.text) < len(log_of(1)) / 2 for one in parts] == [True, True]
    with pytest.raises(InvalidInputError, match="min_keep_steps"):
        LinguaCompactor(min_keep_steps=-1)


@component
class Script:
    """A chat generator that reads four logs, and then asks for the whole of the oldest result."""

    def __init__(self) -> None:
        self.shown: list[list[ChatMessage]] = []

    @component.output_types(replies=list[ChatMessage])
    def run(self, messages: list[ChatMessage], tools: Any = None) -> dict[str, Any]:
        self.shown.append(list(messages))
        results = [one for message in messages for one in message.tool_call_results]
        if len(results) < 4:
            arguments: dict[str, Any] = {"day": len(results), "about": "Which boat carries mail to Gull Point?"}
            call = ToolCall("read_log", arguments, id=f"c{len(results)}")
        elif len(results) == 4:
            key = str(results[0].result).rpartition("key=")[2].rstrip("]")
            call = ToolCall("expand", {"key": key}, id="whole")
        else:
            return {"replies": [ChatMessage.from_assistant("Petrel.")]}
        return {"replies": [ChatMessage.from_assistant(tool_calls=[call])]}


def read_log(day: int, about: str) -> str:  # noqa: ARG001
    """Return the log of a day."""
    return log_of(day)


def agent_of(compactor: LinguaCompactor) -> tuple[Agent, Script]:
    model = Script()
    with pytest.warns(ExperimentalWarning):
        hook = CompactionHook(compactor, context_window=1500, compact_at=0.6, compact_to=0.4)
    tools = [create_tool_from_function(read_log), *compactor.tools]
    return Agent(chat_generator=model, tools=tools, hooks={"before_llm": [hook]}), model


def test_an_agent_gets_the_whole_result_back() -> None:
    """In a real agent older results are shortened once, keep their bytes, and `expand` returns every byte."""
    agent, model = agent_of(compactor_of())
    last = agent.run(messages=[ChatMessage.from_user("Read the logs.")])["messages"]
    results = {str(one.origin.id): one.result for message in last for one in message.tool_call_results}
    assert results["whole"] == log_of(0)
    assert "[Shortened:" in str(results["c0"])
    seen = [str(message.tool_call_results[0].result) for shown in model.shown for message in shown[2:3]]
    assert len({text for text in seen if text != log_of(0)}) <= 1
    calls = [call.id for message in last for call in message.tool_calls]
    assert calls == list(results)


@pytest.mark.filterwarnings("ignore::haystack.utils.experimental.ExperimentalWarning")
def test_an_agent_comes_back_from_its_dictionary(tmp_path: Path) -> None:
    """Compactor and tool are written where the store is a file; the tool says so where it is in memory."""
    file = str(tmp_path / "originals.db")
    compactor = LinguaCompactor(method="bm25", rate=0.3, min_tokens=100, exclude_tools=("a",), originals_file=file)
    agent, _ = agent_of(compactor)
    loaded = LinguaCompactor.from_dict(compactor.to_dict())
    assert loaded.to_dict() == compactor.to_dict()
    made = compactor.compact(history(2), 0, COUNTER)
    assert made is not None
    assert made == loaded.compact(history(2), 0, COUNTER)
    data = compactor.tools[0].to_dict()
    key = str(made[3].tool_call_results[0].result).rpartition("key=")[2].rstrip("]")
    assert type(compactor.tools[0]).from_dict(data).invoke(key=key) == log_of(0)
    assert agent.tools
    with pytest.raises(InvalidInputError, match="originals_file"):
        compactor_of().tools[0].to_dict()
