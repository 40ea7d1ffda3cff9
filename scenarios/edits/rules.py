"""Edits of the rules: frequency caps, how a visit runs, travel, limits of a street, and what an item weighs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, model_validator

from scenarios.edits.edit import Edit, Edited, EditFault, require
from scheduler.domain.calendar import Period
from scheduler.domain.policy import ANY, CapScope, FrequencyCap
from scheduler.texts import Text

_PERIODS = {
    Period.MONTH: Text("月", "month"),
    Period.QUARTER: Text("季度", "quarter"),
    Period.HALF_YEAR: Text("半年", "half-year"),
    Period.YEAR: Text("年", "year"),
}
_NO_CAP = Text("案例中没有这样的频次上限", "the case has no such cap")
_ENTERPRISE_CAP = Text("企业上限不分部门", "a cap on doors of an enterprise names no authority")


class Cap(Edit):
    """A frequency cap set (a new one, or another number for one that is there), or dropped.

    Parameters
    ----------
    scope : doors of an enterprise, or visits of an authority to it.
    period : month, quarter, half_year or year.
    max_visits : the number; dropped when absent.
    authority, credit_class : for one only; ``*`` for each.
    """

    kind: Literal["cap"] = "cap"
    scope: CapScope
    period: Period
    max_visits: int | None = Field(None, ge=0, le=100_000)
    authority: str = ANY
    credit_class: Literal["*", "A", "B", "C", "D"] = "*"

    def apply(self, case: Edited) -> Edited:
        """Return the case with the cap."""
        s = case.snapshot
        if self.authority != ANY:
            require("authority", self.authority, {a.authority_id for a in s.authorities})
            if self.scope is CapScope.ENTERPRISE:
                raise EditFault(_ENTERPRISE_CAP)
        rest = tuple(c for c in s.policy.caps if not self._is(c))
        if self.max_visits is None:
            if len(rest) == len(s.policy.caps):
                raise EditFault(_NO_CAP)
            return case.change_policy(caps=rest)
        cap = FrequencyCap(
            scope=self.scope,
            period=self.period,
            max_visits=self.max_visits,
            authority=self.authority,
            credit_class=self.credit_class,
        )
        return case.change_policy(caps=(*rest, cap))

    def _is(self, c: FrequencyCap) -> bool:
        mine = self.scope, self.period, self.authority, self.credit_class
        return (c.scope, c.period, c.authority, c.credit_class) == mine

    def describe(self) -> Text:
        """Return what it does."""
        period = _PERIODS[self.period]
        who = Text("企业", "doors of an enterprise")
        if self.scope is CapScope.AUTHORITY:
            who = Text("每个部门", "visits of each authority") if self.authority == ANY else Text(*[self.authority] * 2)
        of = Text("", "")
        if self.credit_class != ANY:
            of = Text(f"（信用等级{self.credit_class}）", f" (credit class {self.credit_class})")
        if self.max_visits is None:
            return Text(f"取消{who.zh}每{period.zh}上限{of.zh}", f"no cap on {who.en} a {period.en}{of.en}")
        return Text(
            f"{who.zh}每{period.zh}至多{self.max_visits}次{of.zh}",
            f"at most {self.max_visits} {who.en} a {period.en}{of.en}",
        )


class Visit(Edit):
    """How a joint visit runs; at least one of the fields. A limit of 0 is no limit.

    Parameters
    ----------
    crews : ``anywhere`` inside the visit each crew has its part; ``start_together``: all begin with the visit;
        ``caravan``: they ride together all shift.
    """

    kind: Literal["visit"] = "visit"
    crews: Literal["anywhere", "start_together", "caravan"] | None = None
    overhead_min: int | None = Field(None, ge=0, le=1440)
    stretch_min: int | None = Field(None, ge=0, le=1440)
    max_visit_min: int | None = Field(None, ge=0, le=1440)
    max_officers: int | None = Field(None, ge=0, le=10_000)
    max_authorities: int | None = Field(None, ge=0, le=10_000)
    min_gap_days: int | None = Field(None, ge=0, le=366)

    @model_validator(mode="after")
    def _says_something(self) -> Visit:
        _says_something(self)
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case in which visits run so."""
        given: dict[str, Any] = _given(self)
        crews = given.pop("crews", None)
        for limit in ("max_visit_min", "max_officers", "max_authorities"):
            if limit in given:
                given[limit] = given[limit] or None
        if crews is not None:
            given |= {"start_together": crews == "start_together", "ride_together": crews == "caravan"}
        return case.change_policy(visit=replace(case.snapshot.policy.visit, **given))

    def describe(self) -> Text:
        """Return what it does."""
        crews = {
            "anywhere": Text("各班组在入企期间任意时段检查", "crews have their part anywhere inside the visit"),
            "start_together": Text("各班组同时开始", "crews start together"),
            "caravan": Text("各班组全程同行（车队）", "crews ride together all shift (caravan)"),
        }
        return _described(self, _VISIT, {} if self.crews is None else {"crews": crews[self.crews]})


class Travel(Edit):
    """How long a leg takes, and the slack between two visits of a crew; at least one of the fields."""

    kind: Literal["travel"] = "travel"
    speed_kmh: float | None = Field(None, gt=0, le=1000)
    detour: float | None = Field(None, ge=1, le=100)
    stop_min: float | None = Field(None, ge=0, le=1440)
    buffer_min: int | None = Field(None, ge=0, le=1440)

    @model_validator(mode="after")
    def _says_something(self) -> Travel:
        _says_something(self)
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with other travel."""
        return case.change_policy(travel=replace(case.snapshot.policy.travel, **_given(self)))

    def describe(self) -> Text:
        """Return what it does."""
        return _described(self, _TRAVEL, {})


class StreetLimits(Edit):
    """How much joint inspection a street takes; at least one of the fields. A limit of 0 is no limit.

    Parameters
    ----------
    max_days : joint days of a street in a calendar month.
    max_visits : visits of one street shift.
    """

    kind: Literal["street_limits"] = "street_limits"
    max_days: int | None = Field(None, ge=0, le=366)
    max_visits: int | None = Field(None, ge=0, le=100_000)

    @model_validator(mode="after")
    def _says_something(self) -> StreetLimits:
        _says_something(self)
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with other limits."""
        given = {name: value or None for name, value in _given(self).items()}
        return case.change_policy(street=replace(case.snapshot.policy.street, **given))

    def describe(self) -> Text:
        """Return what it does."""
        return _described(self, _STREET, {})


class Weights(Edit):
    """What an unserved item of a priority weighs, by name of the priority."""

    kind: Literal["weights"] = "weights"
    weights: dict[str, int] = Field(min_length=1)

    @model_validator(mode="after")
    def _within_range(self) -> Weights:
        if any(not 0 <= w <= 1_000_000_000 for w in self.weights.values()):
            raise ValueError("weights are 0 to 1,000,000,000")
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with other weights."""
        old = dict(case.snapshot.policy.priority_weights)
        for name in self.weights:
            require("priority", name, old)
        return case.change_policy(priority_weights=tuple(sorted((old | self.weights).items())))

    def describe(self) -> Text:
        """Return what it does."""
        both = ", ".join(f"{name} {weight}" for name, weight in self.weights.items())
        return Text(f"未办理事项权重：{both}", f"weights of unserved items: {both}")


class Tiers(Edit):
    """The order in which the terms of the objective are decided; unserved weight comes first in every order."""

    kind: Literal["tiers"] = "tiers"
    order: tuple[Literal["unserved_weight", "doors", "crew_shifts", "joint_days", "travel_min"], ...]

    @model_validator(mode="after")
    def _names_all(self) -> Tiers:
        if len(self.order) != 5 or len(set(self.order)) != 5 or self.order[0] != "unserved_weight":
            raise ValueError("all five terms once, unserved_weight first")
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with the terms in another order."""
        return case.change_policy(tiers=self.order)

    def describe(self) -> Text:
        """Return what it does."""
        both = " > ".join(self.order)
        return Text(f"目标先后：{both}", f"terms in the order {both}")


def _given(edit: Edit) -> dict[str, Any]:
    return edit.model_dump(exclude_none=True, exclude={"kind"})


def _says_something(edit: Edit) -> None:
    if not _given(edit):
        raise ValueError("it changes nothing: give at least one field")


def _described(edit: Edit, names: dict[str, Text], ready: dict[str, Text]) -> Text:
    zh, en = [], []
    for name, value in _given(edit).items():
        if name in ready:
            zh.append(ready[name].zh)
            en.append(ready[name].en)
            continue
        unlimited = name.startswith("max_") and value == 0
        zh.append(f"{names[name].zh}{'不限' if unlimited else value}")
        en.append(f"{names[name].en} {'without limit' if unlimited else value}")
    return Text("，".join(zh), ", ".join(en))


_VISIT = {
    "overhead_min": Text("开场分钟", "overhead, minutes:"),
    "stretch_min": Text("可延长分钟", "a visit may last longer than its longest part, minutes:"),
    "max_visit_min": Text("入企时长上限（分钟）", "longest visit, minutes:"),
    "max_officers": Text("现场执法人员上限", "officers on site at most:"),
    "max_authorities": Text("每次入企部门上限", "authorities a visit at most:"),
    "min_gap_days": Text("两次入企最小间隔（天）", "days between two visits at least:"),
}
_TRAVEL = {
    "speed_kmh": Text("车速（公里/小时）", "speed, km/h:"),
    "detour": Text("绕行系数", "detour factor:"),
    "stop_min": Text("停车步行分钟", "parking and walking, minutes:"),
    "buffer_min": Text("两次入企之间缓冲分钟", "buffer between two visits, minutes:"),
}
_STREET = {
    "max_days": Text("街道每月联合检查日上限", "joint days of a street a month at most:"),
    "max_visits": Text("街道每班次入企上限", "visits of a street shift at most:"),
}
