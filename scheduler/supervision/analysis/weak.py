"""Weak links, found in a way that is fair to small bodies, and explained: a list for targeted supervision.

A body is compared with the rate of all together and for its own size: the funnel plot (D. Spiegelhalter, "Funnel plots
for comparing institutional performance", 2005), exact binomial tails, spread beyond chance taken into account, many
tests at once by the false discovery rate (Y. Benjamini and Y. Hochberg, 1995), and the rate shrunk towards that of all
(beta-binomial, by the method of moments). The number of checks or penalties is never a reason (五个严禁).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from statistics import fmean

from scheduler.supervision.analysis.tails import at_least, upper_limit
from scheduler.texts import Text

FALSE_SHARE = 0.05
"""Among the bodies that are named, so many at most are expected to be there by chance; our choice."""

WARNING_LEVEL, ALARM_LEVEL = 0.025, 0.001
"""Upper sides of the funnel limits of 95 % and 99.8 % (Spiegelhalter 2005)."""

LEAST_BODIES = 5
"""Fewer bodies say nothing of how much they differ: the spread is then taken as chance alone; our assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often something went wrong in a body, out of how many times that it could: ``0 <= num <= of``."""

    measure: str
    body: str
    num: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A body compared with all.

    Parameters
    ----------
    pooled : rate of all bodies together; `spread` is the overdispersion, 1 where they differ as by chance.
    chance : of as many or more in a body of this size at the pooled rate, spread taken into account.
    limit_95, limit_998 : the greatest counts inside the funnel.
    shrunk : the rate drawn towards that of all, the more the smaller the body.
    is_named : a weak link after all tests are looked at together.
    """

    count: Count
    pooled: float
    spread: float
    chance: float
    limit_95: int
    limit_998: int
    shrunk: float
    is_named: bool


def compare(counts: Sequence[Count], false_share: float = FALSE_SHARE) -> tuple[Compared, ...]:
    """Compare every body with all, measure by measure; in order of measure and body, bodies without cases left out.

    Parameters
    ----------
    false_share : of those that are named, the greatest share expected to be there by chance; 0 to 1.
    """
    measures: dict[str, list[Count]] = {}
    for c in sorted(counts, key=lambda c: (c.measure, c.body)):
        if c.of > 0:
            measures.setdefault(c.measure, []).append(c)
    found = [one for some in measures.values() for one in _of_measure(some)]
    named = discoveries([one.chance for one in found], false_share)
    return tuple(_named(one, is_named) for one, is_named in zip(found, named, strict=True))


def _named(one: Compared, is_named: bool) -> Compared:
    values = {k: getattr(one, k) for k in Compared.__slots__}
    return Compared(**{**values, "is_named": is_named})


def _of_measure(counts: Sequence[Count]) -> list[Compared]:
    pooled = sum(c.num for c in counts) / sum(c.of for c in counts)
    spread = spread_of(counts, pooled)
    strength = _strength(counts, pooled)
    found = []
    for c in counts:
        num, of = _discounted(c, spread)
        found.append(
            Compared(
                count=c,
                pooled=pooled,
                spread=spread,
                chance=at_least(num, of, pooled),
                limit_95=_limit(c.of, pooled, spread, WARNING_LEVEL),
                limit_998=_limit(c.of, pooled, spread, ALARM_LEVEL),
                shrunk=pooled if strength is None else (c.num + strength * pooled) / (c.of + strength),
                is_named=False,
            )
        )
    return found


def _discounted(count: Count, spread: float) -> tuple[int, int]:
    """Return a count as though it were of a smaller body: cases of one body are alike where bodies differ by habit.

    Rounded so that a body never looks worse than it is.
    """
    of = max(1, floor(count.of / spread))
    return min(of, floor(count.num * of / count.of)), of


def _limit(of: int, pooled: float, spread: float, level: float) -> int:
    smaller = max(1, floor(of / spread))
    return min(of, floor((upper_limit(smaller, pooled, level) + 1) * of / smaller - 1e-9))


def spread_of(counts: Sequence[Count], pooled: float) -> float:
    """Return how much bodies differ beyond chance, 1 at least: the mean of squared z-scores, the extremes drawn in.

    The tenth of bodies at each end is set to the value at the tenth (winsorised, Spiegelhalter 2005), so that a weak
    link doesn't hide itself.
    """
    variance = pooled * (1.0 - pooled)
    if len(counts) < LEAST_BODIES or variance <= 0.0:
        return 1.0
    scores = sorted((c.num - c.of * pooled) / (c.of * variance) ** 0.5 for c in counts)
    cut = max(1, len(scores) // 10)
    low, high = scores[cut], scores[-1 - cut]
    return max(1.0, fmean(min(max(z, low), high) ** 2 for z in scores))


def _strength(counts: Sequence[Count], pooled: float) -> float | None:
    """Return of how many cases the rate of all is worth beside a body's own; ``None`` where bodies differ by chance.

    Method of moments of the beta-binomial: the variance between bodies is what is left beyond chance.
    """
    total = sum(c.of for c in counts)
    weighted = sum(c.of * (c.num / c.of - pooled) ** 2 for c in counts)
    inner = pooled * (1.0 - pooled)
    denominator = total - sum(c.of**2 for c in counts) / total
    if inner <= 0.0 or denominator <= 0.0 or len(counts) < 2:
        return None
    between = (weighted - (len(counts) - 1) * inner) / denominator
    return None if between <= 0.0 else max(0.0, inner / between - 1.0)


def discoveries(chances: Sequence[float], false_share: float) -> tuple[bool, ...]:
    """Return which of many tests stand when the false among them are to be a small share (Benjamini-Hochberg)."""
    ordered = sorted(chances)
    passed = [p for k, p in enumerate(ordered, 1) if p <= false_share * k / len(ordered)]
    return tuple(bool(passed) and p <= passed[-1] for p in chances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What can go wrong: names of figures for how often it did and could have, and its words."""

    num: str
    of: str
    words: Text


MEASURES: Mapping[str, Measure] = {
    "missing_scans": Measure(
        num="scan_missing",
        of="entries",
        words=Text("{of} 次入企中 {num} 次未扫码", "{num} of {of} entries not scanned"),
    ),
    "repeats": Measure(
        num="repeats",
        of="doors",
        words=Text("{of} 次开门中 {num} 次为 60 日内重复", "{num} of {of} doors repeated within 60 days"),
    ),
}
_COMPARED = Text(
    "{what}；按全市 {rate}% 的比例，同等规模的部门约每 {bodies} 个中有 1 个会因偶然达到或超过此数（已计入部门间差异）",
    "{what}; with the city's rate of {rate} % as many or more are expected by chance in 1 of {bodies} bodies of this "
    "size (differences between bodies allowed for)",
)
_MOST = 1_000_000


def explained(one: Compared) -> Text:
    """Say why a body is or is not named: its count, the rate of all, and what chance would bring about."""
    what = MEASURES[one.count.measure].words.filled(num=one.count.num, of=one.count.of)
    bodies = _MOST if one.chance * _MOST <= 1.0 else max(1, round(1.0 / one.chance))
    return _COMPARED.filled(what=what, rate=f"{100 * one.pooled:.1f}", bodies=bodies)
