"""What holds for all data in JSON and YAML: valid, of the same types, numbers and keys unchanged, rates and budget."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import yaml

from lingua_shared import BudgetError, CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.prompts.data_rules import DataRule, DataRules
from lingua_shared.prompts.result import DataResult
from tests.chats import COUNT
from tests.data_values import as_json, as_yaml, leaves, random_rules, random_value, records
from tests.fakes import OverlapScoring
from tests.prompt_cases import cases, seeded

COMPRESSOR = PromptCompressor(ModelOptions(), scoring=OverlapScoring())

FORMATS: dict[str, tuple[Callable[[Random, Any], str], Callable[..., DataResult], Callable[[str], Any]]] = {
    "json": (as_json, COMPRESSOR.compress_json, json.loads),
    "yaml": (as_yaml, COMPRESSOR.compress_yaml, yaml.safe_load),
}


def check_values(before: Any, after: Any, result: DataResult) -> None:
    """Check that only texts changed, as the parts say."""
    parts = {part.source: part for part in result.parts}
    old, new = list(leaves(before)), list(leaves(after))
    assert [path for path, _ in old] == [path for path, _ in new]
    for (_, one), (_, other) in zip(old, new, strict=True):
        assert type(one) is type(other)
        if one != other:
            assert parts[one].text == other
            assert all(one[span.start : span.end] in other for span in parts[one].spans)


@pytest.mark.parametrize("name", FORMATS)
def test_random_data(name: str) -> None:
    """Texts are shortened to their rates; everything else is the same value."""
    show, compress, load = FORMATS[name]
    random, shortened = seeded(name), 0
    for _ in range(number := cases(4)):
        value = random.choice((random_value, records))(random)
        source, rules = show(random, value), random_rules(random)
        value = load(source)  # the folded style of PyYAML changes some texts
        result = compress(source, rules=rules, question=random.choice((None, "Where is the bridge?")))
        assert result.value == load(result.text)
        check_values(value, result.value, result)
        highest = max(rule.rate for rule in DataRules(rules=rules).rules.values())
        assert all(part.compressed_tokens <= highest * part.original_tokens + 1e-9 for part in result.parts)
        assert (result.original_tokens, result.compressed_tokens) == (COUNT(source), COUNT(result.text))
        shortened += len(result.parts)
    assert shortened > number


@pytest.mark.parametrize("name", FORMATS)
def test_data_that_no_rule_names_come_back_byte_for_byte(name: str) -> None:
    """Layout, comments and escapes stay as they are."""
    show, compress, _ = FORMATS[name]
    random = seeded(f"same {name}")
    for _ in range(cases(2)):
        source = show(random, random_value(random))
        result = compress(source, rules={"other": 0.1, "$": 1.0})
        assert (result.text, result.parts) == (source, ())


@pytest.mark.parametrize("order", ["original", "relevance"])
@pytest.mark.parametrize("name", FORMATS)
def test_records_that_are_left_out(name: str, order: str) -> None:
    """Records that stay are whole and in order, most relevant first where asked for, within their share."""
    show, compress, load = FORMATS[name]
    random, left_out = seeded(f"records {name} {order}"), 0
    for _ in range(number := cases(2)):
        value, share = records(random), random.uniform(0.0, 1.0)
        source = show(random, value)
        value = load(source)
        rules = DataRules.model_validate({"rules": {"$.items[*]": DataRule(keep=share)}, "order": order})
        result = compress(source, rules=rules, question="Where is the bridge near Oslo?")
        after = load(result.text)
        assert {**after, "items": value["items"]} == value
        ids = [record["id"] for record in after["items"]]
        assert [value["items"][i] for i in ids] == after["items"]
        assert len(set(ids)) == len(ids)
        assert order == "relevance" or ids == sorted(ids)
        assert len(ids) + len(result.parts) == len(value["items"])
        left_out += len(result.parts)
    assert left_out > number


@pytest.mark.parametrize("name", FORMATS)
def test_fields_that_are_left_out(name: str) -> None:
    """Any keys and items may be left out at any depth; what is left is valid, and its values are as they were."""
    show, compress, load = FORMATS[name]
    random = seeded(f"fields {name}")
    for _ in range(cases(2)):
        value = random_value(random)
        source = show(random, value)
        value = load(source)
        names = random.sample(("text", "note", "title", "ключ", "$[*]", "$..[0]", "$.*"), 3)
        result = compress(source, rules={one: DataRule(keep=random.choice((0.0, 0.5))) for one in names})
        check_left(value, load(result.text))


def check_left(before: Any, after: Any) -> None:
    """Check that objects and lists hold values of the ones before, in their order."""
    assert type(before) is type(after)
    if isinstance(before, dict):
        assert [key for key in before if key in after] == list(after)
        for key in after:
            check_left(before[key], after[key])
    elif isinstance(before, list):
        rest = iter(before)
        for one in after:
            assert any(holds(other, one) for other in rest)
    else:
        assert before == after


def holds(before: Any, after: Any) -> bool:
    try:
        check_left(before, after)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("name", FORMATS)
def test_budget_of_the_whole(name: str) -> None:
    """With target_tokens, the text is within them, or an error says that what must stay is not."""
    show, compress, load = FORMATS[name]
    random, met = seeded(f"budget {name}"), 0
    for _ in range(number := cases(3)):
        value = records(random)
        source = show(random, value)
        value = load(source)
        budget = int(COUNT(source) * random.uniform(0.3, 1.0))
        rules = {"$": DataRule(rate=random.choice((0.9, 0.5)))}
        try:
            result = compress(source, rules=rules, options=CompressionOptions(target_tokens=budget))
        except BudgetError:
            continue
        met += 1
        assert COUNT(result.text) <= budget
        check_values(value, load(result.text), result)
    assert met > number // 2
