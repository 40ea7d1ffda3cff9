"""Random numbers that belong to things, not to an order of drawing.

A number is the hash of (seed, run, what is drawn, whose it is). The same work by the same authority gets the same
factor in every schedule that holds it, whatever else is in there; so schedules are compared on common random numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import IntEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Keys: TypeAlias = npt.NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 2**64 - 1
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class Stream(IntEnum):
    """What is drawn; each stream is independent of the others."""

    PART = 1
    LEG = 2
    DAY_PARTS = 3
    DAY_LEGS = 4
    LATE = 5
    NO_SHOW = 6


def keys_of(names: Iterable[tuple[str, ...]]) -> Keys:
    """Return a 64-bit key for every name, equal for equal names on every machine."""
    digests = [hashlib.blake2b("\x1f".join(name).encode(), digest_size=8).digest() for name in names]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def run_keys(seed: int, runs: range) -> Keys:
    """Return a key for every run."""
    return keys_of((str(seed), str(run)) for run in runs)


def chances(keys: Keys, of_runs: Keys, stream: Stream) -> npt.NDArray[np.float64]:
    """Return numbers between 0 and 1, both outside, shape (keys, runs): uniform and independent of each other."""
    own = _mixed(of_runs + np.uint64(stream * _GOLDEN & _WORD))
    bits = _mixed(_mixed(keys[:, None] ^ own[None, :]) + np.uint64(_GOLDEN))
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def _mixed(x: Keys) -> Keys:
    """Return the finalizer of SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014), a bijection of 64-bit words."""
    x = (x ^ (x >> np.uint64(30))) * _MIX[0]
    x = (x ^ (x >> np.uint64(27))) * _MIX[1]
    return x ^ (x >> np.uint64(31))
