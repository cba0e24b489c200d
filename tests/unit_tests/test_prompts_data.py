"""Rules for data, and what is refused."""

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from lingua_shared import (
    BudgetError,
    CompressionOptions,
    DataRule,
    DataRules,
    InvalidInputError,
    MissingPackageError,
    OptionsError,
    PromptCompressor,
)
from lingua_shared.prompts.packages import load_package
from tests.fakes import OverlapScoring

LONG = "The river rose in spring. The bridge was built of stone in 1820. Nobody had asked."
DATA = {"id": 987654, "open": True, "none": None, "note": LONG, "items": [{"text": LONG, "price": 1.50}, {"text": "x"}]}
SOURCE = '{"id": 987654, "price": 1.50, "big": 1e3,\n  "note": "' + LONG + '", "esc": "\\u00e9 ' + LONG + '"}'


def test_only_texts_that_a_rule_names_change(compressor: PromptCompressor) -> None:
    """Numbers keep their digits, and the layout its white space."""
    text = compressor.compress_json(SOURCE, rules={"note": 0.6}, question="bridge").text
    assert text == SOURCE.replace(LONG, "The bridge was built of stone in 1820.", 1)


def test_escapes_are_written_as_in_the_source(compressor: PromptCompressor) -> None:
    """A text in ASCII stays in ASCII."""
    source = json.dumps({"a": "é. " + LONG, "b": LONG})
    assert compressor.compress_json(source, rules={"$": 0.9}).text.isascii()


def test_python_values_are_compressed_as_their_json(compressor: PromptCompressor) -> None:
    """The value has the same types, and what was handed in stays as it was."""
    before = json.dumps(DATA)
    result = compressor.compress_json(DATA, rules={"$.items[*].text": 0.6}, question="bridge")
    expected = {**DATA, "items": [{"text": "The bridge was built of stone in 1820.", "price": 1.5}, {"text": "x"}]}
    assert (result.value, json.loads(result.text), json.dumps(DATA)) == (expected, expected, before)
    assert [part.place for part in result.parts] == ["$.items[0].text"]


def test_short_texts_are_kept(compressor: PromptCompressor) -> None:
    """Names and labels stay, unless they are to go or the rules say otherwise."""
    data = {"name": "Bob Hale", "note": LONG}
    assert compressor.compress_json(data, rules={"$": 0.3}).value["name"] == "Bob Hale"
    assert compressor.compress_json(data, rules={"name": 0.0}).value == {"name": "", "note": LONG}
    rules = DataRules(rules={"name": DataRule(rate=0.5)}, min_tokens=0)
    assert compressor.compress_json(data, rules=rules).value["name"] != "Bob Hale"


def test_a_nearer_rule_counts_and_of_two_the_later_one(compressor: PromptCompressor) -> None:
    """A rule for an inner value wins over one for what it is in."""
    result = compressor.compress_json(DATA, rules={"items": 0.0, "$.items[0]": 1.0, "note": 0.5, "$.note": 1.0})
    assert result.value == {**DATA, "items": [DATA["items"][0], {"text": ""}]}  # type: ignore[index]


def test_the_least_relevant_values_are_left_out(compressor: PromptCompressor) -> None:
    """Pairs and items go with their keys; the rest keeps its order, or is ordered by relevance."""
    records = [{"text": text} for text in ("A ferry.", "An old bridge.", "Bread.", "The bridge of York.")]
    rules: dict[str, Any] = {"rules": {"$[*]": {"keep": 0.7}}, "order": "relevance"}
    result = compressor.compress_json(records, rules=DataRules.model_validate(rules), question="bridge of York")
    assert result.value == [records[3], records[1]]
    assert sorted(part.place for part in result.parts) == ["$[0]", "$[2]"]


def test_values_are_ranked_whatever_the_options_force(compressor: PromptCompressor) -> None:
    """Ranking chooses nothing, so it cannot fail for want of room."""
    records = [
        {"text": LONG + " Bread."},
        {"text": "The bridge of York is old and made of stone, and nobody asks why."},
    ]
    options = CompressionOptions(
        unit="word", force_words=("the", "bridge"), keep_digits=True, keep_first_sentence=True, on_empty="error"
    )
    rules = {"$[*]": DataRule(keep=0.5)}
    result = compressor.compress_json(records, rules=rules, question="York", options=options)
    assert result.value == [records[1]]


def test_a_budget_that_cannot_be_kept_is_an_error(compressor: PromptCompressor) -> None:
    """What no rule names counts, too."""
    with pytest.raises(BudgetError, match="what must stay has"):
        compressor.compress_json(DATA, rules={"note": 0.5}, options=CompressionOptions(target_tokens=20))


def test_rules_are_read_from_yaml(tmp_path: Path) -> None:
    """As text or from a file."""
    text = "rules:\n  $.items[*].text: 0.3\n  note: {rate: 0.5, keep: 0.8}\norder: relevance\n"
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    rules = DataRules.from_yaml(text)
    assert rules == DataRules.from_yaml(tmp_path / "rules.yaml")
    assert rules.rules == {"$.items[*].text": DataRule(rate=0.3), "note": DataRule(rate=0.5, keep=0.8)}


@pytest.mark.parametrize(
    "rules",
    [
        {"a": 1.5},
        {"a": "half"},
        {"a": True},
        {"a": {"share": 1}},
        {"$.items[": 0.5},
        ["a"],
        None,
    ],
)
def test_wrong_rules_are_refused(compressor: PromptCompressor, rules: Any) -> None:
    """Rates from 0 to 1, paths that can be read."""
    with pytest.raises(OptionsError):
        compressor.compress_json(DATA, rules=rules)


def test_rules_that_are_no_yaml_are_refused() -> None:
    """The error says so."""
    with pytest.raises(OptionsError, match="the rules are no YAML"):
        DataRules.from_yaml("rules: [")


@pytest.mark.parametrize(
    "data", ["{", "", '{"a": 1} 2', {1: "a"}, {"a": (1, 2)}, {"a": object()}, "[" * 101 + "]" * 101, "\ud800"]
)
def test_what_is_no_json_is_refused(compressor: PromptCompressor, data: Any) -> None:
    """Text, or values that change when written as JSON."""
    with pytest.raises(InvalidInputError):
        compressor.compress_json(data, rules={"a": 0.5})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": [{"b": (1, 2)}]}, r"the value at \$\.a\[0\]\.b is of type tuple.*give a list"),
        ({"a": {2: "x"}}, r"the key 2 at \$\.a is of type int; JSON has texts as keys"),
    ],
)
def test_error_says_where_data_are_no_json(compressor: PromptCompressor, data: Any, message: str) -> None:
    """The path of the value, its type, and what to give."""
    with pytest.raises(InvalidInputError, match=message):
        compressor.compress_json(data, rules={"a": 0.5})


def test_a_missing_file_of_rules_is_named() -> None:
    """A text that looks like a file's name is one; any other text that is no mapping is refused."""
    with pytest.raises(OptionsError, match=r"the file '/no/rules.yaml' with rules cannot be read"):
        DataRules.from_yaml("/no/rules.yaml")
    with pytest.raises(OptionsError, match=r"the rules '/no' are no mapping"):
        DataRules.from_yaml("/no")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "no YAML .*line 1, column 5"),
        ("a: 1\n---\nb: 2", "several documents of YAML, the second one from line 2 on"),
        ("[" * 102 + "]" * 102, "nested deeper than 100 levels"),
    ],
)
def test_what_is_no_single_yaml_is_refused(compressor: PromptCompressor, text: str, message: str) -> None:
    """Broken, several documents, too deep."""
    with pytest.raises(InvalidInputError, match=message):
        compressor.compress_yaml(text, rules={"a": 0.5})


def test_yaml_keeps_comments_anchors_and_styles(compressor: PromptCompressor) -> None:
    """Only the text that a rule names is written anew, in its style."""
    source = f"# head\na: &x 'keep'  # why\nb: *x\nnote: |  # long\n  {LONG}\n\nplain: {LONG}\n- \n".removesuffix(
        "- \n"
    )
    result = compressor.compress_yaml(source, rules={"note": 0.6, "plain": 0.6}, question="bridge")
    kept = "The bridge was built of stone in 1820."
    assert result.text == f"# head\na: &x 'keep'  # why\nb: *x\nnote: |-  # long\n  {kept}\n\nplain: {kept}\n"
    assert result.value == {"a": "keep", "b": "keep", "note": kept, "plain": kept}


def test_empty_items_of_yaml_are_left_out_with_their_dash(compressor: PromptCompressor) -> None:
    """An item without a value is an item."""
    source = f"- {LONG}\n-  # nothing\n- {LONG} The bridge.\n-\n"
    result = compressor.compress_yaml(source, rules={"$[*]": DataRule(keep=0.0)})
    assert (result.value, len(result.parts)) == ([], 4)


def test_half_characters_stay(compressor: PromptCompressor) -> None:
    """A text with escaped surrogates, which PyYAML reads one by one, is kept as it is."""
    source = f'a: "{LONG} \\ud83d\\ude42"\nb: {LONG}\n'
    result = compressor.compress_yaml(source, rules={"$": 0.5})
    assert result.text.startswith(source.splitlines()[0] + "\nb: ")
    assert [part.place for part in result.parts] == ["$.b"]


def test_a_rule_that_names_nothing_is_noted(compressor: PromptCompressor) -> None:
    """A misspelled key does not pass in silence; a rule that a later one replaces is used."""
    result = compressor.compress_json(DATA, rules={"notes": 0.5, "note": 0.5, "$.note": 1.0})
    assert result.notes == ("the rule 'notes' names no value",)


def test_texts_at_rate_0_need_no_model(compressor: PromptCompressor, scoring: OverlapScoring) -> None:
    """They are left out as asked: without scores, without a note, and whatever else is forced."""
    options = CompressionOptions(protect=("bridge",), protect_units=True, on_empty="error")
    result = compressor.compress_json(DATA, rules={"note": 0.0}, options=options)
    assert (result.value, result.notes, scoring.opened) == ({**DATA, "note": ""}, (), 0)
    [part] = result.parts
    assert (part.text, part.source, part.compressed_tokens) == ("", LONG, 0)


def test_long_lists_are_written_in_linear_time(compressor: PromptCompressor) -> None:
    """The time for each value does not grow with their number."""

    def seconds(count: int) -> float:
        source = json.dumps(list(range(count)))

        def run() -> float:
            start = process_time()
            compressor.compress_json(source, rules={"a": 0.5})
            return process_time() - start

        return min(run() for _ in range(3))

    assert seconds(16_000) < 4 * 3 * seconds(4_000)


def test_tags_of_an_application_stay(compressor: PromptCompressor) -> None:
    """A value with a tag of its own is not touched; there are no Python values then."""
    result = compressor.compress_yaml(f"a: !Ref {LONG}\nb: {LONG}\n", rules={"$": 0.5})
    assert result.text.startswith(f"a: !Ref {LONG}\nb: ")
    assert (result.value, len(result.parts)) == (None, 1)


def test_a_missing_package_is_named() -> None:
    """The error says what to install."""
    with pytest.raises(MissingPackageError, match=r"YAML needs the package no-such; install it with: pip install"):
        load_package("no_such_package", distribution="no-such", what="YAML")
