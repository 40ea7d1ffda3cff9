"""Random numbers that anybody can replay, and the commitment to a seed: SHA-256 and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from scheduler.errors import OnevisitError

SEED_BYTES = 32
_DOMAIN = "onevisit-draw/1"
_WORD = 1 << 64
_T = TypeVar("_T")


class BadSeed(OnevisitError):
    """A seed that is not 32 bytes as 64 hexadecimal digits."""

    code = "bad_seed"


def seed_of(text: str) -> bytes:
    """Return the seed of its 64 hexadecimal digits.

    Raises
    ------
    BadSeed : it is none.
    """
    try:
        seed = bytes.fromhex(text.strip())
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise BadSeed("a seed is 64 hexadecimal digits")
    return seed


def commitment_of(seed: bytes, purpose: str) -> str:
    """Return what is published before the draw: SHA-256 of domain, purpose and seed, as 64 hexadecimal digits.

    It binds: nobody can find another seed with the same commitment. It hides: it tells nothing about the seed.
    """
    return hashlib.sha256(b"\n".join((_DOMAIN.encode(), b"commit", purpose.encode(), seed))).hexdigest()


class Stream:
    """Numbers of one context of a draw: words of SHA-256 over domain, seed, public value, context and a counter.

    Parameters
    ----------
    public : a value that nobody could know when the seed was committed to (a lottery number, the digest of a roster);
        with it the holder of the seed can't have chosen the draw either.
    context : what the numbers are for; other contexts give independent numbers.
    """

    def __init__(self, seed: bytes, public: str, context: str) -> None:
        self._prefix = b"\n".join((_DOMAIN.encode(), b"draw", seed, public.encode(), context.encode(), b""))
        self._counter = 0
        self._words: list[int] = []

    def below(self, n: int) -> int:
        """Return a uniform integer from 0 to n - 1; words beyond the last multiple of n are passed over."""
        limit = _WORD - _WORD % n
        while True:
            word = self._word()
            if word < limit:
                return word % n

    def shuffled(self, rows: Sequence[_T]) -> list[_T]:
        """Return the rows in a uniformly random order (Fisher and Yates, from the last place to the first)."""
        out = list(rows)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out

    def _word(self) -> int:
        if not self._words:
            block = hashlib.sha256(self._prefix + str(self._counter).encode()).digest()
            self._counter += 1
            self._words = [int.from_bytes(block[k : k + 8], "big") for k in (24, 16, 8, 0)]
        return self._words.pop()
