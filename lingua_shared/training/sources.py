"""Which files a model is trained on, and how many questions of each, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Source:
    """A file of questions.

    Attributes:
        file: its name, without `.jsonl.gz`.
        groups: questions drawn from it for one round of training; more than it has are drawn again, with other
            distractors and another wording.
    """

    file: str
    groups: int


MIXTURES: Mapping[str, tuple[Source, ...]] = MappingProxyType(
    {
        "en": (
            Source("nq10-bm25-train", 4400),
            Source("hotpotqa-train", 1200),
            Source("2wikimultihopqa-train", 900),
            Source("squad-train-en", 1600),
            Source("squad-train-du-en", 1600),
            Source("afriqa-en", 1100),
            Source("quoref-train-en", 400),
            Source("selqa-devtest-en", 400),
            Source("boolq-train-en", 600),
        ),
        "en-wide": (
            Source("nq10-bm25-train", 700),
            Source("hotpotqa-train", 500),
            Source("2wikimultihopqa-train", 350),
            Source("squad-train-en", 950),
            Source("squad-train-du-en", 950),
            Source("afriqa-en", 2200),
            Source("quoref-train-en", 350),
            Source("selqa-devtest-en", 550),
            Source("boolq-train-en", 700),
        ),
        "multilingual": (
            Source("nq10-bm25-train", 1500),
            Source("hotpotqa-train", 550),
            Source("2wikimultihopqa-train", 350),
            Source("squad-train-du-en", 550),
            Source("cmrc2018-train-zh", 700),
            Source("drcd-test-zh", 250),
            Source("jaquad-train-ja", 750),
            Source("piaf-fr", 250),
            Source("tydiqa-goldp-id", 250),
            Source("arcd-ar", 250),
            Source("norquad-no", 100),
            Source("faquad-pt", 150),
            Source("iapp-wiki-th", 250),
        ),
    }
)
"""Named mixtures. The files' licences and origins stand in the model's card."""
