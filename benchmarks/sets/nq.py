"""NaturalQuestions with 20 passages: one gold, and 19 distractors that were retrieved or chosen by BM25."""

from benchmarks.sets.base import dev_and_test
from benchmarks.sets.documents import drafts

SETS = {
    "nq20": dev_and_test("nq20", drafts),
    "nq20-bm25": dev_and_test("nq20-bm25", drafts),
}
