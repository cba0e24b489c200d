"""Values of passages that do not depend on the question, from the cache where it has them.

The indexing steps of both frameworks compute the same values ahead of the first question.
"""

from collections.abc import Sequence

import numpy as np

from lingua_shared.cache.entries import Entry
from lingua_shared.scoring.causal.prefix_cache import PrefixStore
from lingua_shared.scoring.causal.reader import PassageReader
from lingua_shared.scoring.embedding import PassageVectors, passage_vectors, to_units
from lingua_shared.scoring.loading import Models


def remembered_vectors(models: Models, passages: Sequence[str]) -> list[PassageVectors]:
    """Return the embedding model's vectors of passages and their sentences."""

    def compute(places: list[int]) -> list[Entry]:
        vectors = passage_vectors(models.embedder(), [passages[i] for i in places])
        # Half precision halves the cache; what was just computed is rounded too, so that a warm cache changes nothing.
        return [
            {
                "whole": v.whole.astype(np.float16),
                "sentences": v.sentences.astype(np.float16),
                "starts": v.starts,
                "ends": v.ends,
            }
            for v in vectors
        ]

    entries = models.memo_of_vectors().values(passages, compute)
    return [PassageVectors(to_units(e["whole"]), to_units(e["sentences"]), e["starts"], e["ends"]) for e in entries]


def remembered_likelihoods(models: Models, passages: Sequence[str]) -> list[np.ndarray]:
    """Return -log p(token | prefix) in nats of every token of the passages, as the causal model cuts them."""
    prefixes = models.prefixes or PrefixStore(limit=0)
    reader = PassageReader(models.causal(), passages, None, "", prefixes=prefixes, memo=models.memo_of_likelihoods())
    return reader.plain(range(len(passages)))
