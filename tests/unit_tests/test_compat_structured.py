"""Tagged prompts and JSON through the drop-in for llmlingua, with a scorer without a model."""

import json
from pathlib import Path
from typing import Any

import pytest

from lingua_shared import InvalidInputError, InvalidTypeError, LinguaError, OptionsError
from lingua_shared.compat import PromptCompressor
from lingua_shared.compat.structured import json_rules
from lingua_shared.text.token_counting import make_counter
from tests.fakes import OverlapScoring

COUNT = make_counter("cl100k_base")

FIRST = "Thank you very much. We move on to the budget of the library for the next two years, which is short."
SECOND = "Item 15 is about the roof. It has leaked since the storm in January, and three firms were asked for an offer."
TAGGED = (
    "<llmlingua, compress=False>Speaker 4: </llmlingua>"
    f"<llmlingua, rate=0.4>{FIRST}</llmlingua>"
    "<llmlingua, compress=False>\nSpeaker 0: </llmlingua>"
    f"<llmlingua>{SECOND}</llmlingua>"
)
BIOGRAPHY = (
    "Ada Marsh was born near the lighthouse, and she built its tower with her own hands before she left the town."
)
DATA: dict[str, Any] = {
    "id": 987654,
    "name": "Ada Marsh",
    "is open": None,
    "biography": BIOGRAPHY,
    "it's \\ odd": [BIOGRAPHY, BIOGRAPHY.replace("Ada", "Eva")],
    "meta": {"biography": BIOGRAPHY, "year": 1883.0},
}
CONFIG = {key: {"rate": 0.4, "compress": key != "meta", "value_type": "string", "pair_remove": False} for key in DATA}


@pytest.fixture(name="old")
def _old(scoring: OverlapScoring) -> PromptCompressor:
    return PromptCompressor("smollm2-135m", scoring=scoring)


@pytest.mark.parametrize(
    "more", [{}, {"question": "What about the roof?", "rank_method": "longllmlingua", "condition_compare": True}]
)
def test_texts_in_tags_are_compressed(old: PromptCompressor, more: dict[str, Any]) -> None:
    """Each by its rate, and a tag without one by that of the call; protected text stays; the frame is whole."""
    result = old.structured_compress_prompt([TAGGED], "Be brief.", rate=0.6, **more)
    text = result["compressed_prompt"]
    start, _, rest = text.removeprefix("Be brief.\n\n").partition("\nSpeaker 0: ")
    assert start.startswith("Speaker 4: ")
    assert COUNT(start.removeprefix("Speaker 4: ")) <= 0.4 * COUNT(FIRST)
    assert 0.4 * COUNT(SECOND) < COUNT(rest.partition("\n\n")[0]) <= 0.6 * COUNT(SECOND)
    assert text.endswith(more.get("question", ""))
    assert result["compressed_tokens"] == COUNT(text)
    plain = f"Speaker 4: {FIRST}\nSpeaker 0: {SECOND}"
    parts = ["Be brief.", plain, *([more["question"]] if more else [])]
    assert abs(result["origin_tokens"] - COUNT("\n\n".join(parts))) <= 1


def test_target_token_bounds_the_tagged_contexts(old: PromptCompressor) -> None:
    """Instruction and question come on top."""
    result = old.structured_compress_prompt(TAGGED, question="Why?", target_token=30)
    assert COUNT(result["compressed_prompt"].removesuffix("\n\nWhy?")) <= 30
    alone = old.structured_compress_prompt(TAGGED, question="Why?", concate_question=False)
    assert "Why?" not in alone["compressed_prompt"]


def test_wrong_tags_are_named(old: PromptCompressor) -> None:
    """With line and column."""
    with pytest.raises(InvalidInputError, match="line 2, column 1"):
        old.structured_compress_prompt(["a\n<llmlingua rate=2>b</llmlingua>"])
    with pytest.warns(DeprecationWarning, match="reorder_context does nothing for tagged prompts") as found:
        old.structured_compress_prompt([TAGGED], reorder_context="sort")
    assert [warning.filename for warning in found] == [__file__]


def test_json_keeps_its_form(old: PromptCompressor, tmp_path: Path) -> None:
    """Texts of keys that may be compressed get shorter; everything else, and the data handed in, stays."""
    before = json.dumps(DATA)
    result = old.compress_json(DATA, CONFIG)
    made = result["compressed_prompt"]
    assert list(made) == list(DATA)
    assert {key: made[key] for key in ("id", "name", "is open", "meta")} == {
        key: DATA[key] for key in ("id", "name", "is open", "meta")
    }
    texts = [DATA["biography"], *DATA["it's \\ odd"]]
    for short, long in zip([made["biography"], *made["it's \\ odd"]], texts, strict=True):
        assert 0 < COUNT(short) <= 0.4 * COUNT(long)
    assert json.dumps(DATA) == before
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps(CONFIG))
    assert old.compress_json(DATA, str(file)) == result
    assert old.compress_json(DATA, CONFIG, target_token=120)["compressed_tokens"] <= 120


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rate": 0.4}, "rate does nothing for JSON.*rules of compress_json"),
        ({"instruction": "Be brief."}, "instruction does nothing for JSON"),
        ({"use_keyvalue_level_filter": True}, "use_keyvalue_level_filter does nothing for JSON.*keep"),
        ({"iterative_size": 10}, "iterative_size does nothing for JSON"),
    ],
)
def test_parameters_without_use_for_json_warn(old: PromptCompressor, parameters: dict[str, Any], message: str) -> None:
    """None is ignored in silence."""
    with pytest.warns(DeprecationWarning, match=message) as found:
        old.compress_json(DATA, CONFIG, **parameters)
    assert [warning.filename for warning in found] == [__file__]


@pytest.mark.parametrize(
    ("data", "config", "error", "message"),
    [
        ([], {}, InvalidTypeError, "json_data is of type list; give a dictionary"),
        ({"a": 1}, 3, InvalidTypeError, "json_config is of type int"),
        ({"a": 1}, {}, OptionsError, r"differ in the keys \['a'\]"),
        ({"a": 1}, "gone.yaml", OptionsError, r"json_config cannot be read \(.*\); give a dictionary"),
        ({"a": 1}, __file__, OptionsError, r"json_config cannot be read \(.*\); give a dictionary"),
        ({"a": 1}, {"a": {"rat": 1}}, OptionsError, r"json_config of 'a' has \['rat'\]; allowed are rate, compress"),
        ({"a": 1}, {"a": 0.5}, OptionsError, r"json_config of 'a' has \[0.5\]"),
        ({"a": 1}, {"a": {"rate": 3}}, OptionsError, "rate=3 is not allowed"),
    ],
)
def test_wrong_configurations_are_named(data: Any, config: Any, error: type[LinguaError], message: str) -> None:
    """The message says what is allowed."""
    with pytest.raises(error, match=message):
        json_rules(data, config)


def test_rules_are_paths_of_keys() -> None:
    """Keys are at the top only, and may hold any character; those not to be compressed have no rule."""
    assert json_rules(DATA, CONFIG) == {
        "$['id']": 0.4,
        "$['name']": 0.4,
        "$['is open']": 0.4,
        "$['biography']": 0.4,
        "$['it\\'s \\\\ odd']": 0.4,
    }
