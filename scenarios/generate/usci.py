"""Unified social credit codes (统一社会信用代码) with right check characters, for enterprises that do not exist.

Layout after GB 32100: registering body 9, kind 1 (enterprise) or 2 (individual business), six digits of the region,
nine characters of the organisation code with its own check character (GB 11714), and the check character of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)], dtype=np.int64)
_FICTIONAL = "XX"
"""Organisation codes issued since 2015 begin with MA, older ones with digits or other letters; these mark ours."""
_SERIALS = 1_000_000
_STEP = 387_641  # odd and not a multiple of 5, so that it runs through all serial numbers


def _values(texts: Sequence[str], alphabet: str) -> npt.NDArray[np.int64]:
    """Return the value of every character, shape (number of texts, their common length)."""
    value_of = np.full(128, -1, dtype=np.int64)
    value_of[[ord(c) for c in alphabet]] = np.arange(len(alphabet))
    width = len(texts[0])
    return value_of[np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8)].reshape(-1, width)


def fictional_usci(regions: Sequence[str], individual: npt.NDArray[np.bool_], start: int) -> list[str]:
    """Return a code for every enterprise; they differ as long as there are at most a million.

    Parameters
    ----------
    regions : six-digit region of each, for example 440311.
    individual : whether each is an individual business (个体工商户).
    start : where in the serial numbers to begin, any whole number at least 0.
    """
    n = len(regions)
    if n == 0:
        return []
    serials = (start + _STEP * np.arange(n, dtype=np.int64)) % _SERIALS
    stems = [f"{_FICTIONAL}{s:06d}" for s in serials.tolist()]
    rest = (11 - _values(stems, _ORG_ALPHABET) @ _ORG_WEIGHTS % 11) % 11
    org_check = ["0123456789X"[r] for r in rest.tolist()]
    heads = [
        f"9{2 if own else 1}{region}{stem}{check}"
        for own, region, stem, check in zip(individual.tolist(), regions, stems, org_check, strict=True)
    ]
    check = (31 - _values(heads, _ALPHABET) @ _WEIGHTS % 31) % 31
    return [head + _ALPHABET[c] for head, c in zip(heads, check.tolist(), strict=True)]
