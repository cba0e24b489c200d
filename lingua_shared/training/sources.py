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
        "multilingual": (
            Source("nq10-bm25-train", 1200),
            Source("hotpotqa-train", 300),
            Source("2wikimultihopqa-train", 200),
            Source("squad-train-en", 300),
            Source("cmrc2018-train-zh", 600),
            Source("drcd-test-zh", 200),
            Source("jaquad-train-ja", 600),
            Source("piaf-fr", 200),
            Source("tydiqa-goldp-id", 200),
            Source("arcd-ar", 200),
            Source("norquad-no", 100),
            Source("faquad-pt", 150),
            Source("iapp-wiki-th", 200),
        ),
    }
)
"""Named mixtures. The files' licences and origins stand in the model's card."""
