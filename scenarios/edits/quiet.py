"""Edits of quiet periods (企业安静期): put in, dropped, or rotated from zone to zone (分片)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, field_validator

from scenarios.edits.edit import Edit, Edited, EditFault, require
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import QuietPeriod, QuietScope
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.cells import CellFault, parse_rule
from scheduler.texts import Text

MONTH_DAYS = 30
"""Days of a month round which quiet windows turn; day 31 belongs to a window that holds day 30."""

_TARGET = Text("范围all不需要对象，其他范围需要", "scope all has no target, every other scope needs one")
_NONE = Text("案例中没有这样的安静期", "the case has no such quiet period")
_FEW = Text("只有{n}家企业，不能分成{zones}个片区", "{n} enterprises cannot be {zones} zones")


def _rule(value: str) -> str:
    try:
        parse_rule(value)
    except CellFault:
        raise ValueError("a rule as YYYY-MM-DD..YYYY-MM-DD or monthly:1-25") from None
    return value


class Quiet(Edit):
    """A quiet period more.

    Parameters
    ----------
    scope, target : all, or one street, enterprise, industry or credit class.
    rule : ``2026-11-01..2026-11-15``, or ``monthly:1-25``.
    exempt_triggers : items with these triggers are not stopped.
    """

    kind: Literal["quiet"] = "quiet"
    scope: QuietScope = QuietScope.ALL
    target: str | None = None
    rule: str
    exempt_triggers: tuple[Trigger, ...] = ()

    _rule = field_validator("rule")(_rule)

    def apply(self, case: Edited) -> Edited:
        """Return the case with the quiet period."""
        _require_target(case.snapshot, self.scope, self.target)
        new = _period(self.scope, self.target, self.rule, self.exempt_triggers)
        old = case.snapshot.policy.quiet_periods
        return case if new in old else case.change_policy(quiet_periods=(*old, new))

    def describe(self) -> Text:
        """Return what it does."""
        whom = Text("全部企业", "all") if self.target is None else Text(self.target, self.target)
        but = _but(self.exempt_triggers)
        return Text(f"安静期{self.rule}（{whom.zh}{but.zh}）", f"quiet period {self.rule} ({whom.en}{but.en})")


class DropQuiet(Edit):
    """Quiet periods of a scope (and target) dropped; all of them when `scope` is absent."""

    kind: Literal["drop_quiet"] = "drop_quiet"
    scope: QuietScope | None = None
    target: str | None = None

    def apply(self, case: Edited) -> Edited:
        """Return the case without them."""
        old = case.snapshot.policy.quiet_periods
        rest = tuple(q for q in old if not self._is(q))
        if len(rest) == len(old):
            raise EditFault(_NONE)
        return case.change_policy(quiet_periods=rest)

    def _is(self, q: QuietPeriod) -> bool:
        return self.scope in (None, q.scope) and self.target in (None, q.target)

    def describe(self) -> Text:
        """Return what it does."""
        if self.scope is None:
            return Text("取消全部安静期", "no quiet periods")
        target = "" if self.target is None else f" {self.target}"
        return Text(
            f"取消安静期（{self.scope.value}{target}）", f"no quiet periods of scope {self.scope.value}{target}"
        )


class RotateQuiet(Edit):
    """A quiet window of some days a month that begins later from zone to zone, so that crews always have work.

    Zones are streets in their order, dealt out in turn; where there are fewer streets than zones, enterprises from west
    to east in parts of equal number.

    Parameters
    ----------
    days : of each month that are quiet, 1 to 29.
    zones : at least 2; the window of zone k begins ``k * 30 / zones`` days after that of the first.
    first : day of the month on which the first zone's window begins.
    """

    kind: Literal["rotate_quiet"] = "rotate_quiet"
    days: int = Field(ge=1, le=29)
    zones: int = Field(ge=2, le=30)
    first: int = Field(1, ge=1, le=30)
    exempt_triggers: tuple[Trigger, ...] = ()

    def apply(self, case: Edited) -> Edited:
        """Return the case with the quiet periods of every zone."""
        s = case.snapshot
        new = [
            QuietPeriod(scope=scope, target=t, month_from=a, month_to=b, exempt_triggers=_sorted(self.exempt_triggers))
            for k, (scope, targets) in enumerate(self._zones(s))
            for a, b in self._windows(k)
            for t in targets
        ]
        return case.change_policy(quiet_periods=tuple(dict.fromkeys((*s.policy.quiet_periods, *new))))

    def _zones(self, s: PlanningSnapshot) -> Iterator[tuple[QuietScope, Sequence[str]]]:
        if len(s.streets) >= self.zones:
            ids = [t.street_id for t in s.streets]
            for k in range(self.zones):
                yield QuietScope.STREET, ids[k :: self.zones]
            return
        if len(s.enterprises) < self.zones:
            raise EditFault(_FEW, n=len(s.enterprises), zones=self.zones)

        def place(e: Enterprise) -> tuple[float, float, str]:
            return e.lon, e.lat, e.enterprise_id

        ordered = [e.enterprise_id for e in sorted(s.enterprises, key=place)]
        for k in range(self.zones):
            part = slice(k * len(ordered) // self.zones, (k + 1) * len(ordered) // self.zones)
            yield QuietScope.ENTERPRISE, ordered[part]

    def _windows(self, zone: int) -> Iterator[tuple[int, int]]:
        """Yield the zone's days of a month, two windows where they go round its end."""
        begin = (self.first - 1 + zone * MONTH_DAYS // self.zones) % MONTH_DAYS
        last = begin + self.days - 1

        def end(day: int) -> int:
            return 31 if day == MONTH_DAYS - 1 else day + 1

        yield begin + 1, end(min(last, MONTH_DAYS - 1))
        if last >= MONTH_DAYS:
            yield 1, end(last - MONTH_DAYS)

    def describe(self) -> Text:
        """Return what it does."""
        but = _but(self.exempt_triggers)
        return Text(
            f"分{self.zones}片轮换安静期，每月{self.days}天{but.zh}",
            f"quiet for {self.days} days a month, in {self.zones} zones one after the other{but.en}",
        )


def _require_target(s: PlanningSnapshot, scope: QuietScope, target: str | None) -> None:
    if (scope is QuietScope.ALL) != (target is None):
        raise EditFault(_TARGET)
    if target is None:
        return
    known: dict[QuietScope, set[str | None]] = {
        QuietScope.STREET: {t.street_id for t in s.streets},
        QuietScope.ENTERPRISE: {e.enterprise_id for e in s.enterprises},
        QuietScope.INDUSTRY: {e.industry for e in s.enterprises},
        QuietScope.CREDIT_CLASS: {e.credit_class for e in s.enterprises},
    }
    require(scope.value, target, known[scope])


def _period(scope: QuietScope, target: str | None, text: str, exempt: tuple[Trigger, ...]) -> QuietPeriod:
    rule = parse_rule(text)
    if rule.monthly:
        return QuietPeriod(
            scope=scope, target=target, month_from=rule.first, month_to=rule.last, exempt_triggers=_sorted(exempt)
        )
    return QuietPeriod(
        scope=scope, target=target, first_day=rule.first, last_day=rule.last, exempt_triggers=_sorted(exempt)
    )


def _sorted(triggers: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
    return tuple(sorted(set(triggers)))


def _but(triggers: tuple[Trigger, ...]) -> Text:
    if not triggers:
        return Text("", "")
    names = ", ".join(t.value for t in triggers)
    return Text(f"，{names}除外", f", but {names}")
