"""Random values of JSON for tests, and the rules to compress them by."""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import yaml

from lingua_shared.prompts.data_rules import DataRule
from tests.chats import sentence, text

KEYS = ("title", "text", "note", "it's", "a b", "", "ключ", "x.y", "#", "- a", "12", "true")
Place = tuple[str | int, ...]


def random_value(random: Random, depth: int = 0) -> Any:
    """A value of any type; texts more often than others."""
    kind = random.random()
    if depth < 4 and kind < (1.0 if not depth else 0.35):
        if random.random() < 0.5:
            return [random_value(random, depth + 1) for _ in range(random.randint(0, 4))]
        keys = random.sample(KEYS, random.randint(0, 5))
        return {key: random_value(random, depth + 1) for key in keys}
    if kind < 0.7:
        return random.choice((text, sentence))(random) + random.choice(("", "", "\n", " \\n \" ' \t", "\u2028é\x7f"))
    return random.choice((0, -1, 3.5e-7, 10**20, True, False, None, "2001-01-01", "12", "null", "", "#a", "a: b"))


def records(random: Random) -> dict[str, Any]:
    """A list of records, each with a number of its own."""
    fields = (
        {"id": i, "text": text(random), "tags": [sentence(random)], "n": None} for i in range(random.randint(0, 9))
    )
    return {
        "count": 3,
        "items": [dict(random.sample(list(one.items()), 4)) for one in fields],
        "last": sentence(random),
    }


def as_json(random: Random, value: Any) -> str:
    """The value as JSON in a random layout."""
    layout = random.choice(({}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}))
    return random.choice(("", "\n ")) + json.dumps(value, ensure_ascii=random.random() < 0.5, **layout) + "\n"


def as_yaml(random: Random, value: Any) -> str:
    """The value as YAML in a random layout."""
    style = random.choice((None, None, None, "'", '"', "|", ">"))
    shown: str = yaml.safe_dump(
        value,
        default_style=style,
        default_flow_style=random.choice((False, False, None, True)),
        allow_unicode=random.random() < 0.7,
        indent=random.choice((None, 4)),
        sort_keys=False,
        width=random.choice((40, 80, 1000)),
    )
    shown = random.choice(("", "# a comment\n", "---\n")) + shown
    if random.random() < 0.3:
        shown = re.sub(r"(?m)- null$", "-  # nothing", shown)
    return shown.replace("\n", "\r\n") if random.random() < 0.2 else shown


def random_rules(random: Random) -> dict[str, Any]:
    """Rates by key and path."""
    paths = random.sample(("$", "text", "note", "$..title", "$.items[*].text", "$[0]", "last", "it's"), 3)
    rate = (0.0, 0.3, 0.5, 0.8, 1.0)
    return {path: random.choice((random.choice(rate), DataRule(rate=random.choice(rate)))) for path in paths}


def leaves(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Each value that holds no other, with its path; objects and lists with their keys and lengths."""
    if isinstance(value, dict):
        yield path, tuple(value)
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        yield path, len(value)
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value
