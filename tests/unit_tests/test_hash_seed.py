"""Results do not depend on the order of sets and hashes, which Python draws anew for each process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import random
import numpy as np
from lingua_shared.scoring.entity_links import boost_linked
from lingua_shared.scoring.lexical import bm25_scores
from lingua_shared.training.attacks import attack
from lingua_shared.training.augmentation import reworded
from lingua_shared.training.mining import Pool

passages = [f"The {a} of {b} was built by Ada Marsh, {c} and {d}." for a, b, c, d in (
    ("lighthouse", "Gull Point", "Bo Reed", "Cy Lake"), ("ferry", "Brannoc", "Di Moss", "Ed Fern"),
    ("harbour", "Ada Marsh", "Flo Brook", "Gus Hill"), ("bridge", "Kelmouth", "Ivy Dale", "Jo Ash"))]
question = "Who built the lighthouse, the harbour and the bridge of Kelmouth with Bo Reed?"
titles = ["Gull Point", "Bo Reed", "", "Ada Marsh"]
print(bm25_scores(question, passages, titles).tolist())
print(boost_linked(question, passages, titles, np.array([1.0, -1.0, 0.5, -2.0])).tolist())
print(Pool(passages).nearest_by_words([question, "Ivy Dale"], 3).tolist())
generator = random.Random(7)
print([attack(reworded(question, generator), passages[0], generator) for _ in range(20)])
"""


def test_scores_and_draws_are_the_same_in_each_process() -> None:
    """Three processes with different hash seeds print the same, to the last digit."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 4
