"""The drop-in for llmlingua, with a scorer without a model: parameters, warnings, errors and the form of results."""

import inspect
import logging
import re
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import (
    InvalidInputError,
    InvalidTypeError,
    LinguaError,
    MissingQuestionError,
    OptionsError,
)
from lingua_shared.compat import PromptCompressor
from lingua_shared.compat.parameters import PromptParameters, described
from lingua_shared.compat.recovery import kept_spans
from lingua_shared.text.token_counting import make_counter
from tests.fakes import OverlapScoring

COUNT = make_counter("cl100k_base")
INSTRUCTION = "Answer the question in one short sentence."
QUESTION = "Who built the lighthouse at Gull Point?"
CONTEXTS = [
    "A ferry leaves the harbour at 10 pm. The fare is three crowns. The crossing takes 42 minutes in good weather.",
    "The lighthouse at Gull Point was built by Ada Marsh. It has a lamp that burned paraffin. It is 24 m tall.",
    "The shop in the village sells bread and candles. It is closed on Mondays. In winter it opens at nine.",
    "The keeper of the lighthouse wrote a diary. It says that storms broke two windows. A copy is in the museum.",
]
LONG = {
    "rate": 0.55,
    "condition_in_question": "after_condition",
    "reorder_context": "sort",
    "dynamic_context_compression_ratio": 0.3,
    "condition_compare": True,
    "context_budget": "+100",
    "rank_method": "longllmlingua",
}


@pytest.fixture(name="old")
def _old(scoring: OverlapScoring) -> PromptCompressor:
    return PromptCompressor("smollm2-135m", scoring=scoring)


def compress(old: PromptCompressor, **parameters: Any) -> dict[str, Any]:
    given = {"context": CONTEXTS, "instruction": INSTRUCTION, "question": QUESTION, **parameters}
    return old.compress_prompt(**given)


def test_signatures_are_those_of_llmlingua() -> None:
    """Names, order and defaults; the first ones without a default."""
    names = "context instruction question rate target_token iterative_size force_context_ids force_context_number"
    found = list(inspect.signature(PromptCompressor.compress_prompt).parameters.values())
    assert [one.name for one in found][1:9] == names.split()
    assert len(found) == 1 + 40
    assert found[1].default is inspect.Parameter.empty
    assert {one.name: one.default for one in found if one.name in ("rate", "target_token", "context_budget")} == {
        "rate": 0.5,
        "target_token": -1,
        "context_budget": "+100",
    }
    constructor = list(inspect.signature(PromptCompressor).parameters)
    assert constructor[:6] == [
        "model_name", "device_map", "model_config", "open_api_config", "use_llmlingua2", "llmlingua2_config",
    ]  # fmt: skip
    assert list(inspect.signature(PromptCompressor.recover).parameters)[1:] == [
        "original_prompt", "compressed_prompt", "response",
    ]  # fmt: skip
    assert len(inspect.signature(PromptCompressor.structured_compress_prompt).parameters) == 1 + 26
    assert len(inspect.signature(PromptCompressor.compress_json).parameters) == 1 + 21
    assert len(inspect.signature(PromptCompressor.compress_prompt_llmlingua2).parameters) == 1 + 17


def test_results_have_the_form_of_llmlingua(old: PromptCompressor) -> None:
    """The same keys, numbers as numbers and shares as text; calling the object is the same."""
    result = compress(old, rate=0.6)
    assert list(result) == ["compressed_prompt", "origin_tokens", "compressed_tokens", "ratio", "rate", "saving"]
    assert result["origin_tokens"] == COUNT("\n\n".join([INSTRUCTION, *CONTEXTS, QUESTION]))
    assert result["compressed_tokens"] == COUNT(result["compressed_prompt"])
    assert re.fullmatch(r"\d+\.\dx", result["ratio"])
    assert result["rate"] == f"{100 * result['compressed_tokens'] / result['origin_tokens']:.1f}%"
    assert result["saving"] == ", Saving $0.0 in GPT-4."
    assert old(CONTEXTS, INSTRUCTION, QUESTION, 0.6) == result


@pytest.mark.parametrize("more", [{}, LONG, {**LONG, "rank_method": "bm25"}, {**LONG, "rank_method": "gzip"}])
@pytest.mark.parametrize("rate", [0.3, 0.5, 0.8])
def test_rate_is_of_the_whole_prompt_and_the_frame_never_changes(
    old: PromptCompressor, more: dict[str, Any], rate: float
) -> None:
    """Never over; instruction and question stand around what is left of the contexts."""
    result = compress(old, **{**more, "rate": rate})
    assert result["compressed_tokens"] <= rate * result["origin_tokens"]
    text = result["compressed_prompt"]
    assert text.startswith(f"{INSTRUCTION}\n\n")
    assert text.endswith(f"\n\n{QUESTION}")
    alone = compress(old, **{**more, "rate": rate, "concate_question": False})
    assert QUESTION not in alone["compressed_prompt"]
    assert alone["compressed_tokens"] <= rate * alone["origin_tokens"]


def test_target_token_counts_the_contexts(old: PromptCompressor) -> None:
    """Instruction and question come on top of it."""
    for parameters in ({}, LONG):
        result = compress(old, **{**parameters, "target_token": 40})
        around = COUNT(f"{INSTRUCTION}\n\n\n\n{QUESTION}")
        assert 20 <= result["compressed_tokens"] - around <= 42


def test_what_fits_comes_back_as_it_is(old: PromptCompressor, scoring: OverlapScoring) -> None:
    """Nothing is scored."""
    whole = "\n\n".join([INSTRUCTION, *CONTEXTS, QUESTION])
    assert compress(old, rate=1)["compressed_prompt"] == whole
    assert compress(old, target_token=10_000)["compressed_prompt"] == whole
    assert compress(old, rate=0.2, use_context_level_filter=False, use_token_level_filter=False)["rate"] == "100.0%"
    assert old.compress_prompt("", rate=0.5)["ratio"] == "1.0x"
    assert old.compress_prompt([], rate=0.5)["compressed_prompt"] == ""
    assert scoring.opened == 0


def test_instruction_and_question_alone_can_exceed_the_rate(
    old: PromptCompressor, caplog: pytest.LogCaptureFixture
) -> None:
    """Then no context is left, and a warning says so."""
    result = compress(old, rate=0.05)
    assert result["compressed_prompt"] == f"{INSTRUCTION}\n\n{QUESTION}"
    assert "all contexts are dropped" in caplog.text


def test_the_relevant_context_comes_first_with_sort(old: PromptCompressor) -> None:
    """`sort` is by relevance, `original` as handed in, `two_stage` puts the second best last."""
    names = {"ferry": 0, "Marsh": 1, "shop": 2, "diary": 3}
    question = "Is the lighthouse built by Ada Marsh the lighthouse of the diary?"
    found = {}
    for order in ("original", "sort", "two_stage"):
        parameters = {**LONG, "rank_method": "bm25", "rate": 0.9, "reorder_context": order, "question": question}
        text = compress(old, **parameters)["compressed_prompt"].removesuffix(question)
        found[order] = [i for _, i in sorted((text.index(name), i) for name, i in names.items() if name in text)]
    assert found["sort"][:2] == [1, 3]
    assert found["original"] == sorted(found["sort"])
    assert (found["two_stage"][0], found["two_stage"][-1]) == (1, 3)


def test_parameters_do_what_they_say(old: PromptCompressor) -> None:
    """Of LLMLingua's route: contexts that come first, sentences, words and digits that stay, contexts without words."""
    low = {"rate": 0.4}
    assert "ferry" in compress(old, **low, force_context_ids=[0])["compressed_prompt"]
    text = compress(old, **low, force_tokens=["crowns"], force_reserve_digit=True, force_context_ids=[0])
    assert "crowns" in text["compressed_prompt"]
    assert "42" in text["compressed_prompt"]
    text = compress(old, rate=0.5, keep_first_sentence=1, force_context_ids=[3])["compressed_prompt"]
    assert "The keeper of the lighthouse wrote a diary." in text
    text = compress(old, rate=0.5, keep_last_sentence=1, force_context_ids=[3])["compressed_prompt"]
    assert "A copy is in the museum." in text
    whole = compress(old, rate=0.6, use_token_level_filter=False)["compressed_prompt"]
    kept = whole.removeprefix(f"{INSTRUCTION}\n\n").removesuffix(f"\n\n{QUESTION}").split("\n\n")
    assert set(kept) < set(CONTEXTS)
    sentences = compress(old, rate=0.6, use_token_level_filter=False, use_sentence_level_filter=True)
    kept = sentences["compressed_prompt"].split("\n\n")[1:-1]
    assert all(part in "".join(CONTEXTS) for text in kept for part in re.findall(r"[^.]+\.", text))


def test_rates_fall_with_the_rank(old: PromptCompressor) -> None:
    """`dynamic_context_compression_ratio` is the spread of rates between the first and the last context."""
    parameters = {**LONG, "rank_method": "bm25", "use_context_level_filter": False, "rate": 0.6}
    shares = {}
    for delta in (0.0, 0.4):
        text = compress(old, **{**parameters, "dynamic_context_compression_ratio": delta})["compressed_prompt"]
        shares[delta] = COUNT(text.split("\n\n")[1]) / COUNT(CONTEXTS[1])
    assert shares[0.4] > shares[0.0]


def test_sentences_stay_where_contexts_are_ranked(old: PromptCompressor) -> None:
    """First and last sentences of the contexts that are kept."""
    text = compress(old, **{**LONG, "rate": 0.7}, keep_first_sentence=1, keep_last_sentence=1)["compressed_prompt"]
    for first, last, name in (
        ("The lighthouse at Gull Point was built by Ada Marsh.", "It is 24 m tall.", "paraffin"),
        ("The keeper of the lighthouse wrote a diary.", "A copy is in the museum.", "storms"),
    ):
        assert (first in text and last in text) or name not in text
    assert "Marsh" in text
    kept = compress(old, **LONG, use_token_level_filter=False, use_sentence_level_filter=True)["compressed_prompt"]
    assert "built by Ada Marsh." in kept


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"high_priority_bonus": 7}, "high_priority_bonus does nothing"),
        ({"keep_sentence_number": 1}, "keep_sentence_number does nothing.*force_words.*protect"),
        ({"token_budget_ratio": 2.0}, "token_budget_ratio does nothing"),
        ({"force_context_number": 2}, "force_context_number is the largest number.*max_demonstrations"),
        ({"target_context": 2}, "target_context is the largest number.*max_passages"),
        ({"token_to_word": "first"}, "token_to_word does nothing without use_llmlingua2=True"),
        ({"return_word_label": True}, "return_word_label does nothing.*spans"),
        ({"chunk_end_tokens": ["."]}, "chunk_end_tokens does nothing"),
        ({"context_segs": [["a"]]}, "context_segs does nothing.*structured_compress_prompt"),
        ({"strict_preserve_uncompressed": False}, "strict_preserve_uncompressed does nothing"),
        ({"dynamic_context_compression_ratio": 0.3}, "dynamic_context_compression_ratio does nothing.*budget_delta"),
        ({"condition_in_question": "after"}, "condition_in_question='after' does nothing"),
        ({"force_tokens": ["\n", "?"]}, "force_tokens=.* does nothing: these are no words; write keep_split"),
        (
            {**LONG, "condition_in_question": "before"},
            r'condition_in_question="before" ranks by .*write rankers=\("contrastive",\)',
        ),
        ({**LONG, "force_context_ids": [1]}, "force_context_ids keeps these contexts whole; write keep_passages"),
        ({**LONG, "keep_split": True}, "keep_split does nothing"),
        ({**LONG, "use_token_level_filter": False}, "dynamic_context_compression_ratio .* kept whole"),
        ({**LONG, "iterative_size": 100}, "iterative_size does nothing"),
        ({**LONG, "add_instruction": True}, "add_instruction does nothing"),
        ({**LONG, "rank_method": "sentbert"}, r'rank_method=.sentbert. ranks by .*write rankers=\("embedding",\)'),
        ({**LONG, "rank_method": "bge_reranker"}, r"rank_method=.bge_reranker. .*cross_encoder_model"),
    ],
)
def test_what_has_another_form_warns_once(old: PromptCompressor, parameters: dict[str, Any], message: str) -> None:
    """One DeprecationWarning, which points to the caller and says what to write; the call works."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        result = compress(old, **parameters)
    assert result["compressed_tokens"] <= result["origin_tokens"]
    assert [warning.category for warning in found] == [DeprecationWarning]
    assert re.match(f"llmlingua's {message}", str(found[0].message), re.DOTALL)
    assert found[0].filename == __file__


def test_numbers_of_contexts_are_limits(old: PromptCompressor) -> None:
    """The dead parameter of llmlingua works."""
    for parameters in ({"force_context_number": 1}, {"target_context": 1}, {**LONG, "target_context": 1}):
        with pytest.warns(DeprecationWarning, match="largest number of contexts"):
            text = compress(old, **{**parameters, "rate": 1})["compressed_prompt"]
        assert len(text.split("\n\n")) == 3


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"rate": 1.2}, OptionsError, r"rate=1\.2 is not allowed"),
        ({"rate": "half"}, InvalidTypeError, "rate is of type str; give a number"),
        ({"target_token": -3}, OptionsError, "target_token=-3 is not allowed"),
        ({"context": 3}, InvalidTypeError, "context is of type int; give a string or a list of strings"),
        ({"context": ["a", 3]}, InvalidTypeError, "context 1 is of type int"),
        ({"question": None}, InvalidTypeError, "question is of type NoneType"),
        ({"rank_method": "llmlinga"}, OptionsError, "allowed are llmlingua, longllmlingua, bm25, gzip.*did you mean"),
        ({"rank_method": "cohere"}, OptionsError, "calls a paid service.*allowed are llmlingua"),
        ({"reorder_context": "sorted"}, OptionsError, "allowed are original, two_stage, sort; did you mean 'sort'"),
        ({"condition_in_question": "behind"}, OptionsError, "allowed are none, before, after, none_condition"),
        ({"context_budget": "+100; import os"}, OptionsError, "never run as code"),
        ({"context_budget": "*0.5"}, OptionsError, r"at least \"\*1\""),
        ({"context_budget": 100}, OptionsError, "context_budget=100 is not allowed"),
        ({"ratio": 0.5}, InvalidTypeError, "compress_prompt: got an unexpected keyword argument 'ratio'; did you mean"),
        ({**LONG, "question": ""}, MissingQuestionError, "rank_method='longllmlingua' needs a question"),
        ({"condition_compare": True, "question": " "}, MissingQuestionError, "condition_compare=True needs a question"),
        ({"force_context_ids": [9]}, InvalidInputError, r"names \[9\], but there are 4"),
    ],
)
def test_what_is_not_allowed_is_named(
    old: PromptCompressor, parameters: dict[str, Any], error: type[LinguaError], message: str
) -> None:
    """The message says what came and what is allowed; text is never run as code."""
    with pytest.raises(error, match=message):
        compress(old, **parameters)


def test_the_default_model_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Once, at INFO; a named model needs no such line."""
    with caplog.at_level(logging.INFO, logger="lingua_shared"):
        assert PromptCompressor().engine.models.model == "smollm2-135m"
        PromptCompressor("gpt2")
    assert caplog.text.count("the small model smollm2-135m scores") == 1


def test_arguments_of_the_constructor(scoring: OverlapScoring) -> None:
    """Those of transformers that have a counterpart; the others are an error or a warning."""
    config = {"revision": "main", "torch_dtype": "torch.float16", "trust_remote_code": True}
    models = PromptCompressor("a/b", "cuda:1", config).engine.models
    assert (models.model, models.device, models.revision, models.dtype) == ("a/b", "cuda:1", "main", "float16")
    assert models.trust_remote_code
    assert config == {"revision": "main", "torch_dtype": "torch.float16", "trust_remote_code": True}
    assert not PromptCompressor("a/b").engine.models.trust_remote_code
    with pytest.raises(OptionsError, match=r"model_config has \['load_in_4bit'\]; allowed are dtype, .*GPTQ, AWQ"):
        PromptCompressor("a/b", model_config={"load_in_4bit": True})
    with pytest.raises(InvalidTypeError, match="device_map is of type dict"):
        PromptCompressor("a/b", {"": 0})  # type: ignore[arg-type]
    for arguments, message in (
        ({"device_map": "balanced"}, "is one device here"),
        ({"model_config": {"pad_to_left": True}}, "pad_to_left does nothing"),
        ({"open_api_config": {"api_key": "k"}}, "open_api_config does nothing"),
        ({"llmlingua2_config": {"max_batch_size": 1}}, "llmlingua2_config does nothing"),
    ):
        with pytest.warns(DeprecationWarning, match=message) as found:
            PromptCompressor("a/b", scoring=scoring, **arguments)
        assert [warning.filename for warning in found] == [__file__]


def test_attributes_of_llmlingua_that_are_gone_are_explained(old: PromptCompressor) -> None:
    """They were details of its implementation."""
    with pytest.raises(AttributeError, match="has no attribute 'oai_tokenizer'; `engine` is the compressor"):
        old.oai_tokenizer  # noqa: B018


def test_legacy_shift_is_for_llmlingua_alone(scoring: OverlapScoring) -> None:
    """Ranked contexts have no such thing."""
    shifted = PromptCompressor("smollm2-135m", legacy_shift=True, scoring=scoring)
    assert compress(shifted)["compressed_tokens"] > 0
    with pytest.raises(OptionsError, match=r"legacy_shift works with rank_method=.llmlingua."):
        compress(shifted, **LONG)


@pytest.mark.parametrize("method", ["llmlingua", "longllmlingua", "bm25", "gzip"])
def test_contexts_are_ranked(old: PromptCompressor, method: str) -> None:
    """Pairs of index and score; llmlingua's own two methods give negative log-likelihoods, best first."""
    ranked = old.get_rank_results([*CONTEXTS, CONTEXTS[1], " "], QUESTION, method, "after", [])
    assert sorted(index for index, _ in ranked) == list(range(6))
    scores = [score for _, score in ranked]
    assert scores == sorted(scores, reverse=method != "longllmlingua")
    same = dict(ranked)
    assert same[1] == same[4]
    if method in ("longllmlingua", "bm25"):
        assert [index for index, _ in ranked][:2] == [1, 4]
    with pytest.raises(OptionsError, match="rank_method='x' is unknown"):
        old.get_rank_results(CONTEXTS, QUESTION, "x", "after", [])
    if method != "llmlingua":
        with pytest.raises(MissingQuestionError, match="needs a question"):
            old.get_rank_results(CONTEXTS, "", method, "after", [])


def test_answers_are_recovered_from_texts(old: PromptCompressor) -> None:
    """Also where the contexts have changed their order."""
    original = "\n\n".join(CONTEXTS)
    compressed = "The lighthouse at Gull Point was built by Ada.\n\nA ferry leaves at 10 pm."
    assert old.recover(original, compressed, "A ferry leaves at 10 pm.") == "A ferry leaves the harbour at 10 pm."
    assert old.recover(original, "", "Nobody knows.") == "Nobody knows."
    assert old.recover(original, original, "A ferry leaves at 10 pm.") == "A ferry leaves at 10 pm."
    with pytest.raises(InvalidTypeError, match="response is of type NoneType"):
        old.recover(original, compressed, None)  # type: ignore[arg-type]


texts = st.lists(
    st.sampled_from(["tower", "fell.", "12 + 3 = 15", "Ada Marsh", "not", "東京都は", "\n\n", "- item", "x" * 30]),
    max_size=20,
).map(" ".join)


@given(
    contexts=st.lists(texts, max_size=4),
    instruction=texts,
    question=texts,
    rate=st.floats(0, 1),
    ranks=st.sampled_from(["llmlingua", "longllmlingua", "bm25"]),
    sentences=st.sampled_from([{}, {"use_sentence_level_filter": True}, {"use_token_level_filter": False}]),
)
def test_the_budget_is_a_ceiling_and_the_frame_stays(
    contexts: list[str], instruction: str, question: str, rate: float, ranks: str, sentences: dict[str, Any]
) -> None:
    """Never over, unless instruction and question alone are; both stay byte for byte."""
    old = PromptCompressor("smollm2-135m", scoring=OverlapScoring())
    question = question if question.strip() or ranks == "llmlingua" else "Who?"
    sentences = sentences if len(contexts) > 1 else {}  # a single context is not left out, as in llmlingua
    result = old.compress_prompt(contexts, instruction, question, rate, rank_method=ranks, **sentences)
    around = "\n\n".join(part for part in (instruction, question) if part)
    assert result["compressed_tokens"] <= max(rate * result["origin_tokens"] + 1e-6, COUNT(around))
    assert result["compressed_prompt"].startswith(instruction)
    assert result["compressed_prompt"].endswith(question)


words = st.sampled_from(["tower", "Ada", "12", "fell.", "not", "東京都は", "-", "\n\n", "x"])


@given(kept=st.lists(st.tuples(words, st.booleans()), max_size=40))
def test_kept_spans_hold_what_was_kept(kept: list[tuple[str, bool]]) -> None:
    """Spans are in order, do not overlap, and hold no more words than the compressed text."""
    original = " ".join(word for word, _ in kept)
    compressed = " ".join(word for word, stays in kept if stays)
    spans = kept_spans(original, compressed)
    assert all(start < end for start, end in spans)
    assert list(spans) == sorted(spans)
    held = re.findall(r"\w+|[^\w\s]", " ".join(original[start:end] for start, end in spans))
    assert set(held) <= set(re.findall(r"\w+|[^\w\s]", compressed))


@pytest.mark.parametrize(("name", "ours", "_hint"), described(PromptParameters))
def test_every_parameter_is_described(name: str, ours: str, _hint: str) -> None:
    """Each has a name in this package, or is said not to be needed."""
    assert name
    assert "`" in ours or ours == "not needed"
