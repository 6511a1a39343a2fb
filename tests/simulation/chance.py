"""Chance from the seed alone: streams for those who draw in turn, and draws that depend on no order."""

from __future__ import annotations

import hashlib
import random


def unit(*parts: object) -> float:
    """Return a number in [0, 1) that `parts` alone determine, whoever drew before."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def stream(seed: int, name: str) -> random.Random:
    """Return the generator of one purpose: who draws more elsewhere does not shift it."""
    return random.Random(f"{seed}:{name}")
