"""The page of an evaluation: the findings, the table, and each question. One file that loads nothing."""

from collections.abc import Sequence

from lingua_shared.evaluation.arms import OURS
from lingua_shared.evaluation.measures import MEASURES
from lingua_shared.evaluation.statistics import Interval
from lingua_shared.evaluation.trial import Row
from lingua_shared.evaluation.verdict import Verdict
from lingua_shared.report.html import environment, file_of, hash_of, style

_TEMPLATE = "evaluation.html"


def page(verdict: Verdict, rows: Sequence[Row], *, source: str, options: str, reader: str = "") -> str:
    """Return the page.

    Args:
        verdict: what was found.
        rows: each question; those that Lingua lost come first in the page.
        source: name of the file of questions.
        options: what was kept, as a person would write it.
        reader: name of the model that answered; "" where none did.
    """
    made = environment()
    made.filters.update(share=_share, share_difference=_share_difference, second_difference=_second_difference)
    lost_first = sorted(
        rows, key=lambda row: 2 if row.outcomes is None else getattr(row.outcomes[OURS], verdict.measure)
    )
    content = file_of("lingua_shared.evaluation", _TEMPLATE)
    look = style()
    return made.from_string(content).render(
        verdict=verdict,
        measure=MEASURES[verdict.measure],
        rows=lost_first,
        source=source,
        options=options,
        reader=reader,
        style=look,
        style_hash=hash_of(look),
    )


def _share(value: Interval) -> str:
    return f"{value.estimate:.1%} [{value.low:.1%}, {value.high:.1%}]"


def _share_difference(value: Interval) -> str:
    return f"{value.estimate:+.1%} [{value.low:+.1%}, {value.high:+.1%}]"


def _second_difference(value: Interval) -> str:
    return f"{value.estimate:+.3f} [{value.low:+.3f}, {value.high:+.3f}]"
