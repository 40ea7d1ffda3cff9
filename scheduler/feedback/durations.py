"""Measured minutes against the estimates of items, and when they should correct them.

An authority's entry takes the minutes of its items and an overhead (greeting, papers, signing):
``minutes = overhead + sum of the items' minutes``. The minutes of every item code are those, not negative, that fit all
measured entries of the authority best (least squares, whose variance grows with the minutes), where an entry far from
the others weighs less (Huber).
The overhead is held near the planned one by a few entries' weight, as entries of one item each cannot tell the two
apart. Where an item was measured by itself, that is a line of its own without overhead. The method is ours [calc].
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scheduler.feedback.proposal import Proposal, ProposalKind, cause_id
from scheduler.feedback.rules import FeedbackRule, RuleKind, first_of
from scheduler.texts import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MAX_MINUTES = 12 * 60
"""Longer entries were not scanned out of: nothing is measured."""
_HELD = 10.0
"""Entries that the planned overhead weighs as much as."""
_HUBER = 1.345
"""Deviations, in scales of the noise, beyond which an entry weighs less; 95 % as good as least squares (Huber 1981)."""
_Z = 2.576
"""Half width of an interval in standard errors: 99 %, since many item codes are looked at."""
_SENTENCE = Text(
    "事项代码 {code}：{n} 次实测，中位数约 {median} 分钟，区间 {low}–{high}，计划 {old} 分钟：建议改为 {new} 分钟。",
    "Item code {code}: {n} measured, median {median} min, interval {low} to {high}, planned {old}: {new} proposed.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Minutes of a closed entry that was scanned in and out, or of one item that was measured by itself.

    Parameters
    ----------
    codes : item codes that were done in them; one that was done twice stands twice.
    with_overhead : of an entry; not of an item by itself.
    """

    ref: str
    authority_id: str
    minutes: int
    codes: tuple[str, ...]
    with_overhead: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Minutes of an item code as measured: `low` to `high` is the 99 % interval of `mean`."""

    code: str
    n: int
    mean: float
    median: float
    low: float
    high: float


def estimates(measured: Sequence[Measured], overhead_min: float) -> tuple[Estimate, ...]:
    """Return the minutes of every item code of one authority that was measured, by code."""
    rows = [m for m in sorted(measured, key=lambda m: m.ref) if 1 <= m.minutes <= MAX_MINUTES and m.codes]
    codes = sorted({c for m in rows for c in m.codes})
    if not rows:
        return ()
    place = {c: k for k, c in enumerate(codes)}
    kinds = sorted({(m.codes, m.with_overhead) for m in rows})
    x = np.zeros((len(kinds), len(codes) + 1))  # axes: kind of entry, code and at last the overhead
    for line, (has, with_overhead) in zip(x, kinds, strict=True):
        line[-1] = float(with_overhead)
        for c in has:
            line[place[c]] += 1.0
    number = {kind: k for k, kind in enumerate(kinds)}
    of = np.array([number[m.codes, m.with_overhead] for m in rows])
    y = np.array([float(m.minutes) for m in rows])
    d, weight, scale = _fit(x, of, y, overhead_min)
    normal = _normal(x, of, weight)
    normal[np.diag_indices_from(normal)] += 1e-6  # codes that only ever occur together: wide, not singular
    errors = scale * np.sqrt(np.diag(np.linalg.inv(normal)))
    # what is left over of an entry is shared out over its items
    rest = (y - (x @ d)[of]) / x[:, :-1].sum(axis=1)[of]
    out = []
    for k, c in enumerate(codes):
        shared = d[k] + rest[x[of, k] > 0]
        half, mean = _Z * float(errors[k]), float(d[k])
        median = statistics.median(float(v) for v in shared)
        out.append(Estimate(code=c, n=len(shared), mean=mean, median=median, low=mean - half, high=mean + half))
    return tuple(out)


def _fit(x: Floats, of: Ints, y: Floats, overhead_min: float) -> tuple[Floats, Floats, float]:
    """Return minutes by column, weights by entry and the scale of the noise (Huber's, re-weighted until it stands).

    Parameters
    ----------
    x : how often every code is in a kind of entry; axes: kind, code and at last the overhead.
    of : kind of every entry.
    y : its minutes.
    """
    weight = np.ones(len(y))
    d = np.zeros(x.shape[1])
    scale = 1.0
    for _ in range(12):
        before, d = d, _non_negative(x, of, y, weight, overhead_min, d)
        fitted = np.maximum(x @ d, 1.0)[of]
        steady = float(np.median(fitted)) / fitted  # the noise of an entry grows with its length
        rest = np.abs(y - (x @ d)[of]) * np.sqrt(steady)
        free = math.sqrt(len(y) / max(1.0, len(y) - x.shape[1] + 1.0))
        scale = max(1.0, 1.4826 * float(np.median(rest)) * free)  # minutes are whole: no finer than one
        weight = steady * np.minimum(1.0, _HUBER * scale / np.maximum(rest, 1e-9))
        if np.abs(d - before).max() < 0.01:
            break
    return d, weight, scale


def _normal(x: Floats, of: Ints, weight: Floats) -> Floats:
    """Return the matrix of the normal equations with the overhead held."""
    normal: Floats = (x * np.bincount(of, weight, len(x))[:, None]).T @ x
    normal[-1, -1] += _HELD
    return normal


def _non_negative(x: Floats, of: Ints, y: Floats, weight: Floats, overhead_min: float, start: Floats) -> Floats:
    """Return the non-negative least squares with the overhead held near the planned one.

    Where plain least squares are not, one column after the other is improved until none moves.
    """
    normal = _normal(x, of, weight)
    right = x.T @ np.bincount(of, weight * y, len(x))
    right[-1] += _HELD * overhead_min
    diagonal = np.maximum(np.diag(normal), 1e-9)
    free = np.linalg.solve(normal + np.diag(np.full(len(right), 1e-9)), right).astype(np.float64)
    if (free >= 0).all():
        return free
    d = start.copy()
    for _ in range(500):
        moved = 0.0
        for k in range(len(d)):
            new = max(0.0, d[k] + float(right[k] - normal[k] @ d) / diagonal[k])
            moved = max(moved, abs(new - d[k]))
            d[k] = new
        if moved < 1e-4:
            break
    return d


def durations(
    measured: Iterable[Measured],
    planned: Mapping[tuple[str, str], int],
    rules: tuple[FeedbackRule, ...],
    overhead_min: float,
) -> Iterator[Proposal]:
    """Yield new minutes for item codes whose interval leaves out the planned ones with a margin.

    The new value lies between the measured and the planned one, nearer to the measured one the more was measured.

    Parameters
    ----------
    planned : minutes by authority and item code; what is not planned is not proposed for.
    """
    rule = first_of(rules, RuleKind.DURATION)
    if rule is None:
        return
    assert rule.count is not None
    assert rule.share is not None
    assert rule.strength is not None
    by_authority: dict[str, list[Measured]] = {}
    for m in measured:
        by_authority.setdefault(m.authority_id, []).append(m)
    for authority_id, own in sorted(by_authority.items()):
        for e in estimates(own, overhead_min):
            old = planned.get((authority_id, e.code))
            if old is None or e.n < rule.count:
                continue
            if e.low <= old * (1 + rule.share) and e.high >= old * (1 - rule.share):
                continue
            new = max(1, round((e.n * e.mean + rule.strength * old) / (e.n + rule.strength)))
            if new != old:
                yield _proposal(authority_id, rule, e, old, new)


def _proposal(authority_id: str, rule: FeedbackRule, e: Estimate, old: int, new: int) -> Proposal:
    low, high = max(0.0, round(e.low, 1)), round(e.high, 1)
    facts = {"code": e.code, "n": e.n, "median": round(e.median), "low": low, "high": high, "old": old, "new": new}
    return Proposal(
        proposal_id=cause_id(ProposalKind.DURATION, authority_id, e.code, old, new),
        kind=ProposalKind.DURATION,
        authority_id=authority_id,
        enterprise_id=None,
        rule_id=rule.rule_id,
        sentence=_SENTENCE.filled(**facts),
        evidence={
            "n": e.n,
            "mean": round(e.mean, 1),
            "median": round(e.median, 1),
            "low": low,
            "high": high,
            "margin": rule.share,
        },
        item_code=e.code,
        old=old,
        new=new,
    )
