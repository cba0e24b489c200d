"""Measures how well labels and compressions fit their texts, and leaves out the worst (LLMLingua-2, section 3.3)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lingua_shared.text.words import word_spans
from lingua_shared.training.distillation.labels import plain
from lingua_shared.training.distillation.stages import BadRecordError, Record, StageOutput, run_stage

_BINS = 20


@dataclass(frozen=True)
class Quality:
    """Measures of a compression and its labels.

    Attributes:
        variation: share of the compression's words that are not in the text: what the teacher made up.
        gap: hitting rate less `kept`, where the hitting rate is the number of the compression's words that are in the
            text, by the number of the text's words; a large gap says that the labels miss words.
        kept: share of the text's words that are labelled as kept, which the paper calls the matching rate.
    """

    variation: float
    gap: float
    kept: float


def quality(record: Record) -> Quality:
    """Return the variation rate (equation 1 of the paper) and the alignment gap (equation 2) of a labelled record.

    Raises:
        BadRecordError: labels and words differ in number, or there are none.
    """
    words, labels = record["words"], record["labels"]
    compressed = [plain(record["compressed"][start:end]) for start, end in word_spans(record["compressed"])]
    if len(words) != len(labels) or not words or not compressed:
        raise BadRecordError("labels do not fit the words")  # noqa: EM101
    original = [plain(record["text"][start:end]) for start, end in words]
    known = set(original)
    found, kept = sum(word in known for word in compressed), float(np.mean(labels))
    return Quality(1 - found / len(compressed), found / len(words) - kept, kept)


def keep_best(
    records: Sequence[Record], output: StageOutput, *, variation_quantile: float, gap_quantile: float
) -> dict[str, object]:
    """Write the records whose measures are not among the worst, and return thresholds and histograms.

    Args:
        records: labelled records.
        output: where they are written.
        variation_quantile: records above this quantile of the variation rate are left out; the paper has 0.95.
        gap_quantile: the same for the alignment gap; the paper has 0.9.
    """
    measured: dict[str, Quality] = {}
    for record in records:
        try:
            measured[record["id"]] = quality(record)
        except BadRecordError as reason:
            if record["id"] not in output.done:
                output.reject(record["id"], str(reason))
    table = {name: [asdict(one)[name] for one in measured.values()] for name in ("variation", "gap", "kept")}
    limits = {
        "variation": _quantile(table["variation"], variation_quantile),
        "gap": _quantile(table["gap"], gap_quantile),
    }

    def checked(record: Record) -> Record:
        of_record = asdict(measured[record["id"]])
        for name, limit in limits.items():
            if of_record[name] > limit:
                raise BadRecordError(f"{name} above its quantile")  # noqa: EM102
        return {**record, "quality": of_record}

    run_stage((record for record in records if record["id"] in measured), output, checked)
    return {"thresholds": limits, "histograms": {name: _histogram(values) for name, values in table.items()}}


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else 0.0


def _histogram(values: Sequence[float]) -> dict[str, list[float]]:
    counts, borders = np.histogram(values, bins=_BINS) if values else (np.zeros(0), np.zeros(0))
    return {"borders": [round(float(one), 4) for one in borders], "counts": counts.tolist()}


def read_report(path: Path) -> Record:
    """Return the report of a stage; empty where there is none."""
    report = path.with_suffix(".report.json")
    return dict(json.loads(report.read_text(encoding="utf-8"))) if report.exists() else {}
