"""Distributions of random factors, as data; each is drawn by its quantile function, so equal chances compare fairly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Always the same factor, at least 0."""

    factor: float = 1.0

    def __post_init__(self) -> None:
        _require(0 <= self.factor < math.inf)

    def quantile(self, chance: Floats) -> Floats:
        """Return the factor for every chance between 0 and 1."""
        return np.full_like(chance, self.factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Any factor from `lo` to `hi` alike, ``0 <= lo <= hi``."""

    lo: float
    hi: float

    def __post_init__(self) -> None:
        _require(0 <= self.lo <= self.hi < math.inf)

    def quantile(self, chance: Floats) -> Floats:
        """Return the factor for every chance between 0 and 1."""
        return self.lo + (self.hi - self.lo) * chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangular:
    """Factors from `lo` to `hi`, most of them near `mode`, ``0 <= lo <= mode <= hi``."""

    lo: float
    mode: float
    hi: float

    def __post_init__(self) -> None:
        _require(0 <= self.lo <= self.mode <= self.hi < math.inf)

    def quantile(self, chance: Floats) -> Floats:
        """Return the factor for every chance between 0 and 1."""
        span = self.hi - self.lo
        if span == 0:
            return np.full_like(chance, self.lo)
        left = self.lo + np.sqrt(chance * span * (self.mode - self.lo))
        right = self.hi - np.sqrt((1 - chance) * span * (self.hi - self.mode))
        return np.where(chance * span < self.mode - self.lo, left, right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    """Factors with median 1 whose logarithm is normal with standard deviation `sigma`, at least 0: a long tail."""

    sigma: float

    def __post_init__(self) -> None:
        _require(0 <= self.sigma < math.inf)

    def quantile(self, chance: Floats) -> Floats:
        """Return the factor for every chance between 0 and 1, both outside."""
        return np.exp(self.sigma * normal_quantile(chance))


Distribution: TypeAlias = Fixed | Uniform | Triangular | Lognormal

_KINDS: dict[str, tuple[type[Distribution], tuple[str, ...]]] = {
    "fixed": (Fixed, ("factor",)),
    "uniform": (Uniform, ("lo", "hi")),
    "triangular": (Triangular, ("lo", "mode", "hi")),
    "lognormal": (Lognormal, ("sigma",)),
}


def distribution_of(text: str) -> Distribution:
    """Return the distribution that a text such as ``uniform:0.85:1.25`` names.

    Raises
    ------
    ValueError : unknown name, a number missing or too many, or numbers outside their range.
    """
    name, *numbers = text.strip().lower().split(":")
    if name not in _KINDS:
        raise ValueError(f"unknown distribution {name!r}")
    kind, fields = _KINDS[name]
    if len(numbers) != len(fields):
        raise ValueError(f"{name} takes {len(fields)} number(s)")
    return kind(**dict(zip(fields, map(float, numbers), strict=True)))


def distribution_text(distribution: Distribution) -> str:
    """Return the text from which :func:`distribution_of` makes this distribution again."""
    name, fields = next((n, f) for n, (kind, f) in _KINDS.items() if kind is type(distribution))
    return ":".join((name, *(f"{getattr(distribution, f)!r}" for f in fields)))


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("factors must be at least 0, finite and in order")


def normal_quantile(chance: Floats) -> Floats:
    """Return the standard normal quantile of chances between 0 and 1, both outside, to about 16 digits.

    M. J. Wichura, Algorithm AS241 (PPND16), Applied Statistics 37 (1988), 477-484.
    """
    q = chance - 0.5
    inner = 0.180625 - q * q
    middle = q * _ratio(_CENTRE, np.where(np.abs(q) <= 0.425, inner, 0.0))
    r = np.sqrt(-np.log(np.minimum(chance, 1 - chance)))
    tail = np.where(r <= 5.0, _ratio(_SHOULDER, r - 1.6), _ratio(_FAR, np.maximum(r - 5.0, 0.0)))
    return np.where(np.abs(q) <= 0.425, middle, np.copysign(tail, q))


def _ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    over, under = polynomials
    out: Floats = np.polyval(np.array(over), x) / np.polyval(np.array(under), x)
    return out


_CENTRE = (
    (
        2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
        13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665,
    ),
    (
        5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
        5394.196021424751, 687.1870074920579, 42.31333070160091, 1.0,
    ),
)  # fmt: skip
_SHOULDER = (
    (
        0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
        3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
    ),
    (
        1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
        0.6897673349851, 1.6763848301838038, 2.053191626637759, 1.0,
    ),
)  # fmt: skip
_FAR = (
    (
        2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784, 0.026532189526576124,
        0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
    ),
    (
        2.0442631033899397e-15, 1.421511758316446e-07, 1.8463183175100548e-05, 0.0007868691311456133,
        0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1.0,
    ),
)  # fmt: skip
