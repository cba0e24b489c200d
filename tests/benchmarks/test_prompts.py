"""Prompts of worked examples are read from their files, and outputs are judged by their arithmetic."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.errors import UsageError
from benchmarks.prompt_sets import PromptCase, read_prompts
from benchmarks.prompts import Output

EXAMPLES = (
    "Question: Ann buys 3 bags of 5 apples.\n3 bags x 5 apples = 15 apples\nThe answer is 15",
    "Question: Bob reads 7 pages on 2 days.\nHe reads 7 * 2 = 14 pages\nThe answer is 14",
)
CASE = PromptCase("one", "", EXAMPLES, "Question: how many?")


def write(path: Path, records: list[dict[str, object]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def test_prompts_of_solved_problems(tmp_path: Path) -> None:
    """The published prompt comes first; others have eight solutions without annotations, none of the one asked."""
    write(
        tmp_path / "gsm8k-dev.jsonl.gz",
        [
            {"id": f"{i}", "question": f"Asked {i}?", "solution": f"It is <<2*{i}={2 * i}>>{2 * i}.\n#### {2 * i}"}
            for i in range(12)
        ],
    )
    (tmp_path / "gsm8k-cot-prompt.txt").write_text("\n\n".join(EXAMPLES))
    published, second = read_prompts(tmp_path, "gsm8k", 2)
    assert published.demonstrations == EXAMPLES
    assert second.question == "Question: Asked 1?\nLet's think step by step"
    assert len(second.demonstrations) == 8
    assert all("<<" not in one and "Asked 1?" not in one for one in second.demonstrations)
    assert all(one.splitlines()[-1].startswith("The answer is ") for one in second.demonstrations)


def test_prompts_of_tasks(tmp_path: Path) -> None:
    """One of each task, with its instruction; the notice above the line is left out."""
    write(
        tmp_path / "bbh-dev.jsonl.gz",
        [{"id": f"{t}{i}", "question": "Which?", "task": t} for t in "ab" for i in (0, 1)],
    )
    (tmp_path / "bbh-cot-prompts").mkdir()
    for task in "ab":
        (tmp_path / "bbh-cot-prompts" / f"{task}.txt").write_text("canary\n-----\nDo it.\n\nQ: one\n\nQ: two\n")
    cases = read_prompts(tmp_path, "bbh", 3)
    assert [case.id for case in cases] == ["a0", "b0", "a1"]
    assert {(case.instruction, case.demonstrations) for case in cases} == {("Do it.", ("Q: one", "Q: two"))}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """As for all sets."""
    with pytest.raises(UsageError, match="gsm8k-dev"):
        read_prompts(tmp_path, "gsm8k", 1)


@pytest.mark.parametrize(
    ("text", "kept", "checking", "false"),
    [
        ("\n\n".join(EXAMPLES), 2, [True, True], 0),
        ("Ann buys bags apples 3 x 5 = 15 The answer is 15", 1, [True], 0),
        ("Ann buys bags apples 3 x 5 = 15 The answer is 15 Bob reads pages 7 * 2 =", 2, [True, False], 0),
        ("Ann buys bags apples 3 x 15 = 5 The answer is 15", 1, [False], 1),
        ("", 0, [], 0),
    ],
)
def test_outputs_are_judged(text: str, kept: int, checking: list[bool], false: int) -> None:
    """An example counts as kept where words of its own are left; then its equations and answer must be, too."""
    output = Output(CASE, 100, text, 1.0)
    assert len(output.kept_examples) == kept
    assert output.checking == checking
    assert output.false_equations == false
    assert output.survives is None
    assert output.over < 0
