"""How many random prompts the tests of structured prompts take, and from which seed.

About 1,000 in all; `LINGUA_PROMPTS=100000 LINGUA_SEED=1` in the environment takes as many, and others.
"""

import os
from random import Random

_PROMPTS = int(os.environ.get("LINGUA_PROMPTS", "1000"))
_SEED = os.environ.get("LINGUA_SEED", "0")


def cases(percent: int) -> int:
    """The number of prompts of a test that takes this share of all."""
    return max(_PROMPTS * percent // 100, 1)


def seeded(name: str) -> Random:
    """Random numbers of a test, the same in each run with the same seed."""
    return Random(f"{name} {_SEED}")
