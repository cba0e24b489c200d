"""Compress prompts of worked examples at the budgets of the LLMLingua paper, against llmlingua in the same run.

The budget is for the demonstrations: one, a half and a quarter of a worked example; of a document, shares of it.
Instruction and question are counted beside it and stay whole. Prints a table; writes no file. Reads dev files only.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import regex as re
import torch

from benchmarks.arguments import add_threads
from benchmarks.measures import count_tokens
from benchmarks.progress import say
from benchmarks.prompt_sets import SETS, PromptCase, read_prompts
from benchmarks.records import WORK
from benchmarks.systems import choose_systems, find_systems, make_client
from lingua_shared import ModelOptions, PromptCompressor, PromptOptions
from lingua_shared.prompts.arithmetic import find_answers, find_equations

SHOTS = (1.0, 0.5, 0.25)
RATES = (0.5, 0.25)
"""Of a document, which has no examples to count."""

VARIANTS: Mapping[str, Mapping[str, bool]] = {
    "lingua": {},
    "lingua, one pass": {"iterative": False},
    "lingua, words alone": {"keep_arithmetic": False},
    "lingua, words alone, one pass": {"keep_arithmetic": False, "iterative": False},
}
PEER = "llmlingua_plain"
_TIMEOUT = 900.0
_PRESENT = 0.1  # share of an example's own words by which it counts as kept
_WORD = re.compile(r"[\p{L}\p{N}]+")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")

Compress = Callable[[PromptCase, int], tuple[str, float]]
"""Compresses the demonstrations of a prompt to a number of tokens, and gives their text and the seconds."""


@dataclass(frozen=True)
class Output:
    """What a system made of one prompt.

    Attributes:
        case: the prompt.
        budget: tokens that the demonstrations may have.
        text: what is left of them.
        seconds: time that it took.
    """

    case: PromptCase
    budget: int
    text: str
    seconds: float

    @property
    def over(self) -> float:
        """Tokens of the finished prompt above its budget, as a share of the demonstrations'; below 0 where fewer."""
        around = (self.case.instruction, self.text, self.case.question)
        tokens = count_tokens("\n\n".join(part for part in around if part))
        return (tokens - beside(self.case) - self.budget) / self.budget

    @property
    def kept_examples(self) -> list[str]:
        """The examples of which anything is left: a tenth of the words that no other example has."""
        found = set(_words(self.text))
        return [
            one for one in self.case.demonstrations if _share(_own(one, self.case.demonstrations), found) > _PRESENT
        ]

    @property
    def checking(self) -> list[bool]:
        """Of each example that is left, whether each of its true equations and its answer is left, too."""
        said, answers = {e.said for e in find_equations(self.text)}, find_answers(self.text)
        return [
            all(e.said in said for e in find_equations(one) if e.holds)
            and all(_is_among(answer, answers) for answer in find_answers(one))
            for one in self.kept_examples
        ]

    @property
    def false_equations(self) -> int:
        """Equations that are false, and that no example has."""
        before = {e.said for one in self.case.demonstrations for e in find_equations(one)}
        return sum(not e.holds and e.said not in before for e in find_equations(self.text))

    @property
    def numbers(self) -> float:
        """Share of the numbers of the examples that are left."""
        return _share(_NUMBER.findall("\n".join(self.case.demonstrations)), set(_NUMBER.findall(self.text)))

    @property
    def survives(self) -> bool | None:
        """Whether an answer is left; None where the answer is not in the text."""
        said = " ".join(self.text.split()).casefold()
        return any(" ".join(a.split()).casefold() in said for a in self.case.answers) if self.case.answers else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--data", type=Path, required=True, help="folder with gsm8k-dev, bbh-dev and their prompts")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=["gsm8k", "bbh"])
    parser.add_argument("--count", type=int, default=6, help="prompts of each set; default: 6")
    parser.add_argument("--model", type=Path, default=WORK / "smollm2", help="folder of the causal model of llmlingua")
    parser.add_argument("--dtype", default="auto", help="precision of Lingua's model; llmlingua has float32 on a CPU")
    parser.add_argument("--without-peer", action="store_true", help="do not run llmlingua")
    add_threads(parser)


def run(arguments: argparse.Namespace) -> None:
    """Compress the prompts with each system, and print what was measured."""
    torch.set_num_threads(arguments.threads)
    cases = {name: read_prompts(arguments.data, name, arguments.count) for name in arguments.sets}
    engine = PromptCompressor(ModelOptions(local_files_only=True, memory_cache_mb=0, dtype=arguments.dtype))
    systems = {name: _ours(engine, options) for name, options in VARIANTS.items()}
    keeping = PromptCompressor(ModelOptions(local_files_only=True, dtype=arguments.dtype))
    systems["lingua, demonstrations known"] = _again(_ours(keeping, {}))
    say(" | ".join(("set", "budget", "system", *_COLUMNS)))
    for compress in systems.values():
        compress(next(iter(cases.values()))[0], 50)  # loads and warms up
    for name, of_set in cases.items():
        for share in RATES if name == "covidqa" else SHOTS:
            for system, compress in systems.items():
                say(_line(name, share, system, [_output(case, share, compress) for case in of_set]))
    if not arguments.without_peer:
        _run_peer(cases, arguments)


def _run_peer(cases: Mapping[str, Sequence[PromptCase]], arguments: argparse.Namespace) -> None:
    [system] = choose_systems(find_systems(), [PEER])
    client = make_client(system, model=arguments.model, embedding_model=None, threads=arguments.threads)
    with client:

        def compress(case: PromptCase, budget: int) -> tuple[str, float]:
            size = count_tokens("\n\n".join(case.demonstrations))
            request = {"id": case.id, "passages": list(case.demonstrations), "question": None, "rate": budget / size}
            answer = client.ask({**request, "seed": 0}, timeout=_TIMEOUT)
            return answer.get("text", ""), answer["seconds"]

        compress(next(iter(cases.values()))[0], 50)
        for name, of_set in cases.items():
            for share in RATES if name == "covidqa" else SHOTS:
                say(_line(name, share, system.label, [_output(case, share, compress) for case in of_set]))


def _ours(engine: PromptCompressor, options: Mapping[str, bool]) -> Compress:
    def compress(case: PromptCase, budget: int) -> tuple[str, float]:
        chosen = PromptOptions(target_tokens=beside(case) + budget, instruction_rate=1, question_rate=1, **options)
        started = time.perf_counter()
        result = engine.compress_prompt(
            instruction=case.instruction,
            demonstrations=case.demonstrations,
            question=case.question,
            options=chosen,
        )
        return result.text_of("demonstration"), time.perf_counter() - started

    return compress


def _again(compress: Compress) -> Compress:
    """Compress twice, so that the demonstrations' perplexities are cached, as where many questions share them."""

    def twice(case: PromptCase, budget: int) -> tuple[str, float]:
        compress(case, budget)
        return compress(case, budget)

    return twice


def _output(case: PromptCase, share: float, compress: Compress) -> Output:
    size = count_tokens("\n\n".join(case.demonstrations))
    budget = max(int(share * size / len(case.demonstrations)), 1)
    return Output(case, budget, *compress(case, budget))


def _line(name: str, share: float, system: str, outputs: Sequence[Output]) -> str:
    return " | ".join((name, f"{share:g}", system, *_figures(outputs)))


_COLUMNS = (
    "tokens", "over the budget (mean, most)", "examples kept", "of these arithmetic checks", "false equations",
    "numbers kept", "answers kept", "tokens a second",
)  # fmt: skip


def _figures(outputs: Sequence[Output]) -> Iterator[str]:
    checking = [one for output in outputs for one in output.checking]
    survived = [output.survives for output in outputs if output.survives is not None]
    speeds = [count_tokens("\n\n".join(output.case.demonstrations)) / output.seconds for output in outputs]
    yield f"{mean(count_tokens(output.text) for output in outputs):.0f}"
    yield f"{mean(output.over for output in outputs):+.1%}, {max(output.over for output in outputs):+.1%}"
    yield f"{len(checking)}"
    yield f"{mean(checking):.2f}" if checking else "-"
    yield f"{sum(output.false_equations for output in outputs)}"
    yield f"{mean(output.numbers for output in outputs):.2f}"
    yield f"{mean(survived):.2f}" if survived else "-"
    yield f"{median(speeds):.0f}"


def beside(case: PromptCase) -> int:
    """Return the tokens of a prompt beside its demonstrations."""
    return sum(count_tokens(f"{text}\n\n") for text in (case.instruction, case.question) if text)


def _is_among(answer: str, answers: Sequence[str]) -> bool:
    """Whether an answer was found, also where the next example follows on the same line."""
    return any(other == answer or other.startswith((f"{answer} ", f"{answer}.")) for other in answers)


def _own(example: str, examples: Sequence[str]) -> list[str]:
    others = {word for other in examples if other != example for word in _words(other)}
    return [word for word in dict.fromkeys(_words(example)) if word not in others]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _share(wanted: Sequence[str], found: set[str]) -> float:
    return sum(one in found for one in wanted) / len(wanted) if wanted else 0.0
