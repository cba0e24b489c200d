"""Run llmlingua 0.2.2 over the sets, in its own environment; resumable: questions already answered are skipped.

python benchmarks/llmlingua_baseline.py --data FOLDER --python PEER_PYTHON --model FOLDER --count 30
"""

import argparse
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measures import survives
from sets import Question, read_set

from lingua_shared.counting import make_counter

WORKER = Path(__file__).with_name("llmlingua_worker.py")
RESULTS = Path(__file__).with_name("results")


class Peer:
    """A running worker process: one JSON line in, one JSON line out."""

    def __init__(self, python: str, model: str, threads: int) -> None:
        """Start the worker; it loads its model before it answers the first line."""
        self._process = subprocess.Popen(
            [python, str(WORKER), model, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def compress(self, question: Question, rate: float) -> dict[str, Any]:
        """Send one question, wait for its answer."""
        assert self._process.stdin
        assert self._process.stdout
        request = {"id": question.id, "passages": question.passages, "question": question.question, "rate": rate}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            msg = f"the llmlingua worker ended with exit status {self._process.wait()} at question {question.id}"
            raise RuntimeError(msg)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the worker."""
        self._process.communicate()


def run_set(peer: Peer, questions: list[Question], rate: float, path: Path) -> None:
    """Append an answer for each question that the file does not hold yet."""
    done = {record["id"] for record in read_records(path)}
    with path.open("a", encoding="utf-8") as out:
        for number, question in enumerate(questions, 1):
            if question.id not in done:
                record = _measured(question, peer.compress(question, rate))
                out.write(json.dumps(record) + "\n")
                out.flush()
                print(f"{path.stem} {number}/{len(questions)} {record['seconds']:.1f} s", flush=True)


def _measured(question: Question, answer: dict[str, Any]) -> dict[str, Any]:
    """Replace the text by what is measured of it: texts of the data sets stay out of this repository."""
    if "error" in answer:
        return answer
    text = answer.pop("text")
    count = make_counter("cl100k_base")
    rate = count(text) / count("\n\n".join(question.passages))
    return {**answer, "survives": survives(text, question.answers), "rate": round(rate, 4)}


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSON lines file; a missing file has none."""
    if path.exists():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Run the peer over each set named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--python", required=True, help="Python of an environment with llmlingua 0.2.2")
    parser.add_argument("--model", required=True, help="folder written by export_small_model.py")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--sets", nargs="+", default=["nq20", "hotpotqa", "nq20-bm25"])
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--rate", type=float, default=0.25)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    peer = Peer(options.python, options.model, options.threads)
    for name in options.sets:
        path = options.out / f"llmlingua-{name}-{options.rate}.jsonl"
        run_set(peer, read_set(options.data, name, count=options.count), options.rate, path)
    peer.close()


if __name__ == "__main__":
    main()
