"""Random records and trees of the kinds that people keep in files, for tests of the formats that hold them."""

import os
from random import Random
from typing import Any

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "60"))
"""Random documents per test."""

WORDS = (
    "harbour", "lamp", "no", "Kelmouth", "north mole", "tide: low", "a, b", "9 m", "“quoted”", "it's", "zwölf", "灯塔",
    "x" * 30, "# no comment", "a - b", "100%", "C:\\boats", "<deck>", "a & b", "true", "3.5",
    "https://example.org/?a=1&b=2", "key: value",
)  # fmt: skip
KEYS = ("name", "built", "yard", "length_m", "crew", "port", "owner", "flag", "notes", "id", "last_seen", "tags")
SENTENCES = (
    "The lamp was lit in 1871.", "It was not repaired until 1902.", "Who keeps it now?",
    'The keeper said "never" twice.',
    "Costs came to 1,200.50 crowns, i.e. too much.", "Dr. Marsh lives there!",
)  # fmt: skip


def scalar(random: Random) -> Any:
    """A value of a field."""
    return random.choice(
        (
            random.choice(WORDS),
            " ".join(random.choices(WORDS, k=3)),
            random.randint(-5, 3000),
            round(random.uniform(0, 99), 2),
            random.choice((True, False)),
        )
    )


def long_text(random: Random) -> str:
    """Several sentences."""
    return " ".join(random.choices(SENTENCES, k=random.randint(5, 16)))


def value(random: Random, depth: int) -> Any:
    """A value, a list or an object."""
    kind = random.random()
    if depth <= 0 or kind < 0.6:
        return scalar(random) if kind > 0.04 else long_text(random)
    if kind < 0.7:
        return [scalar(random) for _ in range(random.randint(0, 8))]
    if kind < 0.75:
        return [random.randint(0, 99) for _ in range(random.randint(1, 30))]
    if kind < 0.87:
        return [record(random, depth - 1) for _ in range(random.randint(1, 4))]
    return record(random, depth - 1)


def record(random: Random, depth: int, least: int = 1) -> dict[str, Any]:
    """An object with some of the keys."""
    keys = random.sample(KEYS, random.randint(least, 7))
    return {key: value(random, depth) for key in keys}


def flat_record(random: Random, keys: tuple[str, ...]) -> dict[str, Any]:
    """An object of single values."""
    return {key: scalar(random) for key in keys}


def is_part(found: Any, whole: Any) -> bool:
    """Whether data is what is left of other data when some of it is dropped.

    Objects have some of the fields, lists some of the elements in order, long texts some of their sentences.
    """
    if isinstance(found, dict):
        return isinstance(whole, dict) and all(key in whole and is_part(found[key], whole[key]) for key in found)
    if isinstance(found, list):
        if not isinstance(whole, list):
            return False
        rest = iter(whole)
        return all(any(is_part(one, other) for other in rest) for one in found)
    if isinstance(found, str) and isinstance(whole, str):
        return found == whole or (len(whole) > 200 and is_shortened(found, whole))
    return type(found) is type(whole) and bool(found == whole)


def is_shortened(found: str, whole: str) -> bool:
    """Whether a text is made of whole sentences of another one."""
    rest = " ".join(found.split())
    for sentence in SENTENCES:
        rest = rest.replace(sentence, "")
    return not rest.strip() and found != "" and all(sentence in whole for sentence in SENTENCES if sentence in found)
