"""Time LLMLingua-2 here and in llmlingua 0.2.2 with the same classifier: random weights in the shape of mBERT.

Both compress the same text to a third in turn, so that other load on the machine affects them alike. The first round is
not counted.
"""

import argparse
import json
import time
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import torch
import transformers

from benchmarks.arguments import add_threads
from benchmarks.circumstances import ROOT, circumstances
from benchmarks.client import Client
from benchmarks.errors import UsageError
from benchmarks.progress import say
from benchmarks.records import RESULTS, WORK, write_lines
from benchmarks.systems import PEERS, find_systems
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor
from lingua_shared.scoring.catalog import find_model
from lingua_shared.text.token_counting import make_counter

_NAME = "bert-base-multilingual-cased-random"
_RATE = 1 / 3
_TIMEOUT = 1200.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--tokens", type=int, nargs="+", default=[4000, 32_000], help="of the texts")
    parser.add_argument("--count", type=int, default=3, help="rounds, beside the one that is not counted")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--work", type=Path, default=WORK, help="folder of files that can be remade")
    add_threads(parser)


def run(arguments: argparse.Namespace) -> None:
    """Time both and write a line for each length to `classifier_time.jsonl`."""
    reference = find_systems()["llmlingua"]
    if not reference.is_built():
        msg = "the environment of llmlingua is not built; `python -m benchmarks peers --only llmlingua` builds it"
        raise UsageError(msg)
    torch.set_num_threads(arguments.threads)
    folder = write_classifier(arguments.work / _NAME)
    ours = PromptCompressor(ModelOptions(classifier_model=str(folder), device="cpu", local_files_only=True))
    settings = {"model": str(folder.resolve()), "threads": arguments.threads}
    worker = [str(reference.python()), str(PEERS / "_llmlingua2.py"), json.dumps(settings)]
    with Client(worker) as client:
        lines = [_line(tokens, ours, client, arguments) for tokens in arguments.tokens]
        write_lines(
            arguments.results / "classifier_time.jsonl",
            [{**line, **circumstances(arguments.threads), "peer": client.versions} for line in lines],
        )


def write_classifier(folder: Path) -> Path:
    """Write a classifier of BERT's base shape with random weights, and the tokenizer of the English encoder."""
    if not (folder / "config.json").exists():
        torch.manual_seed(0)
        source = Path(find_model("lingua-en").location) / "tokenizer.json"
        tokenizer = transformers.BertTokenizerFast(tokenizer_file=str(source), model_max_length=512)
        config = transformers.BertConfig(vocab_size=len(tokenizer), num_labels=2)
        transformers.BertForTokenClassification(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


def text_of(tokens: int) -> str:
    """Return about so many tokens of the documents in `examples/data`, which are repeated where they do not suffice."""
    count, parts, total = make_counter("cl100k_base"), [], 0
    documents = sorted((ROOT / "examples/data").glob("*.md"))
    for path in cycle(documents):
        parts.append(path.read_text(encoding="utf-8"))
        total += count(parts[-1])
        if total >= tokens:
            break
    return "\n\n".join(parts)


def _line(tokens: int, ours: PromptCompressor, client: Client, arguments: argparse.Namespace) -> dict[str, Any]:
    text, options = text_of(tokens), CompressionOptions(method="llmlingua2", rate=_RATE)
    seconds: dict[str, list[float]] = {"lingua": [], "llmlingua": []}
    kept: dict[str, int] = {}
    for number in range(arguments.count + 1):
        started = time.perf_counter()
        result = ours.compress(text, options=options)
        taken = time.perf_counter() - started
        request = {"id": str(number), "passages": [text], "question": "", "rate": _RATE}
        answer = client.ask(request, timeout=_TIMEOUT)
        if "error" in answer:
            raise UsageError(str(answer["error"]))
        kept = {"lingua": result.compressed_tokens, "llmlingua": make_counter("cl100k_base")(answer["text"])}
        if number:
            seconds["lingua"].append(round(taken, 3))
            seconds["llmlingua"].append(round(answer["seconds"], 3))
    medians = {name: median(values) for name, values in seconds.items()}
    ratio = round(medians["llmlingua"] / medians["lingua"], 2)
    say(f"{result.original_tokens} tokens: {medians} s, {ratio} times as fast; kept {kept}")
    return {"tokens": result.original_tokens, "rate": _RATE, "seconds": seconds, "ratio": ratio, "kept": kept}
