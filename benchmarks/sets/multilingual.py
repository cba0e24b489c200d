"""Extractive questions in Chinese (XQuAD, CMRC 2018, DRCD), Japanese (JSQuAD) and ten languages of XQuAD."""

from benchmarks.sets.base import SetSource
from benchmarks.sets.documents import drafts

SETS = {
    "zh": SetSource("multilingual-zh-dev.jsonl.gz", drafts),
    "ja": SetSource("multilingual-ja-dev.jsonl.gz", drafts),
    "xquad": SetSource("multilingual-xquad-dev.jsonl.gz", drafts),
}
