"""What an enterprise has been told against what is in force now: every change is told once, and nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

from scheduler.domain.schedule import JointVisit


class Step(StrEnum):
    """What a notice does to what the enterprise knew."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The visit that an enterprise was told of last in a series of notices: the first, its changes, its withdrawal.

    Parameters
    ----------
    sequence : number of the notice in its series, from 0.
    """

    series_id: str
    sequence: int
    visit: JointVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something to tell: `told` is ``None`` when it is new, `visit` when it is withdrawn."""

    told: Told | None
    visit: JointVisit | None

    @property
    def step(self) -> Step:
        """What the notice does."""
        if self.told is None:
            return Step.NEW
        return Step.WITHDRAWN if self.visit is None else Step.CHANGED

    @property
    def about(self) -> JointVisit:
        """The visit that the notice speaks of: as it is now, or as it was where it is withdrawn."""
        found = self.visit if self.told is None or self.visit is not None else self.told.visit
        assert found is not None
        return found


def digest_of(visit: JointVisit) -> str:
    """Return the SHA-256 of what a notice says of a visit (who, when, which items): equal, there is nothing to tell."""
    text = json.dumps(astuple(visit), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def compare(told: Sequence[Told], current: Sequence[JointVisit], today: int, last_due: int) -> tuple[Change, ...]:
    """Return what one enterprise is to be told: withdrawals, then changes, then what is new.

    A visit that was told of and moved is told again at once, also to a date that is not due yet: the enterprise has
    it in its calendar. What lies before today is settled, and touched no more.

    Parameters
    ----------
    told : the newest notice of every series that was not withdrawn.
    current : announced visits in force at the enterprise; of unannounced ones this function must not know.
    today, last_due : day numbers; see :func:`scheduler.notices.due.last_due_day`.
    """
    ahead = sorted((t for t in told if t.visit.day >= today), key=lambda t: (t.visit.day, t.visit.visit_id))
    to_come = sorted((v for v in current if v.day >= today), key=lambda v: (v.day, v.visit_id))
    pairs = _matched(ahead, to_come)
    followed = {t.series_id for t, _ in pairs}
    known = {(v.visit_id, v.day) for _, v in pairs}
    return (
        *(Change(told=t, visit=None) for t in ahead if t.series_id not in followed),
        *(Change(told=t, visit=v) for t, v in pairs if digest_of(t.visit) != digest_of(v)),
        *(Change(told=None, visit=v) for v in to_come if v.day <= last_due and (v.visit_id, v.day) not in known),
    )


def _matched(ahead: Sequence[Told], to_come: Sequence[JointVisit]) -> list[tuple[Told, JointVisit]]:
    """Return which visit each told one has become: itself, the same items on another day, or most of its items."""
    candidates = sorted(
        (
            (rank, told.visit.day, visit.day, told.visit.visit_id, visit.visit_id, k, n)
            for k, told in enumerate(ahead)
            for n, visit in enumerate(to_come)
            if (rank := _rank(told.visit, visit)) is not None
        )
    )
    out: list[tuple[Told, JointVisit]] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for *_, k, n in candidates:
        if k not in taken[0] and n not in taken[1]:
            taken[0].add(k)
            taken[1].add(n)
            out.append((ahead[k], to_come[n]))
    return sorted(out, key=lambda pair: (pair[1].day, pair[1].visit_id))


def _rank(was: JointVisit, now: JointVisit) -> tuple[int, int] | None:
    """Return how near two visits are, the nearest first; ``None`` when they share no item."""
    if was.visit_id == now.visit_id:
        return (0 if was.day == now.day else 1), 0
    shared = len(set(was.item_ids) & set(now.item_ids))
    return (2, -shared) if shared else None
