"""NaturalQuestions with 20 passages: the gold one, and 19 that were retrieved or chosen by BM25."""

from benchmarks.sets.base import SetSource
from benchmarks.sets.documents import drafts

SETS = {
    "nq20": SetSource("nq20-dev.jsonl.gz", drafts),
    "nq20-bm25": SetSource("nq20-bm25-dev.jsonl.gz", drafts),
}
