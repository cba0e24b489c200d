"""Measure what stays of texts whose questions the compressor does not know, beside the token classifier of Lingua.

All of `quality` applies; the defaults of sets, systems and rates differ, and the lines go to `texts.jsonl`.
"""

import argparse

from benchmarks import quality
from benchmarks.sets import SETS
from benchmarks.systems import OURS

CLASSIFIER = f"{OURS}:llmlingua2"
RATES = (0.5, 0.333, 0.2)
_SYSTEMS = (
    CLASSIFIER,
    f"{OURS}:words-by-surprisal",
    f"{OURS}:sentences-by-surprisal",
    "first_words",
    "random_words",
    "llmlingua_plain",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    quality.add_arguments(parser)
    texts = [name for name in SETS if name.endswith("-texts")]
    parser.set_defaults(split="dev", sets=texts, systems=list(_SYSTEMS), rates=list(RATES))


def run(arguments: argparse.Namespace) -> None:
    """Ask what is not answered yet, then write the aggregates."""
    quality.measure(arguments, file="texts.jsonl", reference=CLASSIFIER)
