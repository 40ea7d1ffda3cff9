"""Typed tables without errors into the frozen objects of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from scheduler.domain.people import Authority, CrewPool
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import Notice, PastInspection, Pin, PinKind, PlanItem, Trigger
from scheduler.domain.policy import Policy, QuietPeriod, QuietScope
from scheduler.domain.snapshot import PlanningSnapshot, make_snapshot
from scheduler.intake.cells import QuietRule
from scheduler.intake.columns import TABLES
from scheduler.intake.config import ConfigRead
from scheduler.intake.references import Tables, isin, quiet_target, resolve_priorities
from scheduler.intake.typed import TypedTable

_Row = TypeVar("_Row")
_PIN_TABLES = (("pins", PinKind.FIXED), ("preferred_pins", PinKind.PREFERRED))


def build_snapshot(tables: Tables, config: ConfigRead) -> PlanningSnapshot:
    """Return the snapshot of tables and a configuration that have no errors (see ``check_references``)."""
    if config.calendar is None or config.weights is None:
        raise ValueError("the configuration has errors")
    quiet = _quiet(tables["quiet"]) if "quiet" in tables else ()
    return make_snapshot(
        PlanningSnapshot(
            name=config.name,
            calendar=config.calendar,
            policy=Policy(
                visit=config.visit,
                travel=config.travel,
                priority_weights=tuple(config.weights.items()),
                caps=config.caps,
                quiet_periods=quiet,
                street=config.street,
                tiers=config.tiers,
            ),
            streets=_streets(tables["streets"]),
            authorities=_authorities(tables["authorities"]),
            enterprises=_enterprises(tables["enterprises"]),
            crew_pools=_crews(tables["crews"]),
            items=_items(tables["items"], config.weights),
            history=_history(tables),
            pins=tuple(p for name, kind in _PIN_TABLES if name in tables for p in _pins(tables[name], kind)),
        )
    )


def _column(typed: TypedTable, name: str, default: Any, kind: Any = None) -> list[Any]:
    """Return a column as plain values, `default` where it is empty, `kind` called on the others once each."""
    if not typed.has(name):
        return [default] * len(typed)
    values = typed[name]
    if values.dtype == np.float64:
        whole = TABLES[typed.name].columns[TABLES[typed.name].column_names.index(name)].kind != "number"
        return [default if v != v else int(v) if whole else v for v in values.tolist()]
    made: dict[Any, Any] = {"": default}
    if kind is None:
        return [v if v != "" else default for v in values]
    return [made[v] if v in made else made.setdefault(v, kind(v)) for v in values]


def _streets(t: TypedTable) -> tuple[Street, ...]:
    names = ("street_id", "name", "district_id", "lon", "lat")
    rows = zip(*(_column(t, n, None) for n in names), strict=True)
    return tuple(Street(street_id=i, name=n, district_id=d, lon=x, lat=y) for i, n, d, x, y in rows)


def _authorities(t: TypedTable) -> tuple[Authority, ...]:
    rows = zip(*(_column(t, n, None) for n in ("authority_id", "name", "level")), strict=True)
    return tuple(Authority(authority_id=i, name=n, level=v) for i, n, v in rows)


def _enterprises(t: TypedTable) -> tuple[Enterprise, ...]:
    plain = ("enterprise_id", "name", "street_id", "lon", "lat", "usci", "industry", "credit_class")
    columns = [_column(t, n, None) for n in plain]
    columns += [_column(t, n, ()) for n in ("closed_dates", "closed_weekdays")]
    columns += [_column(t, n, None) for n in ("open_from", "open_to")]
    return tuple(
        Enterprise(
            enterprise_id=i,
            name=n,
            street_id=s,
            lon=x,
            lat=y,
            usci=u,
            industry=d,
            credit_class=c,
            closed_days=days,
            closed_weekdays=weekdays,
            open_from=lo,
            open_to=hi,
        )
        for i, n, s, x, y, u, d, c, days, weekdays, lo, hi in zip(*columns, strict=True)
    )


def _crews(t: TypedTable) -> tuple[CrewPool, ...]:
    columns = [_column(t, n, None) for n in ("authority_id", "area_id", "crews", "from", "to")]
    columns += [_column(t, "weekdays", ()), _column(t, "shift_id", None)]
    return tuple(
        CrewPool(authority_id=a, area_id=r, crews=n, first_day=lo, last_day=hi, weekdays=w, shift_id=s)
        for a, r, n, lo, hi, w, s in zip(*columns, strict=True)
    )


def _items(t: TypedTable, weights: Mapping[str, int]) -> tuple[PlanItem, ...]:
    names = ("item_id", "authority_id", "enterprise_id", "duration_min", "earliest", "latest")
    columns = [_column(t, n, None) for n in names]
    columns.append(resolve_priorities(t["priority"], weights).tolist())
    columns += [
        _column(t, "trigger", Trigger.ROUTINE, Trigger),
        _column(t, "crews", 1),
        _column(t, "cap_exempt", False),
        _column(t, "notice", Notice.ANNOUNCED, Notice),
        _column(t, "item_code", None),
        _column(t, "legal_basis", None),
    ]
    return tuple(
        PlanItem(
            item_id=i,
            authority_id=a,
            enterprise_id=e,
            duration_min=m,
            earliest=lo,
            latest=hi,
            priority=p,
            trigger=g,
            crews=n,
            cap_exempt=x,
            notice=o,
            item_code=c,
            legal_basis=b,
        )
        for i, a, e, m, lo, hi, p, g, n, x, o, c, b in zip(*columns, strict=True)
    )


def _history(tables: Tables) -> tuple[PastInspection, ...]:
    """Return the rows of enterprises of this case; the others touch nothing in it."""
    if "history" not in tables:
        return ()
    t = tables["history"]
    columns = [_column(t, n, None) for n in ("enterprise_id", "authority_id", "date", "visit_id")]
    columns += [_column(t, "trigger", Trigger.ROUTINE, Trigger), _column(t, "cap_exempt", False)]
    ours = isin(t["enterprise_id"], frozenset(tables["enterprises"]["enterprise_id"]))
    return tuple(
        PastInspection(enterprise_id=e, authority_id=a, day=d, visit_id=v, trigger=g, cap_exempt=x)
        for ok, (e, a, d, v, g, x) in zip(ours, zip(*columns, strict=True), strict=True)
        if ok
    )


def _quiet(t: TypedTable) -> tuple[QuietPeriod, ...]:
    columns = [_column(t, "scope", None), _column(t, "id", ""), _column(t, "rule", None)]
    columns.append(_column(t, "exempt_triggers", ()))
    return _once(_quiet_period(s, i, r, e) for s, i, r, e in zip(*columns, strict=True))


def _quiet_period(scope: str, target: str, rule: QuietRule, exempt: tuple[Trigger, ...]) -> QuietPeriod:
    return QuietPeriod(
        scope=QuietScope(scope),
        target=quiet_target(scope, target) or None,
        first_day=None if rule.monthly else rule.first,
        last_day=None if rule.monthly else rule.last,
        month_from=rule.first if rule.monthly else None,
        month_to=rule.last if rule.monthly else None,
        exempt_triggers=exempt,
    )


def _pins(t: TypedTable, kind: PinKind) -> tuple[Pin, ...]:
    rows = zip(*(_column(t, n, None) for n in ("enterprise_id", "date", "shift_id")), strict=True)
    return _once(Pin(enterprise_id=e, day=d, shift_id=s, kind=kind) for e, d, s in rows)


def _once(rows: Iterator[_Row]) -> tuple[_Row, ...]:
    """Return the rows without those that say the same again."""
    return tuple(dict.fromkeys(rows))
