"""Questions that need several passages: HotpotQA (distractor setting), 2WikiMultihopQA, MuSiQue."""

from benchmarks.sets.base import SetSource
from benchmarks.sets.documents import drafts

SETS = {
    "hotpotqa": SetSource("hotpotqa-dev.jsonl.gz", drafts),
    "2wikimultihopqa": SetSource("2wikimultihopqa-dev.jsonl.gz", drafts),
    "musique": SetSource("musique-dev.jsonl.gz", drafts),
}
