"""Tells whether what is kept of structured passages is still well formed: a measure of text alone, for all systems.

Only what is right in a passage can go wrong in what is kept of it: a chunk that was cut inside a code block has an odd
number of fences before anything is compressed.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree as XmlTree

import regex as re
import yaml

from benchmarks.alignment import Place, align
from lingua_shared.text.structure.parse import parse
from lingua_shared.text.structure.units import Structure

FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*(\S*)", re.MULTILINE)
PAIRS = ("()", "[]", "{}")

_NOTHING = -1.0
"""The share of a unit without letters and digits, such as a bracket: its kept part cannot be told from others."""

READERS: Mapping[str, Sequence[Callable[[str], Any]]] = MappingProxyType(
    {
        "json": (json.loads,),
        "xml": (XmlTree.fromstring,),
        "yaml": (yaml.safe_load,),
        "settings": (tomllib.loads,),
    }
)
"""What can read each format."""


def faults(passages: Sequence[str], text: str) -> set[str]:
    """Return the kinds of faults in a compressed text.

    "fences": an odd number of them. "brackets": one without its partner. "unreadable": JSON, XML, YAML or TOML that
    cannot be read any more. "needs": a unit without what it needs, such as a row without its header. "cut": a part of a
    unit.

    Args:
        passages: the texts that were compressed.
        text: the output of a system.
    """
    found: set[str] = set()
    for number, places in align(passages, text).items():
        found |= faults_of(passages[number], places)
    return found


def faults_of(passage: str, places: Sequence[Place]) -> set[str]:
    """Return the kinds of faults in what is kept of one passage."""
    kept = kept_text(passage, places)
    tests = {
        "fences": _has_whole_fences(passage) and not _has_whole_fences(kept),
        "brackets": any(not _balances(kept, pair) and _balances(passage, pair) for pair in PAIRS),
        "unreadable": _is_unreadable(passage, kept),
        **_unit_faults(passage, places),
    }
    return {name for name, is_wrong in tests.items() if is_wrong}


def kept_text(passage: str, places: Sequence[Place]) -> str:
    """Return the kept lines of a passage with their indentation, each on a line."""
    return "\n".join(_indentation(passage, place.start) + passage[place.start : place.end] for place in places)


def _indentation(passage: str, start: int) -> str:
    before = passage[passage.rfind("\n", 0, start) + 1 : start]
    return "" if before.strip() else before


def _has_whole_fences(text: str) -> bool:
    """Whether every second fence closes the one before; a closing fence names no language."""
    fences = FENCE.findall(text)
    return len(fences) % 2 == 0 and not any(fences[1::2])


def _balances(text: str, pair: str) -> bool:
    return text.count(pair[0]) == text.count(pair[1])


def _is_unreadable(passage: str, kept: str) -> bool:
    readers = READERS.get(_structure(passage).format, ())
    return any(_can_read(reader, passage) and not _can_read(reader, kept) for reader in readers)


def _can_read(reader: Callable[[str], Any], text: str) -> bool:
    try:
        reader(text)
    except (ValueError, XmlTree.ParseError, yaml.YAMLError):
        return False
    return True


def _unit_faults(passage: str, places: Sequence[Place]) -> dict[str, bool]:
    """Tell whether a unit is kept in part, or without another that it needs.

    A unit whose text stands in the passage again is left out: nobody can tell which of them was kept.
    """
    structure = _structure(passage)
    texts = [passage[unit.start : unit.end].strip() for unit in structure.units]
    often = {text for text, count in Counter(texts).items() if count > 1}
    shares = [1.0 if text in often else share for text, share in zip(texts, _shares(passage, places), strict=True)]
    kept = [number for number, text in enumerate(texts) if shares[number] == 1 and text not in often]
    return {
        "cut": any(0 < share < 1 for share in shares),
        "needs": any(0 <= shares[other] < 1 for number in kept for other in structure.needed_by(number)),
    }


def _shares(passage: str, places: Sequence[Place]) -> list[float]:
    """Return the share of each unit's letters and digits that is kept; -1 where it has none."""
    is_kept = bytearray(len(passage))
    for place in places:
        is_kept[place.start : place.end] = b"\1" * (place.end - place.start)
    counted = [character.isalnum() for character in passage]
    all_before = [0, *accumulate(counted)]
    kept_before = [0, *accumulate(one and kept for one, kept in zip(counted, is_kept, strict=True))]
    borders = _structure(passage).borders
    parts = ((kept_before[b] - kept_before[a], all_before[b] - all_before[a]) for a, b in pairwise(borders))
    return [kept / count if count else _NOTHING for kept, count in parts]


@lru_cache(maxsize=1024)
def _structure(passage: str) -> Structure:
    return parse(passage)
