"""Edits of the scheme itself: who takes part, whose powers are delegated, which streets are one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as replaced
from typing import Literal

from pydantic import Field, model_validator

from scenarios.edits.demand import taken_out
from scenarios.edits.edit import Edit, Edited, EditFault, require
from scenarios.edits.selecting import Items
from scheduler.domain.people import Authority, CrewPool
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import QuietScope
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.alone import each_authority_alone
from scheduler.texts import Text

STREET = "street"
"""Level of a street's own body, and the word for it in :class:`Delegate`."""

_ALONE = Text(
    "各部门单独入企：企业频次上限只约束各部门自己的入企，街道上限不适用。",
    "authorities go alone: a cap on an enterprise's doors holds for each authority's own visits, limits of a street do "
    "not hold.",
)
_LEFT = Text(
    "{authority}单独入企，其入企不计入其他部门的企业频次上限。",
    "{authority} goes alone; its visits do not count in the others' cap on an enterprise's doors.",
)
_NOT_ALONE = Text("每家企业只有一个部门的事项", "no enterprise has items of two authorities")
_NO_BODY = Text("案例中没有街道自有执法队伍（级别为street且在该街道有班组的部门）", "no street has a body of its own")
_NO_CREWS = Text("新部门{id}需要班组", "the new authority {id} needs crews")
_DISTRICTS = Text("街道{a}与{b}不属于同一个区", "streets {a} and {b} are of different districts")
_NO_ITEMS = Text("没有符合条件的事项", "there are no such items")


class NoMerging(Edit):
    """Today's practice: every authority visits by itself, on the same items, dates, crews and rules."""

    kind: Literal["no_merging"] = "no_merging"

    def apply(self, case: Edited) -> Edited:
        """Return the case in which every enterprise is one for each authority."""
        s = case.snapshot
        if not could_merge(s):
            raise EditFault(_NOT_ALONE)
        found = each_authority_alone(s, between=_between(s))
        return _apart(case, found.snapshot, found.twins, _ALONE)

    def describe(self) -> Text:
        """Return what it does."""
        return Text("不合并：各部门单独入企（现行做法）", "no merging: every authority goes alone (today's practice)")


class LeaveScheme(Edit):
    """An authority leaves the scheme: it still inspects, alone, or its items and crews are not there any more."""

    kind: Literal["leave_scheme"] = "leave_scheme"
    authority: str
    inspects_alone: bool = True

    def apply(self, case: Edited) -> Edited:
        """Return the case without the authority in joint visits."""
        s = case.snapshot
        require("authority", self.authority, {a.authority_id for a in s.authorities})
        if not any(i.authority_id == self.authority for i in s.items):
            raise EditFault(_NO_ITEMS)
        if self.inspects_alone:
            found = each_authority_alone(s, frozenset({self.authority}), between=_between(s))
            return _apart(case, found.snapshot, found.twins, _LEFT.filled(authority=self.authority))
        items = tuple(i for i in s.items if i.authority_id != self.authority)
        pools = tuple(p for p in s.crew_pools if p.authority_id != self.authority)
        return taken_out(case.change(items=items, crew_pools=pools), len(s.items) - len(items))

    def describe(self) -> Text:
        """Return what it does."""
        how = Text("单独入企", "inspects alone") if self.inspects_alone else Text("不再检查", "inspects no more")
        return Text(f"{self.authority}退出联合检查，{how.zh}", f"{self.authority} leaves the scheme and {how.en}")


class Delegate(Edit):
    """Powers delegated: items of an authority are done by another one, such as the street's own body.

    Parameters
    ----------
    items : with an authority, which is not the one they go to.
    to : an authority; ``street`` for the body of each street (level street, with crews of that street), where items of
        streets without one stay as they are; or a new authority, whose crews are `crews`.
    name : of the new authority.
    crews : crews that the body gets in each street in addition to what it has, on every date and shift.
    """

    kind: Literal["delegate"] = "delegate"
    items: Items
    to: str
    name: str | None = None
    crews: int = Field(0, ge=0, le=10_000)

    @model_validator(mode="after")
    def _from_somebody_else(self) -> Delegate:
        if self.items.authority is None or self.items.authority == self.to:
            raise ValueError("items of one authority, and another that takes them")
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with the items in other hands."""
        s = case.snapshot
        chosen = self.items.chooser(s)
        body = self._body_by_street(s)
        street_of = {e.enterprise_id: e.street_id for e in s.enterprises}
        items: list[PlanItem] = []
        streets: set[str] = set()
        for i in s.items:
            street = street_of[i.enterprise_id]
            if not chosen(i) or street not in body:
                items.append(i)
                continue
            streets.add(street)
            items.append(replaced(i, authority_id=body[street]))
        if not streets:
            raise EditFault(_NO_ITEMS)
        more = (CrewPool(authority_id=body[t], area_id=t, crews=self.crews) for t in sorted(streets))
        pools = tuple(more) if self.crews else ()
        return case.change(
            items=tuple(items),
            crew_pools=(*s.crew_pools, *pools),
            authorities=(*s.authorities, *self._new_body(s)),
        )

    def _new_body(self, s: PlanningSnapshot) -> tuple[Authority, ...]:
        if self.to == STREET or any(a.authority_id == self.to for a in s.authorities):
            return ()
        return (Authority(authority_id=self.to, name=self.name or self.to),)

    def _body_by_street(self, s: PlanningSnapshot) -> dict[str, str]:
        known = {a.authority_id for a in s.authorities}
        if self.to != STREET or STREET in known:
            if self.to not in known and not self.crews:
                raise EditFault(_NO_CREWS, id=self.to)
            return {t.street_id: self.to for t in s.streets}
        own = {a.authority_id for a in s.authorities if a.level == STREET} - {self.items.authority}
        streets = {t.street_id for t in s.streets}
        found: dict[str, str] = {}
        for pool in s.crew_pools:
            if pool.authority_id in own and pool.area_id in streets:
                found.setdefault(pool.area_id, pool.authority_id)
        if not found:
            raise EditFault(_NO_BODY)
        return found

    def describe(self) -> Text:
        """Return what it does."""
        zh, en = self.items.describe()
        to = Text("街道自有队伍", "each street's own body") if self.to == STREET else Text(self.to, self.to)
        more = Text("", "")
        if self.crews:
            more = Text(f"，每街道增加{self.crews}个班组", f", with {self.crews} more crews in each street")
        return Text(f"{zh}委托给{to.zh}{more.zh}", f"{en} delegated to {to.en}{more.en}")


class MergeStreets(Edit):
    """Streets of one district that become one: the first takes over the others' enterprises and crews."""

    kind: Literal["merge_streets"] = "merge_streets"
    streets: tuple[str, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _each_once(self) -> MergeStreets:
        if len(set(self.streets)) != len(self.streets):
            raise ValueError("each street once")
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with one street in the place of several."""
        s = case.snapshot
        district = {t.street_id: t.district_id for t in s.streets}
        for street in self.streets:
            require("street", street, district)
        into, *others = self.streets
        for street in others:
            if district[street] != district[into]:
                raise EditFault(_DISTRICTS, a=into, b=street)
        gone = set(others)

        def new(street_id: str) -> str:
            return into if street_id in gone else street_id

        quiet = (
            replaced(q, target=into) if q.scope is QuietScope.STREET and q.target in gone else q
            for q in s.policy.quiet_periods
        )
        return case.change(
            streets=tuple(t for t in s.streets if t.street_id not in gone),
            enterprises=tuple(replaced(e, street_id=new(e.street_id)) for e in s.enterprises),
            crew_pools=tuple(replaced(p, area_id=new(p.area_id)) for p in s.crew_pools),
            policy=replaced(s.policy, quiet_periods=tuple(dict.fromkeys(quiet))),
        )

    def describe(self) -> Text:
        """Return what it does."""
        into, *others = self.streets
        return Text(f"{'、'.join(others)}并入{into}", f"{', '.join(others)} merged into {into}")


def could_merge(s: PlanningSnapshot) -> bool:
    """Say whether an enterprise has items of two authorities."""
    pairs = {(i.enterprise_id, i.authority_id) for i in s.items}
    return len(pairs) > len({e for e, _ in pairs})


def _between(s: PlanningSnapshot) -> str:
    """Return what stands between enterprise and authority: at signs, as many as no name of an enterprise has."""
    sign = "@"
    while any(sign in e.enterprise_id for e in s.enterprises):
        sign += "@"
    return sign


def _apart(case: Edited, snapshot: PlanningSnapshot, twins: Mapping[str, str], note: Text) -> Edited:
    known = {name: case.premises(of) for name, of in twins.items()}
    return replaced(case, snapshot=snapshot, twins={**case.twins, **known}, notes=(*case.notes, note))
