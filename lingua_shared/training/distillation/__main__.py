"""The stages of the distillation as commands: `python -m lingua_shared.training.distillation STAGE ...`.

A stage that was stopped at any moment goes on where it stopped when it is called again.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lingua_shared.errors import LinguaError
from lingua_shared.text.token_counting import make_counter
from lingua_shared.training.distillation.collect import CHUNK_TOKENS, collect
from lingua_shared.training.distillation.endpoint import PROMPT, Endpoint, add_request_arguments, compress_all
from lingua_shared.training.distillation.labels import WINDOW, labelled, stemmer
from lingua_shared.training.distillation.quality import keep_best
from lingua_shared.training.distillation.stages import Record, StageOutput, read_records, run_stage, write_whole
from lingua_shared.training.distillation.teachers import by_encoder, by_spans

_LABELLED = {"text": str, "compressed": str, "words": list, "labels": list}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one stage as the command line says, and print its report."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    report = options.run(options)
    print(json.dumps({name: value for name, value in report.items() if name != "histograms"}, indent=2))  # noqa: T201


def _collect(options: argparse.Namespace) -> Record:
    settings = {"tokens": options.tokens, "tokenizer": options.tokenizer, "field": options.field}
    output = StageOutput(options.out, settings)
    collect(options.texts, output, make_counter(options.tokenizer), tokens=options.tokens, field=options.field)
    return output.finish()


def _compress(options: argparse.Namespace) -> Record:
    prompt = options.prompt.read_text(encoding="utf-8") if options.prompt else PROMPT
    by_model = {"model": options.model, "prompt": prompt} if options.teacher == "endpoint" else {}
    by_reader = {"encoder": options.encoder, "rate": options.rate} if options.teacher == "encoder" else {}
    output = StageOutput(options.out, {"teacher": options.teacher, **by_model, **by_reader})
    records = [one for one in read_records(options.records, output, {"text": str}) if one["id"] not in output.done]
    if options.teacher != "endpoint":
        teacher = by_spans if options.teacher == "spans" else by_encoder(options.encoder, rate=options.rate)
        run_stage(records, output, lambda record: {**record, "compressed": teacher(record)})
        return output.finish()
    endpoint = Endpoint(
        options.model, options.base_url, prompt, in_flight=options.in_flight, per_minute=options.per_minute,
        price_in=options.price_in, price_out=options.price_out,
    )  # fmt: skip
    endpoint.check_cost(records, make_counter("cl100k_base"), options.max_cost, "texts")
    return output.finish(failed_requests_now=compress_all(records, output, endpoint))


def _label(options: argparse.Namespace) -> Record:
    output = StageOutput(options.out, {"language": options.language, "window": options.window})
    stem = stemmer(options.language)
    records = read_records(options.records, output, {"text": str, "compressed": str})
    run_stage(records, output, lambda record: labelled(record, stem, options.window))
    return output.finish()


def _filter(options: argparse.Namespace) -> Record:
    quantiles = {"variation_quantile": options.variation, "gap_quantile": options.gap}
    output = StageOutput(options.out, quantiles, anew=True)
    return output.finish(**keep_best(list(read_records(options.records, output, _LABELLED)), output, **quantiles))


def _fit(options: argparse.Namespace) -> Record:
    from lingua_shared.training.distillation.fit import FitSettings, fit  # noqa: PLC0415 - imports torch

    given = {name: getattr(options, name) for name in FitSettings.model_fields if getattr(options, name) is not None}
    output = StageOutput(options.out / "records.jsonl", {}, anew=True)
    records = list(read_records(options.records, output, _LABELLED))
    return {**fit(records, FitSettings(**given), options.out), "bad_records": output.finish()["rejected"]}


def _head(options: argparse.Namespace) -> Record:
    from lingua_shared.training.distillation.head import HeadSettings, fit_head  # noqa: PLC0415 - imports torch

    given = {name: getattr(options, name) for name in HeadSettings.model_fields if getattr(options, name) is not None}
    size = options.records.stat().st_size if options.records.is_file() else 0
    output = StageOutput(options.out / "states/records.jsonl", {**given, "bytes": size})
    records = list(read_records(options.records, output, _LABELLED))
    rejected = output.finish()["rejected"]
    return {**fit_head(records, HeadSettings(**given), options.out), "bad_records": rejected}


def _evaluate(options: argparse.Namespace) -> Record:
    from lingua_shared.options import ModelOptions  # noqa: PLC0415 - with what imports torch
    from lingua_shared.training.distillation.evaluate import label_figures, survival  # noqa: PLC0415

    output = StageOutput(options.out, {"model": options.model, "rates": options.rates}, anew=True)
    records = list(read_records(options.records, output, _LABELLED))
    models = ModelOptions(classifier_model=options.model)
    return output.finish(
        words=label_figures(records, models),
        survival=survival(records, models, options.rates, perplexity=options.perplexity),
    )


def _export(options: argparse.Namespace) -> Record:
    from lingua_shared.training.distillation.export import export  # noqa: PLC0415 - imports torch

    found: dict[str, Any] = {
        name: json.loads((options.fitted / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("figures", "settings")
    }
    export(options.fitted / "model", found["figures"], found["settings"], options.out, dtype=options.dtype)
    write_whole(options.out / "training.json", json.dumps(found, indent=2) + "\n")
    return {"written": str(options.out)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lingua_shared.training.distillation",
        description="Train a token classifier for LLMLingua-2 on your own texts. The stages in their order: collect, "
        "compress, label, filter, fit, evaluate, export. Each goes on where it was stopped; see docs/llmlingua2.md.",
    )
    stages = parser.add_subparsers(required=True, metavar="STAGE")
    one = _stage(stages, "collect", "cut texts into chunks that end at the ends of sentences", _collect, source=None)
    one.add_argument("texts", type=Path, nargs="+", help="plain texts, JSON lines, or files of questions; .gz works")
    one.add_argument("--tokens", type=int, default=CHUNK_TOKENS, help="tokens of a chunk (default: 512)")
    one.add_argument("--tokenizer", default="cl100k_base", help="counts them (default: cl100k_base)")
    one.add_argument("--field", default="text", help="field of a JSON line that has the text (default: text)")
    _add_teacher(_stage(stages, "compress", "let a teacher shorten each chunk", _compress))
    one = _stage(stages, "label", "find which words of each chunk its compression keeps", _label)
    one.add_argument("--language", default="english", help='of the stems, or "none" (default: english)')
    one.add_argument("--window", type=int, default=WINDOW, help="words in which each word is looked for (default: 400)")
    one = _stage(stages, "filter", "leave out the worst compressions and labels", _filter)
    one.add_argument("--variation", type=float, default=0.95, help="quantile of the variation rate (default: 0.95)")
    one.add_argument("--gap", type=float, default=0.9, help="quantile of the alignment gap (default: 0.9)")
    one = _stage(stages, "fit", "train the classifier", _fit)
    one.add_argument("--trunk", required=True, help="encoder to start from: a folder or a hub id")
    one.add_argument("--epochs", type=int, help="at most (default: 10)")
    one.add_argument("--learning-rate", type=float, help="highest learning rate (default: 1e-5)")
    one.add_argument("--batch", type=int, help="texts in a step (default: 10)")
    one.add_argument("--patience", type=int, help="epochs without a better F1 before it stops (default: 2)")
    one.add_argument("--dev-share", type=float, help="share that is held out (default: 0.1)")
    one.add_argument("--seed", type=int, help="of all draws (default: 7)")
    one = _stage(stages, "head", "train a small head on an encoder of the package instead", _head)
    one.add_argument("--encoder", help="encoder, which stays as it is (default: lingua-en)")
    one.add_argument("--evidence", type=float, help="target of kept words in no answer (default: 0.3)")
    one.add_argument("--epochs", type=int, help="(default: 6)")
    one.add_argument("--seed", type=int, help="of all draws (default: 7)")
    one = _stage(stages, "evaluate", "measure words, and what survives, on held-out chunks", _evaluate)
    one.add_argument("--model", required=True, help="the classifier: a folder, a hub id or a catalog name")
    one.add_argument("--rates", type=float, nargs="+", default=[0.5, 1 / 3, 0.2], help="(default: 0.5 0.333 0.2)")
    one.add_argument("--perplexity", action="store_true", help="compare with words by perplexity, which takes longer")
    one = _stage(stages, "export", "write a folder to publish", _export, source=None)
    one.add_argument("fitted", type=Path, help="folder that fit wrote")
    one.add_argument("--dtype", choices=("float32", "float16", "bfloat16"), default="float32", help="of the weights")
    return parser


def _stage(stages: Any, name: str, what: str, run: Any, *, source: str | None = "records") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = stages.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    if source:
        parser.add_argument(source, type=Path, help="file that an earlier stage wrote")
    parser.add_argument("--out", type=Path, required=True, help="what to write")
    parser.set_defaults(run=run)
    return parser


def _add_teacher(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--teacher",
        choices=("endpoint", "spans", "encoder"),
        required=True,
        help="an LLM behind an OpenAI-compatible endpoint; spans of answers and evidence; or the encoder",
    )
    parser.add_argument("--encoder", default="lingua-en", help="encoder of that teacher (default: lingua-en)")
    parser.add_argument("--rate", type=float, default=0.4, help="share of words that the encoder keeps (default: 0.4)")
    parser.add_argument("--model", default="gpt-4o-mini", help="name of the LLM (default: gpt-4o-mini)")
    parser.add_argument("--base-url", help="address of the endpoint; the key is read from OPENAI_API_KEY")
    parser.add_argument("--prompt", type=Path, help="file with another prompt, with {text} where the text stands")
    add_request_arguments(parser)


if __name__ == "__main__":
    try:
        main()
    except LinguaError as error:
        sys.exit(f"error: {error}")
