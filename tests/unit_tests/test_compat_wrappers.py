"""`from_llmlingua` of both adapters: the constructor arguments of the wrappers that use llmlingua."""

from typing import Any

import pytest
from langchain_core.documents import Document
from llama_index.core.schema import NodeWithScore, TextNode

from langchain_lingua import LinguaCompressor, LongLLMLinguaCompressor
from lingua_shared import InvalidTypeError, OptionsError
from llamaindex_lingua import LinguaPostprocessor, LongLLMLinguaPostprocessor

CLASSES = [LinguaPostprocessor, LongLLMLinguaPostprocessor, LinguaCompressor, LongLLMLinguaCompressor]
QUESTION = "Who built the lighthouse at Gull Point?"
TEXTS = [
    "A ferry leaves the harbour at 10 pm. The fare is three crowns. The crossing takes 42 minutes in good weather.",
    "The lighthouse at Gull Point was built by Ada Marsh. It has a lamp that burned paraffin. It is 24 m tall.",
]


@pytest.mark.parametrize("kind", CLASSES)
def test_options_are_those_of_the_arguments(kind: Any) -> None:
    """Model, device, budget and rank method of the old class become options."""
    extra = {"condition_compare": True, "reorder_context": "sort", "context_budget": "*1.5", "force_tokens": ["Marsh"]}
    made = kind.from_llmlingua(
        model_name="gpt2",
        device_map="cpu",
        model_config={"revision": "main"},
        target_token=300,
        rank_method="longllmlingua",
        additional_compress_kwargs=extra,
    )
    assert type(made) is kind
    assert (made.model, made.device, made.revision, made.target_tokens) == ("gpt2", "cpu", "main", 300)
    assert (made.rankers, made.token_scorer, made.order) == (("perplexity",), "contrastive", "relevance")
    assert (made.unit, made.force_words) == ("word", ("Marsh",))
    assert made.recipe().coarse_ratio == 1.5
    assert extra["context_budget"] == "*1.5"


@pytest.mark.parametrize("kind", CLASSES)
def test_rates_and_other_methods(kind: Any) -> None:
    """Without a number of tokens the rate counts; `llmlingua` needs no question."""
    made = kind.from_llmlingua(target_token=-1, rank_method="bm25", additional_compress_kwargs={"rate": 0.3})
    assert (made.rate, made.target_tokens, made.rankers, made.model) == (0.3, None, ("bm25",), "smollm2-135m")
    made = kind.from_llmlingua(target_token=-1, rank_method="llmlingua", additional_compress_kwargs={})
    made.recipe().check_question(None)
    assert made.rate == 0.5


def test_defaults_are_those_of_the_old_classes() -> None:
    """LlamaIndex: half of the tokens. LangChain: 300 tokens, contrastive scores, sorted."""
    made = LongLLMLinguaPostprocessor.from_llmlingua()
    assert (made.rate, made.target_tokens, made.token_scorer, made.order) == (0.5, None, "surprisal", "original")
    compressor = LongLLMLinguaCompressor.from_llmlingua()
    assert (compressor.rate, compressor.target_tokens, compressor.order) == (None, 300, "relevance")
    assert (compressor.token_scorer, compressor.budget_schedule, compressor.budget_delta) == (
        "contrastive",
        "linear",
        0.4,
    )


def test_they_compress() -> None:
    """BM25 with whole passages reads with no model: the node and the document that answer are kept."""
    arguments: dict[str, Any] = {
        "target_token": 40,
        "rank_method": "bm25",
        "additional_compress_kwargs": {"use_token_level_filter": False},
    }
    nodes = [NodeWithScore(node=TextNode(text=text), score=0.5) for text in TEXTS]
    [node] = LongLLMLinguaPostprocessor.from_llmlingua(**arguments).postprocess_nodes(nodes, query_str=QUESTION)
    documents = [Document(text) for text in TEXTS]
    [document] = LongLLMLinguaCompressor.from_llmlingua(**arguments).compress_documents(documents, QUESTION)
    assert node.node.get_content() == document.page_content == TEXTS[1]


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"additional_compress_kwargs": {"keep_first_sentence": 2}}, "keep_first_sentence=True"),
        ({"additional_compress_kwargs": {"keep_last_sentence": 1}}, "write protect and protect_units"),
        ({"additional_compress_kwargs": {"high_priority_bonus": 1}}, "high_priority_bonus does nothing"),
        ({"additional_compress_kwargs": {}, "open_api_config": {"api_key": "k"}}, "open_api_config does nothing"),
    ],
)
def test_what_has_another_form_warns(kind: Any, arguments: dict[str, Any], message: str) -> None:
    """One DeprecationWarning, which points to the caller."""
    with pytest.warns(DeprecationWarning, match=message) as found:
        kind.from_llmlingua(**arguments)
    assert [warning.filename for warning in found] == [__file__]


def test_instructions_warn() -> None:
    """The old classes counted them, and took them out again."""
    with pytest.warns(DeprecationWarning, match="instruction does nothing"):
        LinguaPostprocessor.from_llmlingua(instruction_str="Be brief.")
    with pytest.warns(DeprecationWarning, match="instruction does nothing"):
        LinguaCompressor.from_llmlingua(instruction="Be brief.", additional_compress_kwargs={})


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"rank_method": "best"}, OptionsError, "rank_method='best' is unknown; allowed are"),
        ({"rank_method": "gzip"}, OptionsError, 'use "bm25"'),
        ({"additional_compress_kwargs": {"question": "Who?"}}, InvalidTypeError, r"has \['question'\]; allowed are"),
        ({"additional_compress_kwargs": {"target_token": 3}}, OptionsError, "has target_token; hand it in beside"),
        ({"additional_compress_kwargs": {"context_budget": "exit()"}}, OptionsError, "never run as code"),
        ({"model_config": {"quantization": 4}}, OptionsError, "model_config has"),
    ],
)
def test_what_is_not_allowed_is_named(
    kind: Any, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    """The message says what is allowed."""
    with pytest.raises(error, match=message):
        kind.from_llmlingua(**{"additional_compress_kwargs": {}, **arguments})


def test_langchain_has_two_names_for_the_configuration() -> None:
    """Each works; both together are an error."""
    made = LinguaCompressor.from_llmlingua(additional_compress_kwargs={}, model_configuration={"revision": "v1"})
    assert made.revision == "v1"
    with pytest.raises(OptionsError, match="set one of them"):
        LinguaCompressor.from_llmlingua(model_config={"revision": "a"}, model_configuration={"revision": "b"})
