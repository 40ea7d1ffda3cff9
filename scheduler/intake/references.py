"""Checks between columns and between tables: references, order of dates, duplicates, distances."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.policy import QuietScope
from scheduler.errors import Problem
from scheduler.intake.columns import CREDIT_CLASSES, VALUES
from scheduler.intake.config import ConfigRead, clock_text
from scheduler.intake.typed import TypedTable, first_rows, positions

Tables = Mapping[str, TypedTable]
"""The tables that could be read, by name."""


def isin(values: npt.NDArray[Any], known: Collection[str]) -> npt.NDArray[np.bool_]:
    """Say for every value whether it is known."""
    return pd.Series(values, dtype=object).isin(known).to_numpy()


def values_of(tables: Tables, table: str, column: str) -> frozenset[str] | None:
    """Return the values of a text column, ``None`` when the table or the column is not there."""
    if table not in tables or not tables[table].has(column):
        return None
    return frozenset(tables[table][column]) - {""}


def resolve_priorities(values: npt.NDArray[Any], weights: Collection[str]) -> npt.NDArray[Any]:
    """Return priorities by the names of the case: a name of its own, or else what an alias means."""
    aliases = {a: n for a, n in VALUES["priority"].items() if a not in weights}
    return pd.Series(values, dtype=object).replace(aliases).to_numpy() if aliases else values


def check_references(tables: Tables, config: ConfigRead | None) -> list[Problem]:
    """Return everything wrong between the tables; a check whose table or column is not there is passed over."""
    found: list[Problem] = []
    for table, column, where in (
        ("enterprises", "street_id", "streets"),
        ("crews", "authority_id", "authorities"),
        ("missing_crews", "authority_id", "authorities"),
        ("items", "authority_id", "authorities"),
        ("items", "enterprise_id", "enterprises"),
        ("pins", "enterprise_id", "enterprises"),
        ("preferred_pins", "enterprise_id", "enterprises"),
    ):
        found += _dangling(tables, table, column, where, values_of(tables, where, column))
    shifts = config.shift_ids if config else None
    for table in ("crews", "pins", "preferred_pins"):
        found += _dangling(tables, table, "shift_id", "case.toml [[shift]]", shifts)
    found += _reserved(tables)
    found += _areas(tables)
    found += _reversed(tables)
    found += _history(tables, config)
    found += _quiet(tables)
    found += _duplicates(tables)
    if config and config.weights is not None:
        found += _priorities(tables, config.weights)
    return found


def _dangling(tables: Tables, table: str, column: str, where: str, known: Collection[str] | None) -> Iterator[Problem]:
    if known is None or table not in tables or not tables[table].has(column):
        return
    typed = tables[table]
    values = typed[column]
    for i in positions(~isin(values, known) & (values != "")):
        yield typed.problem("unknown_reference", i, column, where=where)


def _reserved(tables: Tables) -> Iterator[Problem]:
    for table, column in (("streets", "street_id"), ("streets", "district_id"), ("authorities", "authority_id")):
        if table in tables and tables[table].has(column):
            for i in positions(tables[table][column] == WHOLE_CITY):
                yield tables[table].problem("bad_id", i, column)


def _areas(tables: Tables) -> Iterator[Problem]:
    streets, districts = values_of(tables, "streets", "street_id"), values_of(tables, "streets", "district_id")
    if streets is None or districts is None:
        return
    both = streets & districts
    for table in ("crews", "missing_crews", "cancelled_shifts"):
        yield from _dangling(tables, table, "area_id", "streets", streets | districts | {WHOLE_CITY})
        if both and table in tables and tables[table].has("area_id"):
            for i in positions(isin(tables[table]["area_id"], both)):
                yield tables[table].problem("ambiguous_area", i, "area_id")


def _reversed(tables: Tables) -> Iterator[Problem]:
    for table, low, high, code, fact in (
        ("items", "earliest", "latest", "window_reversed", "earliest"),
        ("crews", "from", "to", "dates_reversed", "first"),
        ("enterprises", "open_from", "open_to", "hours_reversed", "open_from"),
    ):
        if table not in tables or not tables[table].has(low, high):
            continue
        typed = tables[table]
        first, last = typed[low], typed[high]
        clock = code == "hours_reversed"
        for i in positions(last <= first if clock else last < first):
            shown = clock_text(int(first[i])) if clock else date.fromordinal(int(first[i]))
            yield typed.problem(code, i, high, **{fact: shown})


def _history(tables: Tables, config: ConfigRead | None) -> Iterator[Problem]:
    history = tables.get("history")
    if history is None:
        return
    enterprises, authorities = values_of(tables, "enterprises", "enterprise_id"), None
    ours = np.ones(len(history), dtype=bool)
    if enterprises is not None and history.has("enterprise_id"):
        ours = isin(history["enterprise_id"], enterprises)
        for i in positions(~ours & (history["enterprise_id"] != "")):
            yield history.problem("history_not_used", i, "enterprise_id")
    authorities = values_of(tables, "authorities", "authority_id")
    if authorities is not None and history.has("authority_id"):
        values = history["authority_id"]
        for i in positions(ours & ~isin(values, authorities) & (values != "")):
            yield history.problem("unknown_reference", i, "authority_id", where="authorities")
    if history.has("date") and config and config.calendar:
        for i in positions(history["date"] > config.calendar.end):
            yield history.problem("history_after_horizon", i, "date", end=date.fromordinal(config.calendar.end))
    if history.has("enterprise_id", "date", "visit_id"):
        yield from _visits_on_two_dates(history)


def _visits_on_two_dates(history: TypedTable) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    days = history["date"]
    for i, key in enumerate(zip(history["enterprise_id"], history["visit_id"], strict=True)):
        if not key[1] or np.isnan(days[i]):
            continue
        first = seen.setdefault(key, i)
        if days[first] != days[i]:
            other = date.fromordinal(int(days[first]))
            yield history.problem("visit_on_two_dates", i, "date", first=int(history.rows[first]), other=other)


_TARGETS = {
    QuietScope.STREET: ("streets", "street_id", "unknown_reference"),
    QuietScope.ENTERPRISE: ("enterprises", "enterprise_id", "unknown_reference"),
    QuietScope.INDUSTRY: ("enterprises", "industry", "unused_target"),
    QuietScope.CREDIT_CLASS: ("enterprises", "credit_class", "unused_target"),
}


def quiet_target(scope: str, text: str) -> str:
    """Return whom a quiet row covers, '' for scope all."""
    if scope == QuietScope.ALL:
        return ""
    return text.upper().removesuffix("级") if scope == QuietScope.CREDIT_CLASS else text


def _quiet(tables: Tables) -> Iterator[Problem]:
    quiet = tables.get("quiet")
    if quiet is None or not quiet.has("scope"):
        return
    for i, scope in enumerate(quiet["scope"]):
        if scope == QuietScope.ALL or scope not in _TARGETS:
            continue
        if not quiet.has("id") or not quiet["id"][i]:
            column = "id" if quiet.has("id") else "scope"
            yield quiet.problem("missing_target", i, column, scope=scope)
            continue
        target, (table, column, code) = quiet_target(scope, quiet["id"][i]), _TARGETS[QuietScope(scope)]
        if scope == QuietScope.CREDIT_CLASS and target not in CREDIT_CLASSES:
            yield quiet.problem("unknown_value", i, "id", values=", ".join(CREDIT_CLASSES))
            continue
        known = values_of(tables, table, column)
        if known is None and code == "unused_target" and "enterprises" in tables:
            known = frozenset()
        if known is not None and target not in known:
            yield quiet.problem(code, i, "id", where=table)


def _duplicates(tables: Tables) -> Iterator[Problem]:
    pins = ((name, "enterprise_id") for name in ("pins", "preferred_pins"))
    for name, key in (("crews", "area_id"), ("quiet", "rule"), ("cancelled_shifts", "date"), *pins):
        if name in tables and tables[name].has(key):
            typed = tables[name]
            yield from _same_rows(typed, list(typed.columns), key, np.ones(len(typed), dtype=bool))
    items = tables.get("items")
    same = ["authority_id", "enterprise_id", "item_code", "earliest", "latest"]
    if items is not None and items.has("item_id", *same):
        sound = (items["item_code"] != "") & (items["earliest"] <= items["latest"])
        yield from _same_rows(items, same, "item_code", sound)
    enterprises = tables.get("enterprises")
    if enterprises is not None and enterprises.has("usci"):
        values = enterprises["usci"]
        again = pd.Series(values, dtype=object).duplicated().to_numpy() & (values != "")
        first = first_rows(enterprises, "usci") if again.any() else {}
        for i in positions(again):
            yield enterprises.problem("duplicate_usci", i, "usci", first=first[values[i]])


def _same_rows(typed: TypedTable, columns: list[str], key: str, asked: npt.NDArray[np.bool_]) -> Iterator[Problem]:
    frame = pd.DataFrame({c: pd.Series(typed[c], dtype=typed[c].dtype) for c in columns})
    again = frame.duplicated().to_numpy() & asked
    if not again.any():
        return
    first: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(frame.fillna(-1).itertuples(index=False, name=None)):
        first.setdefault(row, int(typed.rows[i]))
        if again[i]:
            yield typed.problem("duplicate_row", i, key, first=first[row])


def _priorities(tables: Tables, weights: Mapping[str, int]) -> Iterator[Problem]:
    items = tables.get("items")
    if items is None or not items.has("priority"):
        return
    values = resolve_priorities(items["priority"], weights)
    for i in positions(~isin(values, weights) & (values != "")):
        yield items.problem("unknown_value", i, "priority", values=", ".join(weights))
