"""The drop-in for LLMLingua-2 on tiny classifiers of the published classes: parameters, labels, warnings, errors."""

import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document

from langchain_lingua import LongLLMLinguaCompressor
from lingua_shared import InvalidTypeError, OptionsError
from lingua_shared.compat import PromptCompressor
from lingua_shared.text.token_counting import make_counter
from lingua_shared.text.words import word_spans
from llamaindex_lingua import LongLLMLinguaPostprocessor
from tests import tiny_models

COUNT = make_counter("cl100k_base")
PROMPT = (
    "Who built the lighthouse at Gull Point? The keeper wrote it down.\n"
    "A ferry left the harbour at 10 pm; the fare was $3.50.\n\n"
    "Where is it? Nobody knows, really. Ada Marsh built it in 1871."
)
CONTEXTS = [PROMPT, *tiny_models.CORPUS[:4], "so it goes on and on " * 10]
KINDS = {
    "bert": "llmlingua-2-bert-base-multilingual-cased-meetingbank",
    "xlmr": "llmlingua-2-xlm-roberta-large-meetingbank",
}


@pytest.fixture(name="old", params=KINDS, scope="module")
def _old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PromptCompressor:
    """The drop-in on a classifier of a published class, in a folder of its name."""
    folder = tmp_path_factory.mktemp("microsoft") / KINDS[request.param]
    return on(tiny_models.save_classifier(folder, request.param))


def on(folder: Path) -> PromptCompressor:
    config = {"dtype": "float32", "local_files_only": True}
    return PromptCompressor(model_name=str(folder), device_map="cpu", model_config=config, use_llmlingua2=True)


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


def test_the_call_of_llmlinguas_readme(old: PromptCompressor) -> None:
    """The budget holds, words come in their order, lines stay lines, and what is forced is there."""
    result = old.compress_prompt(PROMPT, rate=0.4, force_tokens=["\n", "?"])
    assert set(result) == {
        "compressed_prompt", "compressed_prompt_list", "origin_tokens", "compressed_tokens", "ratio", "rate", "saving",
    }  # fmt: skip
    text = result["compressed_prompt"]
    assert result["compressed_prompt_list"] == [text]
    assert result["compressed_tokens"] == COUNT(text) <= 0.4 * result["origin_tokens"]
    assert result["compressed_tokens"] > 0.3 * result["origin_tokens"]
    assert {"Point?", "it?"} <= set(words(text))
    assert "\n" in text
    left = iter(words(PROMPT))
    assert all(any(word == other for other in left) for word in words(text))


def test_both_methods_are_the_same(old: PromptCompressor) -> None:
    """But for the filter of contexts, whose default differs, as in llmlingua."""
    found = old.compress_prompt(CONTEXTS, rate=0.5, use_context_level_filter=False)
    assert (
        found
        == old.compress_prompt_llmlingua2(CONTEXTS, 0.5)
        == old(CONTEXTS, rate=0.5, use_context_level_filter=False)
    )
    assert 1 < len(found["compressed_prompt_list"]) <= len(CONTEXTS)
    assert found["compressed_prompt"] == "\n\n".join(found["compressed_prompt_list"])


def test_the_filter_of_contexts(old: PromptCompressor) -> None:
    """It leaves whole contexts out before words are chosen, by number, by tokens or by rate; the budget stays."""
    sizes = []
    limits: list[dict[str, Any]] = [
        {}, {"target_context": 2}, {"context_level_rate": 0.5}, {"context_level_target_token": 60}, {"rate": 0.6},
    ]  # fmt: skip
    for given in limits:
        parameters: dict[str, Any] = {"rate": 0.3, "use_context_level_filter": True, **given}
        result = old.compress_prompt_llmlingua2(CONTEXTS, **parameters)
        assert result["compressed_tokens"] <= given.get("rate", 0.3) * result["origin_tokens"]
        sizes.append(len(result["compressed_prompt_list"]))
    assert sizes[1] == 2
    assert max(sizes[0], sizes[2], sizes[3]) < len(CONTEXTS)
    whole = old.compress_prompt(CONTEXTS, target_token=60, use_token_level_filter=False)
    assert whole["compressed_prompt_list"]
    assert set(whole["compressed_prompt_list"]) < set(CONTEXTS)
    assert whole["compressed_tokens"] <= 60


def test_words_have_labels(old: PromptCompressor) -> None:
    """Each word of the contexts with 1 or 0; those with 1 are the compressed prompt."""
    result = old.compress_prompt(CONTEXTS, rate=0.3, return_word_label=True, word_sep="|", label_sep="=")
    labelled = [one.rsplit("=", 1) for one in result["fn_labeled_original_prompt"].split("|")]
    assert [word for word, _ in labelled] == [word for text in CONTEXTS for word in words(text)]
    assert [word for word, label in labelled if label == "1"] == words(result["compressed_prompt"])


def test_digits_contexts_and_modes(old: PromptCompressor) -> None:
    """Digits stay, contexts are kept whole with a warning, and a word can have its first token's probability."""
    digits = {word for word in words(PROMPT) if re.search(r"\d", word)}
    assert digits <= set(words(old.compress_prompt(PROMPT, rate=0.5, force_reserve_digit=True)["compressed_prompt"]))
    with pytest.warns(DeprecationWarning, match="force_context_ids keeps these contexts whole"):
        kept = old.compress_prompt_llmlingua2(CONTEXTS, rate=0.6, force_context_ids=[2])
    assert CONTEXTS[2] in kept["compressed_prompt_list"]
    assert old.compress_prompt(PROMPT, rate=0.4, token_to_word="first")["compressed_prompt"]


def test_marks_that_take_too_much_are_not_forced(old: PromptCompressor, caplog: pytest.LogCaptureFixture) -> None:
    """Words with them would use up the budget; the log says so, and forced words stay."""
    result = old.compress_prompt(PROMPT, rate=0.2, force_tokens=[",", "Marsh", "", "."])
    assert "Marsh" in words(result["compressed_prompt"])
    assert result["compressed_tokens"] <= 0.2 * result["origin_tokens"]
    assert "words with '.' take" in caplog.text


@pytest.mark.parametrize("context", ["", " \n", [], ["", ""], "?", "😀 。"])
@pytest.mark.parametrize("amount", [{"rate": 0}, {"rate": 0.5}, {"rate": 1}, {"target_token": 0}])
def test_nothing_is_too_small(old: PromptCompressor, context: Any, amount: dict[str, Any]) -> None:
    """Where llmlingua divides by zero or has no percentile."""
    result = old.compress_prompt(context, **amount, return_word_label=True)
    assert result["compressed_tokens"] <= result["origin_tokens"]
    if amount == {"rate": 1} and isinstance(context, str):
        assert result["compressed_prompt"] == context


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"question": "Who built it?"}, "question does nothing with LLMLingua-2: .* put it into your prompt"),
        ({"instruction": "Be brief."}, "instruction does nothing with LLMLingua-2"),
        ({"rank_method": "longllmlingua"}, r"rank_method does nothing .*longllmlingua\+llmlingua2"),
        ({"keep_split": True}, "keep_split does nothing with LLMLingua-2: it belongs to LLMLingua"),
        ({"drop_consecutive": True}, "drop_consecutive does nothing: marks stay"),
        ({"chunk_end_tokens": ["."]}, "chunk_end_tokens does nothing: windows"),
    ],
)
def test_what_does_nothing_warns_once(old: PromptCompressor, parameters: dict[str, Any], message: str) -> None:
    """The warning points to the caller, and the result is that without it."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        result = old.compress_prompt(PROMPT, rate=0.3, **parameters)
    assert [(one.category, one.filename) for one in found] == [(DeprecationWarning, __file__)]
    assert re.match(f"llmlingua's {message}", str(found[0].message), re.DOTALL)
    assert result == old.compress_prompt(PROMPT, rate=0.3)


def test_what_is_not_allowed_is_named(old: PromptCompressor) -> None:
    """Before anything is read."""
    with pytest.raises(OptionsError, match="token_to_word='last' is unknown; allowed are mean, first"):
        old.compress_prompt_llmlingua2(PROMPT, token_to_word="last")
    with pytest.raises(OptionsError, match=r"rate=1\.5 is not allowed"):
        old.compress_prompt_llmlingua2(PROMPT, rate=1.5)
    with pytest.raises(InvalidTypeError, match="context is of type int"):
        old.compress_prompt_llmlingua2(3)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="did you mean 'force_tokens'"):
        old.compress_prompt_llmlingua2(PROMPT, force_token=["?"])  # type: ignore[call-arg]


def test_the_adapters_have_it(tmp_path: Path) -> None:
    """`from_llmlingua(use_llmlingua2=True)` needs no question and no causal model."""
    folder = tiny_models.save_classifier(tmp_path / "classifier")
    arguments: dict[str, Any] = {
        "model_name": str(folder), "device_map": "cpu", "use_llmlingua2": True, "target_token": 30,
        "additional_compress_kwargs": {"force_tokens": ["\n", "?"]},
    }  # fmt: skip
    compressor = LongLLMLinguaCompressor.from_llmlingua(**arguments)
    [document] = compressor.compress_documents([Document(PROMPT)], "Where?")
    assert 0 < COUNT(document.page_content) <= 30
    assert "?" in document.page_content
    postprocessor = LongLLMLinguaPostprocessor.from_llmlingua(**arguments)
    assert (postprocessor.method, postprocessor.classifier_model) == ("llmlingua2", str(folder))
