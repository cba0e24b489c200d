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
            Source("nq10-bm25-train", 2600),
            Source("hotpotqa-train", 800),
            Source("2wikimultihopqa-train", 600),
            Source("squad-train-en", 700),
            Source("squad-train-du-en", 700),
            Source("afriqa-en", 400),
            Source("boolq-train-en", 200),
            Source("cmrc2018-train-zh", 900),
            Source("drcd-test-zh", 300),
            Source("jaquad-train-ja", 1000),
            Source("piaf-fr", 400),
            Source("tydiqa-goldp-id", 400),
            Source("arcd-ar", 300),
            Source("norquad-no", 200),
            Source("faquad-pt", 200),
            Source("iapp-wiki-th", 300),
        ),
    }
)
"""Named mixtures. The files' licences and origins stand in the model's card."""
