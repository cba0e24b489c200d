"""`python -m benchmarks COMMAND`: finds the module of a command and hands it the rest of the line."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from benchmarks.errors import UsageError

COMMANDS = {
    "quality": ("quality", "run systems over sets, and measure what they keep"),
    "time": ("timing", "time systems in turn, question by question"),
    "cost": ("cost", "time and memory as the passages grow"),
    "reader": ("reader", "let a small language model answer from the compressed texts"),
    "peers": ("environments", "build the environments that other systems run in"),
    "levers": ("levers", "what each lever of the speed is worth alone"),
    "recovery": ("recovery", "what recovery restores in answers, and what it leaves alone"),
    "judging": ("judging", "how the encoder ranks, how sure it is, and whether it can be fooled"),
    "fusion": ("fusion", "fit the weights of the ranking signals on the training files"),
    "report": ("report", "write tables and plots from the results"),
}
"""Module and purpose of each command; a module has `add_arguments(parser)` and `run(arguments)`, and loads late."""


def main(line: Sequence[str]) -> None:
    """Carry out a command line."""
    listed = "\n".join(f"  {name:8} {purpose}" for name, (_, purpose) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        usage="%(prog)s COMMAND [options]",
        epilog=f"commands:\n{listed}\n\n`COMMAND --help` lists the options of one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="what to do")
    command = parser.parse_args(line[:1]).command
    module = import_module(f"benchmarks.{COMMANDS[command][0]}")
    own = argparse.ArgumentParser(
        prog=f"python -m benchmarks {command}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(own)
    try:
        module.run(own.parse_args(line[1:]))
    except UsageError as error:
        own.error(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
