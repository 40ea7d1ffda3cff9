"""Edits of crews: more or fewer of them, and crews that change to another area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal

from pydantic import Field, model_validator

from scenarios.edits.edit import Edit, Edited, EditFault, Span, days_of, require, when
from scheduler.capacity import CrewTable
from scheduler.domain.people import WHOLE_CITY, CrewPool
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Text

EVERY = "*"
"""Every authority that has crews."""

At = tuple[int, str]
"""Day number and shift."""

_NO_CREWS = Text("部门{authority}在{area}没有班组", "{authority} has no crews in area {area}")
_SAME_AREA = Text("调出与调入的区域相同：{area}", "crews cannot move from area {area} to itself")


class _Times(Edit):
    """Dates (all when absent), weekdays (1 is Monday; all when none) and shift (all when absent) it holds for."""

    dates: Span | None = None
    weekdays: tuple[int, ...] = ()
    shift: str | None = None

    @model_validator(mode="after")
    def _weekdays_are_real(self) -> _Times:
        if any(not 1 <= w <= 7 for w in self.weekdays):
            raise ValueError("weekdays are 1 (Monday) to 7")
        return self

    def _meant(self, s: PlanningSnapshot) -> Callable[[At], bool]:
        if self.shift is not None:
            require("shift", self.shift, {h.shift_id for h in s.calendar.shifts})
        first, last = (None, None) if self.dates is None else days_of(self.dates)
        asked = CrewPool(
            authority_id="",
            area_id="",
            crews=0,
            first_day=first,
            last_day=last,
            weekdays=self.weekdays,
            shift_id=self.shift,
        )
        return lambda at: asked.holds_on(*at)

    def _when(self) -> Text:
        return when(self.dates, self.shift, self.weekdays)


class Crews(_Times):
    """Crews more or fewer, or just so many, of an authority.

    Parameters
    ----------
    authority : an authority, or ``*`` for each that has crews.
    area : a street, a district or ``*`` for those of the whole city; every area in which it has crews when absent.
    change : crews more (greater than 0) or fewer; no date gets less than none.
    to : so many crews, at least 0. One of `change` and `to`.
    """

    kind: Literal["crews"] = "crews"
    authority: str
    area: str | None = None
    change: int | None = Field(None, ge=-10_000, le=10_000)
    to: int | None = Field(None, ge=0, le=10_000)

    @model_validator(mode="after")
    def _one_of_two(self) -> Crews:
        if (self.change is None) == (self.to is None):
            raise ValueError("one of change and to")
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with other crews."""
        s = case.snapshot
        meant = self._meant(s)
        pools = list(s.crew_pools)
        for authority, area in self._places(s):
            here = at_work(s, authority, area)
            after = {at: self._count(n) if meant(at) else n for at, n in here.items()}
            pools = replaced_pools(pools, authority, area, after, s)
        return case.change(crew_pools=tuple(pools))

    def _count(self, now: int) -> int:
        return self.to if self.to is not None else max(0, now + (self.change or 0))

    def _places(self, s: PlanningSnapshot) -> Sequence[tuple[str, str]]:
        if self.authority != EVERY:
            require("authority", self.authority, {a.authority_id for a in s.authorities})
        if self.area is not None:
            require("area", self.area, areas(s))
        there = sorted({(p.authority_id, p.area_id) for p in s.crew_pools})
        found = [p for p in there if self.authority in (EVERY, p[0]) and self.area in (None, p[1])]
        if found or self.authority == EVERY:
            return found
        if self.area is None:
            raise EditFault(_NO_CREWS, authority=self.authority, area="*")
        return [(self.authority, self.area)]  # its first crews there

    def describe(self) -> Text:
        """Return what it does."""
        who = Text("每个部门", "each authority") if self.authority == EVERY else Text(self.authority, self.authority)
        area = Text("", "") if self.area is None else Text(f"在{self.area}", f" in area {self.area}")
        zh, en = self._when()
        if self.to is not None:
            return Text(f"{who.zh}{area.zh}班组改为{self.to}个{zh}", f"{who.en}{area.en}: {self.to} crews{en}")
        n = abs(self.change or 0)
        more = (self.change or 0) > 0
        return Text(
            f"{who.zh}{area.zh}班组{'增加' if more else '减少'}{n}个{zh}",
            f"{who.en}{area.en}: {n} crew{'s' * (n > 1)} {'more' if more else 'fewer'}{en}",
        )


class MoveCrews(_Times):
    """Crews of an authority that work in another area; where fewer are there than asked for, those move."""

    kind: Literal["move_crews"] = "move_crews"
    authority: str
    from_area: str
    to_area: str
    crews: int = Field(1, ge=1, le=10_000)

    def apply(self, case: Edited) -> Edited:
        """Return the case with crews elsewhere."""
        s = case.snapshot
        require("authority", self.authority, {a.authority_id for a in s.authorities})
        for area in (self.from_area, self.to_area):
            require("area", area, areas(s))
        if self.from_area == self.to_area:
            raise EditFault(_SAME_AREA, area=self.from_area)
        meant = self._meant(s)
        old, new = at_work(s, self.authority, self.from_area), at_work(s, self.authority, self.to_area)
        for at in old:
            if meant(at):
                moved = min(self.crews, old[at])
                old[at] -= moved
                new[at] += moved
        pools = replaced_pools(list(s.crew_pools), self.authority, self.from_area, old, s)
        return case.change(crew_pools=tuple(replaced_pools(pools, self.authority, self.to_area, new, s)))

    def describe(self) -> Text:
        """Return what it does."""
        zh, en = self._when()
        return Text(
            f"{self.authority}的{self.crews}个班组由{self.from_area}调至{self.to_area}{zh}",
            f"{self.authority}: {self.crews} crew{'s' * (self.crews > 1)} from {self.from_area} to {self.to_area}{en}",
        )


def areas(s: PlanningSnapshot) -> set[str]:
    """Return the names of areas: streets, districts, and ``*`` for the whole city."""
    return {t.street_id for t in s.streets} | {t.district_id for t in s.streets} | {WHOLE_CITY}


def at_work(s: PlanningSnapshot, authority: str, area: str) -> dict[At, int]:
    """Return the crews of an authority in exactly this area on every inspection date and shift."""
    table = CrewTable(s)
    slots = ((d, h.shift_id) for d in s.calendar.days for h in s.calendar.shifts)
    return {at: table.at_work(authority, area, *at) for at in slots}


def replaced_pools(
    pools: list[CrewPool], authority: str, area: str, crews: Mapping[At, int], s: PlanningSnapshot
) -> list[CrewPool]:
    """Return pools in which those of an authority in an area are as `crews` says; all others stay as they are."""
    if crews == at_work(s, authority, area):
        return pools
    rest = [p for p in pools if (p.authority_id, p.area_id) != (authority, area)]
    return [*rest, *_compact(authority, area, crews)]


def _compact(authority: str, area: str, crews: Mapping[At, int]) -> Iterator[CrewPool]:
    """Yield few pools that add up to the crews: what is always there, then runs of dates with more of them."""
    always = min(crews.values(), default=0)
    if always:
        yield CrewPool(authority_id=authority, area_id=area, crews=always)
    by_shift: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (day, shift), n in sorted(crews.items()):
        by_shift[shift].append((day, n - always))
    for shift, days in by_shift.items():
        for n, run in groupby(days, key=lambda d: d[1]):
            dates = [d for d, _ in run]
            if n:
                yield CrewPool(
                    authority_id=authority,
                    area_id=area,
                    crews=n,
                    first_day=dates[0],
                    last_day=dates[-1],
                    shift_id=shift,
                )
