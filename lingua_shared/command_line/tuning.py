"""`lingua tune`: how much to keep for a wanted share of kept answers, on questions of one's own."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.table import Table

from lingua_shared.command_line.compressing import write_page
from lingua_shared.command_line.evaluating import Questions, questions_batch, questions_cases
from lingua_shared.command_line.faults import DONE, WRONG_USE, CommandError
from lingua_shared.command_line.flags import Compression, CompressionFlags, Models, compression_options, model_options
from lingua_shared.command_line.output import FLAGS, Screen, as_line, print_findings
from lingua_shared.compressor import PromptCompressor

_AMOUNTS = ("rate", "target_tokens", "keep_answer")


def tune(
    questions: Questions,
    /,
    *,
    keep: Annotated[float, Parameter(group=FLAGS, help="Share of answers that shall be kept. Default: 0.95.")] = 0.95,
    rates: Annotated[
        tuple[float, ...] | None,
        Parameter(
            group=FLAGS, consume_multiple=True, negative="", help="Rates to try. Default: 0.7 0.5 0.35 0.25 0.15 0.1."
        ),
    ] = None,
    first: Annotated[int | None, Parameter(group=FLAGS, help="Take the first questions only.")] = None,
    json: Annotated[Path | None, Parameter(group=FLAGS, help="Write everything as JSON to this file.")] = None,
    options: Compression = None,
    models: Models = None,
) -> int:
    """Find how much to keep for a wanted share of kept answers, on your own questions.

    Every second question is for choosing a rate, and those between check the choice. "Recommended" is the smallest rate
    that keeps the share; "mild" is the smallest that is sure to.
    """
    from lingua_shared.evaluation.tuning import RATES, RateArms  # noqa: PLC0415 - late: it loads scipy
    from lingua_shared.evaluation.tuning import tune as find  # noqa: PLC0415

    tried = rates or RATES
    _check(keep, tried, options)
    arms = RateArms(PromptCompressor(model_options(models)), compression_options(options), tuple(set(tried)))
    cases = list(questions_cases(questions_batch(questions), first))
    with Screen().working(f"Trying {len(arms.rates)} rates on {len(cases)} questions ..."):
        found = find(cases, arms, wanted=keep)
    if json is not None:
        write_page(as_line({"tuning": found, "options": arms.options, "file": questions}).encode() + b"\n", json)
    print_findings(_table(found) if found.tried else None, found.sentences)
    return DONE


def _check(keep: float, rates: tuple[float, ...], options: CompressionFlags | None) -> None:
    if not 0 < keep < 1:
        msg = f"--keep is {keep}; give a share between 0 and 1"
        raise CommandError(msg, code=WRONG_USE)
    wrong = [rate for rate in rates if not 0 < rate < 1]
    if wrong:
        msg = f"--rates has {wrong[0]}; give shares between 0 and 1"
        raise CommandError(msg, code=WRONG_USE)
    said = [name for name in _AMOUNTS if options and name in options.said()]
    if said:
        msg = f"--{said[0].replace('_', '-')} is what is looked for; name the rates to try with --rates"
        raise CommandError(msg, code=WRONG_USE)


def _table(found: Any) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 3, 0, 0))
    for name in ("rate", "answer kept", "tokens", "seconds", "on the other questions"):
        table.add_column(name, justify="right")
    checked = {one.rate: one for one in found.checked}
    for one in found.tried:
        other = checked.get(one.rate)
        table.add_row(
            f"{one.rate:g}",
            _share(one.kept),
            f"{one.tokens:,.0f}",
            f"{one.seconds:.3f}",
            _share(other.kept) if other else "",
        )
    return table


def _share(value: Any) -> str:
    return f"{value.estimate:.1%} [{value.low:.1%}, {value.high:.1%}]"
