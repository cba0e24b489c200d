"""Groups drawn from files: their number, their passages, and the effect of the seed."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lingua_shared.training.encoding import Group
from lingua_shared.training.mixture import Mixture
from lingua_shared.training.recipe import Drawing
from lingua_shared.training.records import contains

THINGS = ("lighthouse", "ferry", "harbour", "bridge", "mill", "tower", "chapel", "pier", "tunnel", "station")
PEOPLE = (
    "Ada Marsh",
    "Bo Reed",
    "Cy Lake",
    "Di Moss",
    "Ed Fern",
    "Flo Brook",
    "Gus Hill",
    "Ivy Dale",
    "Jo Ash",
    "Al Fox",
)


def record(number: int, *, id: str | None = None, own: int = 3) -> dict[str, Any]:  # noqa: A002 - a field's name
    """A question about who built a thing, with a gold passage and `own` distractors."""
    thing, builder = THINGS[number], PEOPLE[number]
    gold = {"title": thing.title(), "text": f"{builder} built the {thing} long ago.", "is_gold": True}
    others = [
        {"title": f"Page {i}", "text": f"Someone closed the {thing} in week {i}.", "is_gold": False} for i in range(own)
    ]
    asked = {"id": id or f"q{number}", "question": f"Who built the {thing} of pier {number}?", "answers": [builder]}
    return {**asked, "documents": [*others, gold]}


def write(folder: Path, name: str, *records: dict[str, Any]) -> None:
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(r) + "\n" for r in records)


def groups_of(folder: Path, sources: dict[str, int], *, seed: int = 7, size: int = 5) -> list[Group]:
    return list(Mixture(sources, Drawing(), [folder], None, folder, seed=seed).groups(size))


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    write(tmp_path, "ten", *(record(i) for i in range(10)))
    return tmp_path


def thing_of(group: Group) -> int:
    """Number of the question, which every wording keeps."""
    (number,) = re.findall(r"\d+", group.question)
    return int(number)


def test_each_group_has_its_size(folder: Path) -> None:
    """Gold passages and distractors add up to the size, without duplicates."""
    for group in groups_of(folder, {"ten": 10}, size=4):
        passages = [*(passage.text for passage in group.gold), *group.distractors]
        assert len(passages) == len(set(passages)) == 4


def test_as_many_groups_as_the_sources_say(folder: Path) -> None:
    """Questions are repeated where a file has fewer."""
    write(folder, "two", record(0, id="a"), record(1, id="b"))
    assert len(groups_of(folder, {"ten": 6, "two": 5})) == 11
    assert len(groups_of(folder, {"ten": 10, "two": 2})) == 12
    counts = [thing_of(group) for group in groups_of(folder, {"ten": 25})]
    assert {counts.count(i) for i in range(10)} == {2, 3}


def test_same_seed_same_groups(folder: Path) -> None:
    """The same seed gives the same groups, also when drawn twice from one mixture; another seed does not."""
    sources = {"ten": 30}
    mixture = Mixture(sources, Drawing(), [folder], None, folder, seed=7)
    expected = list(mixture.groups(5))
    assert list(mixture.groups(5)) == groups_of(folder, sources) == expected
    assert groups_of(folder, sources, seed=8) != expected


def test_repeated_question_comes_with_other_words_and_distractors(folder: Path) -> None:
    """Repetitions differ in wording and in distractors."""
    groups = [group for group in groups_of(folder, {"ten": 100}) if thing_of(group) == 0]
    assert len({group.question for group in groups}) > 1
    assert len({group.distractors for group in groups}) > 1


def test_distractors_do_not_answer(folder: Path) -> None:
    """No distractor contains the answer, and some come from other questions."""
    groups = groups_of(folder, {"ten": 60})
    for group in groups:
        assert not any(contains(text, [PEOPLE[thing_of(group)]]) for text in group.distractors)
    assert any("long ago" in text for group in groups for text in group.distractors)


def test_some_distractors_are_attacks(folder: Path) -> None:
    """About one group in eight has one attack, and none has two."""
    counts = [sum(group.question in text for text in group.distractors) for group in groups_of(folder, {"ten": 1000})]
    assert 80 <= sum(counts) <= 170
    assert max(counts) == 1


def test_some_groups_have_no_answer(folder: Path) -> None:
    """About 8 % of the groups have distractors only."""
    groups = groups_of(folder, {"ten": 1000})
    without = [group for group in groups if not group.gold]
    assert 50 <= len(without) <= 115
    assert {len(group.distractors) for group in without} == {5}


def test_no_more_than_two_gold_passages(folder: Path) -> None:
    """Two of three gold passages are drawn, and the third is no distractor."""
    three = record(0)
    three["documents"] += [{"title": f"More {i}", "text": "Ada Marsh built it.", "is_gold": True} for i in range(2)]
    write(folder, "three", three)
    drawn = set()
    for group in groups_of(folder, {"three": 40, "ten": 10}):
        gold = {passage.text for passage in group.gold}
        assert len(gold) <= 2
        if len(gold) == 2:
            drawn |= gold
            assert not [text for text in group.distractors if "Ada Marsh" in text]
    assert len(drawn) == 3


def test_group_without_any_distractor(tmp_path: Path) -> None:
    """A question with only its gold passage is still a group."""
    write(tmp_path, "one", record(0, own=0))
    assert {group.distractors for group in groups_of(tmp_path, {"one": 20})} == {()}


def test_group_is_filled_from_mined_passages(tmp_path: Path) -> None:
    """A group is smaller than its size only if no more passages can be mined."""
    write(tmp_path, "bare", *(record(i, own=0) for i in range(5)))
    groups = [group for group in groups_of(tmp_path, {"bare": 5}) if group.gold]
    assert {len(group.distractors) for group in groups} == {4}


def test_files_may_use_the_same_ids(tmp_path: Path) -> None:
    """Mined distractors of a question are not given to a question with the same id in another file."""
    write(tmp_path, "first", record(0, id="1", own=0))
    second = record(1, id="1", own=0)
    second["documents"] += [
        {"title": "", "text": f"Ada Marsh built the lighthouse, says page {i}.", "is_gold": False} for i in range(6)
    ]
    write(tmp_path, "second", second)
    groups = [g for g in groups_of(tmp_path, {"first": 10, "second": 1}) if thing_of(g) == 0]
    assert groups
    assert not [text for group in groups for text in group.distractors if "Ada Marsh" in text]


def test_mining_by_meaning_is_added(folder: Path) -> None:
    """With a bi-encoder, passages are also mined by vectors, which are cached in the working folder."""

    class Letters:
        """A bi-encoder whose vectors are counts of letters."""

        def encode(self, texts: Any, **_: Any) -> Any:
            counts = np.asarray([[1 + text.count(letter) for letter in "aeioulrst"] for text in texts], dtype=float)
            return counts / np.linalg.norm(counts, axis=1, keepdims=True)

    work = folder / "work"
    work.mkdir()
    mixture = Mixture({"ten": 10}, Drawing(), [folder], Letters(), work, seed=7)
    assert len(list(mixture.groups(5))) == 10
    assert list(work.iterdir())


def test_file_without_questions_is_named(tmp_path: Path) -> None:
    """The error names the file."""
    write(tmp_path, "empty")
    with pytest.raises(ValueError, match="empty"):
        groups_of(tmp_path, {"empty": 3})
