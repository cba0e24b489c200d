"""Lingua against llmlingua 0.2.2 on the same questions: ranking, answers that survive, rate, and time in one run.

    python benchmarks/compare.py --data FOLDER --count 100          # quality: ours, and the peer's answers on record
    python benchmarks/compare.py --data FOLDER --time 10 --peer-python PYTHON --peer-model FOLDER       # time

The peer's answers are read from the files that `llmlingua_baseline.py` wrote.
"""

import argparse
import json
import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from llmlingua_baseline import RESULTS, Peer, read_records
from measures import Answered, summarise, survives
from sets import Question, read_set

from lingua_shared import CompressionOptions, CompressionResult, ModelOptions, PromptCompressor


def main() -> None:
    """Measure what the command line asks for, print it and append it to the results."""
    arguments = _arguments()
    compressor = PromptCompressor(ModelOptions(local_files_only=True))
    options = CompressionOptions(rate=arguments.rate, **json.loads(arguments.options))
    if arguments.time:
        _report(arguments, "time", _time(arguments, compressor, options))
        return
    for name in arguments.sets:
        ours = _run_ours(compressor, read_set(arguments.data, name, count=arguments.count), options)
        theirs = _read_peer(ours, arguments.peer_results / f"llmlingua-{name}-{arguments.rate}.jsonl")
        _report(arguments, name, {"system": "lingua", **summarise(ours)})
        if theirs:
            answered = {item.question.id for item in theirs}
            same = [item for item in ours if item.question.id in answered]
            _report(arguments, name, {"system": "llmlingua 0.2.2", **summarise(theirs)})
            _report(arguments, name, {"system": "lingua, the same questions", **summarise(same)})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder in the form of benchmarks/README.md")
    parser.add_argument("--sets", nargs="+", default=["nq20", "hotpotqa", "nq20-bm25"])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--rate", type=float, default=0.25)
    parser.add_argument("--options", default="{}", help="further CompressionOptions as JSON")
    parser.add_argument("--peer-results", type=Path, default=RESULTS)
    parser.add_argument("--peer-python", help="Python of an environment with llmlingua 0.2.2")
    parser.add_argument("--peer-model", help="folder written by export_small_model.py")
    parser.add_argument("--time", type=int, default=0, help="questions of nq20 to time both systems on, in turn")
    parser.add_argument("--out", type=Path, default=RESULTS / "compare.jsonl")
    return parser.parse_args()


def _run_ours(compressor: PromptCompressor, questions: list[Question], options: CompressionOptions) -> list[Answered]:
    answered = []
    for question in questions:
        result = compressor.compress(question.passages, question=question.question, options=options)
        answered.append(Answered(question, _ranking(result), survives(result.text, question.answers), result.rate))
    return answered


def _read_peer(ours: list[Answered], path: Path) -> list[Answered]:
    """Read what is on record of the peer's answers to the same questions."""
    records = {record["id"]: record for record in read_records(path) if "error" not in record}
    asked = [(item.question, records[item.question.id]) for item in ours if item.question.id in records]
    return [Answered(question, record["ranking"], record["survives"], record["rate"]) for question, record in asked]


def _ranking(result: CompressionResult) -> list[int]:
    everything = [*result.passages, *result.dropped]
    return [p.index for p in sorted(everything, key=lambda p: -(p.relevance or 0.0))]


def _time(arguments: argparse.Namespace, compressor: PromptCompressor, options: CompressionOptions) -> dict[str, Any]:
    """Time both systems on each question in turn, after one warm-up question."""
    questions = read_set(arguments.data, "nq20", count=arguments.time + 1)
    ours, theirs = [], []
    peer = Peer(arguments.peer_python, arguments.peer_model, torch.get_num_threads())
    for question in questions:
        theirs.append(peer.compress(question, arguments.rate)["seconds"])
        started = time.perf_counter()
        compressor.compress(question.passages, question=question.question, options=options)
        ours.append(time.perf_counter() - started)
        print(f"ours {ours[-1]:.2f} s, llmlingua {theirs[-1]:.2f} s", flush=True)
    peer.close()
    ratios = [b / a for a, b in zip(ours[1:], theirs[1:], strict=True)]
    return {
        "questions": len(ratios),
        "median_seconds": round(statistics.median(ours[1:]), 3),
        "median_seconds_llmlingua": round(statistics.median(theirs[1:]), 3),
        "median_ratio": round(statistics.median(ratios), 2),
        "smallest_ratio": round(min(ratios), 2),
        "largest_ratio": round(max(ratios), 2),
    }


def _report(arguments: argparse.Namespace, name: str, figures: dict[str, Any]) -> None:
    record = {
        "set": name,
        "rate": arguments.rate,
        "options": json.loads(arguments.options),
        **figures,
        **_circumstances(),
    }
    print(json.dumps({"set": name, **figures}), flush=True)
    with arguments.out.open("a", encoding="utf-8") as out:
        out.write(json.dumps(record) + "\n")


def _circumstances() -> dict[str, Any]:
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads",
        "versions": {name: version(name) for name in ("rag-lingua", "torch", "transformers")},
        "date": time.strftime("%Y-%m-%d"),
    }


if __name__ == "__main__":
    main()
