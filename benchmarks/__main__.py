"""`python -m benchmarks COMMAND`: runs the module of a command with the rest of the command line."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from benchmarks.errors import UsageError
from benchmarks.fingerprints import engine_fingerprint
from lingua_shared import InvalidInputError
from lingua_shared.evaluation.reader_client import ReaderError

COMMANDS = {
    "publish": ("publish", "measure everything that the documents report, on the test files"),
    "quality": ("quality", "run systems over sets and measure what they keep"),
    "texts": ("texts", "measure what stays of texts whose questions the compressor does not know"),
    "time": ("timing", "time systems in turn, question by question"),
    "classifier-time": ("classifier_time", "time LLMLingua-2 here and in llmlingua with the same classifier"),
    "cost": ("cost", "seconds and memory as the input grows"),
    "encoder-eval": ("encoder_eval", "ranking, calibration and robustness of an encoder alone"),
    "service": ("service_load", "throughput of the service against the engine in process"),
    "agents": ("agents", "agents over many turns, with long results of tools whole and shortened"),
    "tool-results": ("tool_results", "results of tools in JSON, logs, diffs and tables, before and after"),
    "recovery": ("recovery", "what recovery restores in answers, and what it leaves alone"),
    "prompts": ("prompts", "compress prompts of worked examples, and check their arithmetic"),
    "truth": ("truth", "count the clauses that a cut robbed of a negation or the like"),
    "flooding": ("flooding", "how often the answer stays beside hostile passages"),
    "ablations": ("ablations", "what single optimisations of the perplexity method are worth"),
    "reader": ("reader", "let a language model answer from the compressed texts"),
    "fusion": ("fusion", "fit the weights of the ranking signals on training files"),
    "amount": ("amount", "fit and check what `keep_answer` keeps, on dev files"),
    "tune": ("tuning", "fit the constants of selection on dev files"),
    "peers": ("environments", "build the environments that other systems run in"),
    "report": ("report", "write plots, tables and the generated parts of the documents"),
}
"""Module and purpose of each command. A module has `add_arguments(parser)` and `run(arguments)`, imported on use."""


def main(line: Sequence[str]) -> None:
    """Run a command line."""
    listed = "\n".join(f"  {name:12} {purpose}" for name, (_, purpose) in COMMANDS.items())
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
    arguments = own.parse_args(line[1:])
    engine_fingerprint()  # of the code that this process loads, whatever happens to the files later
    try:
        module.run(arguments)
    except (UsageError, InvalidInputError, ReaderError) as error:
        own.error(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
