"""Questions that need several passages: HotpotQA (distractor setting), 2WikiMultihopQA, MuSiQue."""

from benchmarks.sets.base import dev_and_test
from benchmarks.sets.documents import drafts

SETS = {
    "hotpotqa": dev_and_test("hotpotqa", drafts),
    "2wikimultihopqa": dev_and_test("2wikimultihopqa", drafts),
    "musique": dev_and_test("musique", drafts),
}
