"""The whole way from texts of one's own to a classifier of words, offline: a head on an encoder of the package.

Runs the stages one after the other. Each goes on where an earlier run was stopped, and takes up texts that are new.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lingua_shared.errors import InvalidInputError
from lingua_shared.text.token_counting import make_counter
from lingua_shared.training.distillation.collect import CHUNK_TOKENS, collect
from lingua_shared.training.distillation.labels import labelled, stemmer
from lingua_shared.training.distillation.quality import keep_best
from lingua_shared.training.distillation.stages import (
    Progress,
    Record,
    StageOutput,
    ignored,
    read_records,
    run_stage,
)
from lingua_shared.training.distillation.teachers import Teacher, by_encoder, by_spans

_TOKENIZER = "cl100k_base"
_QUANTILES = {"variation_quantile": 0.95, "gap_quantile": 0.9}
_LABELLED = {"text": str, "compressed": str, "words": list, "labels": list}


@dataclass(frozen=True)
class WordSettings:
    """Settings of the whole way.

    Attributes:
        field: field of a JSON line that has the text.
        encoder: catalog name, folder or hub id of the encoder that teaches, and that the head reads with.
        rate: share of the words that the encoder keeps where a text has no answers, in (0, 1].
        epochs: how often all texts are used.
        seed: of all draws.
    """

    field: str = "text"
    encoder: str = "lingua-en"
    rate: float = 0.4
    epochs: int = 6
    seed: int = 7


@dataclass(frozen=True)
class StageReport:
    """What a stage wrote, in all its runs.

    Attributes:
        name: of the stage.
        written: number of texts.
        left_out: number of texts or lines that could not be used, by the reason.
    """

    name: str
    written: int
    left_out: Mapping[str, int]

    def __str__(self) -> str:
        """Return it on one line."""
        reasons = "".join(f", {number} left out ({reason})" for reason, number in self.left_out.items())
        return f"{self.name}: {self.written} texts{reasons}"


@dataclass(frozen=True)
class TrainedWords:
    """What came of it.

    Attributes:
        stages: what each stage did.
        figures: of the classifier on texts that it was not trained on, such as `f1` and `auc`; see `classification`.
        sample: a text of the training, to try the classifier on.
    """

    stages: tuple[StageReport, ...]
    figures: Mapping[str, float]
    sample: str


def train_words(
    texts: Sequence[Path], out: Path, settings: WordSettings | None = None, progress: Progress = ignored
) -> TrainedWords:
    """Write a folder that is a `classifier_model`.

    Texts with a question teach by their answers, and by the sentences that hold them; others by what the encoder rates
    highest without a question.

    Args:
        texts: plain texts (.txt, .md, .rst) or JSON lines (.gz, too), of texts or of questions with passages.
        out: folder for the classifier; in `out/stages` are the texts, for the next run.
        settings: None takes the defaults.
        progress: is told what is done.

    Raises:
        InvalidInputError: a file is missing, texts are too few, or `out` was begun with other settings.
    """
    from lingua_shared.training.distillation.head import HeadSettings, fit_head  # noqa: PLC0415 - imports torch

    chosen = settings or WordSettings()
    stages = _Stages(out / "stages", chosen, progress)
    reports = (stages.collect(texts), stages.compress(), stages.label(), stages.filter())
    records = list(stages.read("best", _LABELLED))
    _forget_other_states(out / "states", records, chosen.encoder)
    head = HeadSettings(encoder=chosen.encoder, epochs=chosen.epochs, seed=chosen.seed)
    try:
        figures = fit_head(records, head, out, progress)
    except InvalidInputError as error:
        counts = "; ".join(map(str, reports))
        msg = f"{error}. {counts}. What was left out is listed in {out / 'stages'}/*.rejected.jsonl"
        raise InvalidInputError(msg) from error
    return TrainedWords(reports, figures, max((record["text"] for record in records[:20]), key=len))


class _Stages:
    """The stages, whose files lie in one folder."""

    def __init__(self, folder: Path, settings: WordSettings, progress: Progress) -> None:
        self._folder, self._settings, self._progress = folder, settings, progress

    def collect(self, texts: Sequence[Path]) -> StageReport:
        self._progress("collecting", 0, None)
        output = StageOutput(self._path("chunks"), {"tokens": CHUNK_TOKENS, "field": self._settings.field})
        collect(texts, output, make_counter(_TOKENIZER), tokens=CHUNK_TOKENS, field=self._settings.field)
        return _report("collect", output)

    def compress(self) -> StageReport:
        output = StageOutput(
            self._path("short"), {"encoder": self._settings.encoder, "rate": self._settings.rate, "offline": True}
        )
        teacher = _teacher(self._settings)
        records = self._counted("teaching", list(read_records(self._path("chunks"), output, {"text": str})))
        run_stage(records, output, lambda record: {**record, "compressed": teacher(record)})
        return _report("compress", output)

    def label(self) -> StageReport:
        output = StageOutput(self._path("labels"), {"language": "none"})
        stem = stemmer("none")  # these teachers leave words as they stand
        records = list(read_records(self._path("short"), output, {"text": str, "compressed": str}))
        run_stage(self._counted("labelling", records), output, lambda record: labelled(record, stem))
        return _report("label", output)

    def filter(self) -> StageReport:
        output = StageOutput(self._path("best"), _QUANTILES, anew=True)
        keep_best(list(read_records(self._path("labels"), output, _LABELLED)), output, **_QUANTILES)
        return _report("filter", output)

    def read(self, name: str, needed: Mapping[str, type]) -> Iterator[Record]:
        yield from read_records(self._path(name), StageOutput(self._path(name), _QUANTILES), needed)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"

    def _counted(self, what: str, records: Sequence[Record]) -> Iterator[Record]:
        for number, record in enumerate(records):
            self._progress(what, number, len(records))
            yield record
        self._progress(what, len(records), len(records))


def _report(name: str, output: StageOutput) -> StageReport:
    report = output.finish()
    return StageReport(name, report["written"], report["rejected"])


def _teacher(settings: WordSettings) -> Teacher:
    """Return what teaches by answers and evidence where a text has them, else by the encoder, loaded when needed."""
    loaded: list[Teacher] = []

    def teach(record: Record) -> str:
        if record.get("answers") or record.get("evidence"):
            return by_spans(record)
        if not loaded:
            loaded.append(by_encoder(settings.encoder, rate=settings.rate))
        return loaded[0](record)

    return teach


def _forget_other_states(folder: Path, records: Sequence[Record], encoder: str) -> None:
    """Remove what an earlier run read of other records, or with another encoder."""
    read = json.dumps([encoder, *((record["id"], record["labels"]) for record in records)])
    name, known = hashlib.sha256(read.encode()).hexdigest(), folder / "of.txt"
    if not known.exists() or known.read_text(encoding="utf-8") != name:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        known.write_text(name, encoding="utf-8")
