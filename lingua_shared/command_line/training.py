"""`lingua train`: a compressor of one's own, from one's own texts, or an encoder from files of questions."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from lingua_shared.command_line.faults import DONE, WRONG_USE, CommandError
from lingua_shared.command_line.output import FLAGS, Screen, as_line, opened, print_findings, write_line
from lingua_shared.command_line.reading import sources
from lingua_shared.compressor import PromptCompressor
from lingua_shared.options import CompressionOptions, ModelOptions

_SAMPLE_RATE = 0.33
_TO_GO_ON = "stopped; the same command goes on where it stopped"

Out = Annotated[Path, Parameter(group=FLAGS, help="Folder to write.")]


def words(
    texts: Annotated[
        list[str],
        Parameter(
            help='Files or patterns: texts (.txt, .md, .rst), or JSON lines (.gz, too): {"text": ...}, or '
            '{"question": ..., "passages": [...], "answers": [...]}.'
        ),
    ],
    /,
    *,
    out: Out,
    field: Annotated[str, Parameter(group=FLAGS, help="Field of a line that has the text. Default: text.")] = "text",
    encoder: Annotated[
        str, Parameter(group=FLAGS, help="Encoder that teaches and reads. Default: lingua-en.")
    ] = "lingua-en",
    keep: Annotated[
        float,
        Parameter(group=FLAGS, help="Share of words that the encoder marks in texts without answers. Default: 0.4."),
    ] = 0.4,
    epochs: Annotated[int, Parameter(group=FLAGS, help="How often all texts are used. Default: 6.")] = 6,
    seed: Annotated[int, Parameter(group=FLAGS, help="Of all draws. Default: 7.")] = 7,
    json: Annotated[
        bool, Parameter(negative="", group=FLAGS, help="Write the figures as JSON, in place of an example.")
    ] = False,
) -> int:
    """Train a small classifier of words on your own texts, for compression without a question.

    It is a head on an encoder of the package, so it needs minutes and no network. Questions teach by their answers;
    texts without questions by what the encoder rates highest. A tenth of the texts is held out and measured. What
    cannot be used is counted. The same command goes on where it was stopped, and takes up new texts.
    """
    from lingua_shared.training.distillation.own_words import WordSettings, train_words  # noqa: PLC0415 - loads torch

    _check(keep, epochs)
    screen, paths = Screen(), [Path(source.name) for source in sources(texts)]
    with _faults(screen, out), _bars(screen) as bars:
        found = train_words(paths, out, WordSettings(field, encoder, keep, epochs, seed), bars)
    for stage in found.stages:
        screen.say(str(stage))
    if json:
        with opened(None) as file:
            write_line(file, as_line({"out": str(out), "stages": found.stages, "figures": found.figures}))
        return DONE
    print_findings(None, _sentences(found, out))
    return DONE


def encoder(
    recipe: Annotated[Path, Parameter(help="TOML file with the settings of the training; recipes/en.toml is one.")],
    /,
    *,
    data: Annotated[
        list[Path], Parameter(group=FLAGS, consume_multiple=True, negative="", help="Folders of files of questions.")
    ],
    out: Out,
    trunk: Annotated[
        str | None, Parameter(group=FLAGS, help="Pretrained encoder to start from: a folder or a hub id.")
    ] = None,
    from_weights: Annotated[
        Path | None, Parameter(group=FLAGS, help="Folder of a trained model to start from instead.")
    ] = None,
    miner: Annotated[
        str, Parameter(group=FLAGS, help="Bi-encoder that finds hard distractors. Default: all-minilm-l6-v2.")
    ] = "all-minilm-l6-v2",
    threads: Annotated[int, Parameter(group=FLAGS, help="Threads of torch. Default: 2.")] = 2,
    device: Annotated[str | None, Parameter(group=FLAGS, help="Of torch. Default: cuda if there is one.")] = None,
) -> int:
    """Train an encoder as a recipe says, and fit its calibration.

    This is how the encoders of the package were trained. It takes hours, and goes on from its last checkpoint when it
    was stopped.
    """
    from lingua_shared.training.calibration import calibrate  # noqa: PLC0415 - loads torch
    from lingua_shared.training.run import EncoderTraining, train_encoder  # noqa: PLC0415

    screen = Screen()
    with _faults(screen, out), _logged(screen):
        folder = train_encoder(
            EncoderTraining(recipe, data, out, trunk, from_weights, miner, threads=threads, device=device)
        )
        calibrate(recipe, folder, data)
    print_findings(None, (f"Use it: lingua compress FILE --question ... --encoder-model {folder}",))
    return DONE


TRAININGS = (words, encoder)
"""The commands of `lingua train`."""


def _check(keep: float, epochs: int) -> None:
    if not 0 < keep <= 1:
        msg = f"--keep is {keep}; give a share above 0, up to 1"
        raise CommandError(msg, code=WRONG_USE)
    if epochs < 1:
        msg = f"--epochs is {epochs}; give at least 1"
        raise CommandError(msg, code=WRONG_USE)


def _sentences(found: Any, out: Path) -> Iterator[str]:
    compressor = PromptCompressor(ModelOptions(classifier_model=str(out)))
    options = CompressionOptions(method="llmlingua2", rate=_SAMPLE_RATE)
    result = compressor.compress(found.sample, options=options)
    yield f"Before ({result.original_tokens} tokens): {' '.join(found.sample.split())}"
    yield f"After ({result.compressed_tokens} tokens): {' '.join(result.text.split())}"
    yield (
        f"On held-out texts, the words to keep are told from the others with an AUC of {found.figures['auc']:.2f} "
        f"(0.5 is chance), and F1 {found.figures['f1']:.2f}."
    )
    if not found.figures["f1"]:
        yield "F1 is 0: no word reaches a probability of one half. Train on more texts, or with more --epochs."
    yield f"Use it: lingua compress FILE --method llmlingua2 --classifier-model {out} --rate {_SAMPLE_RATE}"


@contextmanager
def _faults(screen: Screen, out: Path) -> Iterator[None]:
    """Say how to go on where the command is interrupted, and what cannot be read or written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except FileNotFoundError as error:  # of files of questions; its message says where they were looked for
        raise CommandError(str(error)) from error
    except OSError as error:
        msg = f"cannot write {out}: {error.strerror or error}"
        raise CommandError(msg) from error
    except KeyboardInterrupt:
        screen.say(_TO_GO_ON)
        raise


@contextmanager
def _bars(screen: Screen) -> Iterator[Any]:
    """Show a line for each thing that is being done, in a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown: dict[str, TaskID] = {}
    with Progress(
        *columns, TimeElapsedColumn(), console=screen.console, transient=True, disable=not screen.console.is_terminal
    ) as bars:

        def report(what: str, done: int, total: int | None, /) -> None:
            if what not in shown:
                shown[what] = bars.add_task(what, total=total)
            bars.update(shown[what], completed=done, total=total)

        yield report


@contextmanager
def _logged(screen: Screen) -> Iterator[None]:
    """Show what the training logs, and nothing else."""
    log = logging.getLogger("lingua_shared.training")
    handler, level = RichHandler(console=screen.console, show_path=False, show_level=False), log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
