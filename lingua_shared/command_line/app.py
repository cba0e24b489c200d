"""The entry point of the command `lingua`: its commands, and what becomes of errors."""

import os
import sys
from collections.abc import Sequence
from inspect import cleandoc

from cyclopts import App, CycloptsError, Parameter

from lingua_shared.command_line.compressing import compress
from lingua_shared.command_line.doctor import doctor
from lingua_shared.command_line.evaluating import evaluate
from lingua_shared.command_line.explaining import explain
from lingua_shared.command_line.faults import CLOSED_PIPE, DONE, FAILED, INTERRUPTED, WRONG_USE, CommandError
from lingua_shared.command_line.listing import models
from lingua_shared.command_line.mcp import mcp
from lingua_shared.command_line.output import Screen
from lingua_shared.command_line.ranking import rank
from lingua_shared.command_line.recovering import recover
from lingua_shared.command_line.saving import savings
from lingua_shared.command_line.serving import serve
from lingua_shared.command_line.training import TRAININGS
from lingua_shared.command_line.tuning import tune
from lingua_shared.command_line.verifying import verify
from lingua_shared.errors import LinguaError, MissingQuestionError, OptionsError

_HELP = """Makes retrieved text shorter before a language model reads it.

lingua compress docs/*.md --question "Who built the lighthouse?" --rate 0.25
"""


def application() -> App:
    """Return the application with all its commands."""
    from lingua_shared import __version__  # noqa: PLC0415 - the package imports this module's neighbours

    app = App(
        name="lingua",
        help=_HELP,
        version=f"lingua {__version__}",
        help_format="plaintext",
        exit_on_error=False,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(show_default=False),
    )
    for command in (compress, rank, explain, recover, evaluate, tune, verify, savings, serve, mcp, models, doctor):
        app.command(command, help=_paragraphs(command.__doc__ or ""))
    app.command(_training())
    app.register_install_completion_command(add_to_startup=False)
    return app


def _training() -> App:
    train = App(name="train", help="Train a compressor of your own.")
    for command in TRAININGS:
        train.command(command, help=_paragraphs(command.__doc__ or ""))
    return train


def _paragraphs(docstring: str) -> str:
    """Return a docstring up to its arguments, each paragraph on one line, so that it fits any width."""
    about, _, _ = cleandoc(docstring).partition("\n\nArgs:")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in about.split("\n\n"))


def run(arguments: Sequence[str]) -> int:
    """Run a command, and return its exit code.

    Args:
        arguments: those behind the name of the command.
    """
    try:
        code = application()(arguments)
    except CycloptsError:  # its message was shown
        return WRONG_USE
    except CommandError as error:
        Screen().fail(str(error))
        return error.code
    except MissingQuestionError as error:
        Screen().fail(f"{error}; name it with --question")
        return WRONG_USE
    except LinguaError as error:
        Screen().fail(str(error))
        return WRONG_USE if isinstance(error, OptionsError) else FAILED
    except KeyboardInterrupt:
        Screen().fail("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # what reads the output has stopped, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    return code if isinstance(code, int) else DONE


def main() -> None:
    """Run the command of this process."""
    sys.exit(run(sys.argv[1:]))
