"""Extractive questions in other languages, five passages each.

The dev files are separate: Chinese (XQuAD, CMRC 2018, DRCD), Japanese (JSQuAD) and ten languages of XQuAD. The test
file holds all of these and Korean (KorQuAD).
"""

from benchmarks.sets.base import SetSource
from benchmarks.sets.documents import drafts

SETS = {
    "multilingual": SetSource({"test": "multilingual-test.jsonl.gz"}, drafts),
    "zh": SetSource({"dev": "multilingual-zh-dev.jsonl.gz"}, drafts),
    "ja": SetSource({"dev": "multilingual-ja-dev.jsonl.gz"}, drafts),
    "xquad": SetSource({"dev": "multilingual-xquad-dev.jsonl.gz"}, drafts),
}
