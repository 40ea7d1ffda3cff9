"""Warnings about what adds up: repeats in a district, and complaints about one authority or street."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scheduler.explain.facts import iso
from scheduler.supervision.raised import RaisedWarning, facts_of
from scheduler.supervision.rules import ComplaintScope, WarningRule


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatCase:
    """A warning of the kind repeat that stands.

    Parameters
    ----------
    day : of the later door.
    """

    warning_id: str
    enterprise_id: str
    day: int


def repeats_of_district(rule: WarningRule, district_id: str, cases: Iterable[RepeatCase]) -> Iterator[RaisedWarning]:
    """Yield a warning for every calendar month with a day on which so many repeats lie in the window that ends there.

    The first such day of the month is the occasion; its evidence are the repeats of that day, and as many of the
    latest before it as make up the number. Hainan warns a county at the third case; the window and the month are our
    assumptions (DOMAIN.md, 0.6).
    """
    counted = sorted(cases, key=lambda c: (c.day, c.warning_id))
    warned: set[str] = set()
    for day, inside in full_windows([c.day for c in counted], rule.threshold("days"), rule.threshold("count")):
        month = iso(day)[:7]
        if month not in warned:
            warned.add(month)
            found = [counted[k] for k in inside]
            facts = {
                "count": len(found),
                "days": rule.days,
                "on": iso(day),
                "enterprises": len({c.enterprise_id for c in found}),
                "district": district_id,
            }
            yield RaisedWarning(
                rule=rule,
                subject=f"district:{district_id}",
                occasion=month,
                severity=rule.severity,
                day=day,
                form="repeat_district",
                facts=facts_of(facts),
                evidence=tuple(sorted(("warning", c.warning_id) for c in found)),
                district_id=district_id,
            )


def full_windows(days: Sequence[int], window: int, count: int) -> Iterator[tuple[int, range]]:
    """Yield every day on which so many cases lie in the window of days that ends there.

    With it come the places of the cases of that day, and of as many of the latest before it as make up the number.

    Parameters
    ----------
    days : of the cases, in order.
    """
    for day in sorted(set(days)):
        first, last = bisect_left(days, day - window + 1), bisect_right(days, day)
        if last - first >= count:
            yield day, range(min(bisect_left(days, day), last - count), last)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintCount:
    """How many complaints of one kind were filed on one day about an authority in a street; nobody's name is in it."""

    authority_id: str | None
    street_id: str | None
    kind: str
    day: int
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCount:
    """How many entries an authority had in a street in the window of a rule."""

    authority_id: str
    street_id: str
    count: int


def complaint_clusters(
    rule: WarningRule,
    complaints: Iterable[ComplaintCount],
    entries: Iterable[EntryCount],
    today: int,
    warned: Mapping[str, int],
) -> Iterator[RaisedWarning]:
    """Yield a warning for every body with so many complaints that chance hardly explains them.

    Complaints are taken as Poisson: with the pooled rate (all complaints by all entries) a body with `n` entries has
    ``rate x n`` to expect, and is warned of when so many or more have a probability of at most ``rule.chance``. So a
    large body is not flagged for being large, nor a small one for a single complaint. Where there are no entries at
    all, the number alone decides.

    Parameters
    ----------
    complaints : older ones than the window are passed over.
    entries : of the window.
    warned : day on which a subject was last warned of under the rule; it is not warned of again within its window.
    """
    first = today - rule.threshold("days") + 1
    filed = [c for c in complaints if first <= c.day <= today]
    inspected: Counter[str] = Counter()
    for e in entries:
        inspected[_body(rule, e) or ""] += e.count
    all_complaints, all_entries = sum(c.count for c in filed), sum(inspected.values())
    bodies = sorted({b for c in filed if (b := _body(rule, c)) is not None})
    for body in bodies:
        own = [c for c in filed if _body(rule, c) == body]
        count, subject = sum(c.count for c in own), f"{_scope(rule).value}:{body}"
        if count < rule.threshold("count") or warned.get(subject, 0) >= first:
            continue
        expected = all_complaints * inspected[body] / all_entries if all_entries else None
        chance = None if expected is None else poisson_tail(count, expected)
        if chance is None or chance <= (rule.chance or 0):
            kinds = Counter[str]()
            for c in own:
                kinds[c.kind] += c.count
            facts = {
                "count": count,
                "days": rule.days,
                "on": iso(today),
                "entries": inspected[body],
                "expected": "?" if expected is None else f"{expected:.2f}",
                "chance": "?" if chance is None else f"{chance:.2g}",
                "kinds": ", ".join(f"{k}: {n}" for k, n in sorted(kinds.items())),
                "body": body,
                "scope": _scope(rule).value,
            }
            of_authority = _scope(rule) is ComplaintScope.AUTHORITY
            yield RaisedWarning(
                rule=rule,
                subject=subject,
                occasion=iso(today),
                severity=rule.severity,
                day=today,
                form="complaints",
                facts=facts_of(facts),
                evidence=(),  # counts only: nobody is to be found by them
                authority_ids=(body,) if of_authority else (),
                street_id=None if of_authority else body,
            )


def _scope(rule: WarningRule) -> ComplaintScope:
    return rule.scope or ComplaintScope.AUTHORITY


def _body(rule: WarningRule, of: ComplaintCount | EntryCount) -> str | None:
    return of.authority_id if _scope(rule) is ComplaintScope.AUTHORITY else of.street_id


def poisson_tail(count: int, expected: float) -> float:
    """Return the probability of `count` or more where `expected` are to be expected (Poisson)."""
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    if count <= expected:
        return max(0.0, 1.0 - math.fsum(_poisson(k, expected) for k in range(count)))
    terms, k = [_poisson(count, expected)], count
    while terms[-1] > terms[0] * 1e-17 and terms[-1] > 0:
        k += 1
        terms.append(terms[-1] * expected / k)
    return min(1.0, math.fsum(terms))


def _poisson(k: int, expected: float) -> float:
    return math.exp(k * math.log(expected) - expected - math.lgamma(k + 1))
