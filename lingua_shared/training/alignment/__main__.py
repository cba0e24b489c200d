"""The stages of the alignment as commands: `python -m lingua_shared.training.alignment STAGE ...`.

A stage that was stopped at any moment goes on where it stopped when it is called again.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lingua_shared.errors import InvalidInputError, LinguaError
from lingua_shared.text.token_counting import make_counter
from lingua_shared.training.alignment.collect import ask, collect, reject_open
from lingua_shared.training.distillation.endpoint import Endpoint, add_request_arguments
from lingua_shared.training.distillation.stages import Record, StageOutput, read_records, write_whole

PAIR = {"instruction": str, "response": str}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one stage as the command line says, and print its report."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    print(json.dumps(options.run(options), indent=2))  # noqa: T201


def _collect(options: argparse.Namespace) -> Record:
    if options.url and not options.model:
        msg = "--url is set, but no --model; give the name of the model at that address"
        raise InvalidInputError(msg)
    asked = {"model": options.model, "response_tokens": options.response_tokens, "logprobs": options.logprobs}
    output = StageOutput(options.out, asked if options.url else {})
    open_ones = collect(options.files, output)
    if not options.url:
        reject_open(open_ones, output)
        return output.finish()
    endpoint = Endpoint(
        options.model, options.url, "{text}", field="instruction",
        in_flight=options.in_flight, per_minute=options.per_minute,
        price_in=options.price_in, price_out=options.price_out, answer_tokens=options.response_tokens,
        with_logprobs=options.logprobs,
    )  # fmt: skip
    endpoint.check_cost(open_ones, make_counter("cl100k_base"), options.max_cost, "requests")
    return output.finish(failed_requests_now=ask(open_ones, output, endpoint))


def _fit(options: argparse.Namespace) -> Record:
    from lingua_shared.training.alignment.fit import FitSettings, fit  # noqa: PLC0415 - imports torch

    given = {name: getattr(options, name) for name in FitSettings.model_fields if getattr(options, name) is not None}
    output = StageOutput(options.out / "records.jsonl", {}, anew=True)
    records = list(read_records(options.records, output, PAIR))
    figures = fit(records, FitSettings(**given), options.out)
    return {**figures, "bad_records": output.finish()["rejected"]}


def _report(options: argparse.Namespace) -> Record:
    from lingua_shared.training.alignment.report import Questions, report  # noqa: PLC0415 - imports torch

    asked = Questions(options.questions, options.count, options.rate, options.method) if options.questions else None
    found = report(options.fitted, target=options.target, questions=asked)
    write_whole(options.out or options.fitted / "report.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lingua_shared.training.alignment",
        description="Tune a small causal model on what a target LLM wrote, so that its perplexity is more like the "
        "target's. The stages in their order: collect, fit, report. Each goes on where it was stopped; see "
        "docs/alignment.md.",
    )
    stages = parser.add_subparsers(required=True, metavar="STAGE")
    _add_collect(stages.add_parser("collect", help="instructions with the target's responses"))
    one = stages.add_parser("fit", help="train on the responses")
    one.add_argument("records", type=Path, help="file that collect wrote")
    one.add_argument("--out", type=Path, required=True, help="folder to write")
    one.add_argument("--base", help="causal model to tune: a catalog name, a folder, a .gguf file or a hub id")
    one.add_argument("--all-weights", action="store_true", default=None, help="train all weights instead of LoRA")
    one.add_argument("--epochs", type=int, help="(default: 3)")
    one.add_argument("--learning-rate", type=float, help="highest learning rate (default: 2e-4; all weights: 2e-5)")
    one.add_argument("--batch", type=int, help="pairs in a step (default: 8)")
    one.add_argument("--rank", type=int, help="of the matrices of LoRA (default: 16)")
    one.add_argument("--max-tokens", type=int, help="of a pair, more is cut off (default: 1024)")
    one.add_argument("--held-out", type=float, help="share of the pairs that is kept for the report (default: 0.2)")
    one.add_argument("--checkpoint-steps", type=int, help="steps between two checkpoints (default: 50)")
    one.add_argument("--dtype", choices=("float32", "bfloat16"), help="of the weights below LoRA (default: float32)")
    one.add_argument("--seed", type=int, help="of all draws (default: 7)")
    one.set_defaults(run=_fit)
    one = stages.add_parser("report", help="compare the model before and after")
    one.add_argument("fitted", type=Path, help="folder that fit wrote")
    one.add_argument("--out", type=Path, help="file to write (default: report.json in that folder)")
    one.add_argument("--target", help="the target, where it runs here and the pairs have no log-probabilities")
    one.add_argument("--questions", type=Path, help="file of questions with passages and answers")
    one.add_argument("--count", type=int, default=50, help="of these questions (default: 50)")
    one.add_argument("--rate", type=float, default=0.25, help="share of the passages' tokens to keep (default: 0.25)")
    one.add_argument("--method", choices=("longllmlingua-paper", "longllmlingua"), default="longllmlingua-paper")
    one.set_defaults(run=_report)
    return parser


def _add_collect(parser: Any) -> None:
    parser.add_argument("files", type=Path, nargs="+", help="JSON lines with instruction, and response where known")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    parser.add_argument("--url", help="address of the target's OpenAI-compatible endpoint; key: OPENAI_API_KEY")
    parser.add_argument("--model", help="name of the target at that address")
    parser.add_argument("--response-tokens", type=int, default=512, help="of a response, at most (default: 512)")
    parser.add_argument("--logprobs", action="store_true", help="ask for log-probabilities, which the report uses")
    add_request_arguments(parser)
    parser.set_defaults(run=_collect)


if __name__ == "__main__":
    try:
        main()
    except LinguaError as error:
        sys.exit(f"error: {error}")
