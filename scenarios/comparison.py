"""Scenarios side by side: metric by scenario, with difference to the base, proven bounds and evidence marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scheduler.texts import Text


class Better(StrEnum):
    """Which direction of a metric is the better one. No metric rewards more inspections: 五个严禁 forbid quotas."""

    FEWER = "fewer"
    MORE = "more"
    NEITHER = "neither"


class MetricGroup(StrEnum):
    """What a metric is about; metrics of a group stand together, in this order."""

    TERMS = "terms"
    SERVED = "served"
    BURDEN = "burden"
    CREWS = "crews"
    DAYS = "days"
    BALANCE = "balance"
    UNSERVED = "unserved"
    ALERTS = "alerts"


class Mark(StrEnum):
    """How much a difference to the base is worth."""

    BASE = "base"  # the base itself, or nothing to compare
    EQUAL = "equal"  # no difference
    PROVEN = "proven"  # greater than proven gap and spread of seeds together
    MEASURED = "measured"  # greater than the spread of seeds; no bound of the metric is proven
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is compared.

    Parameters
    ----------
    name : stable code; a part of a whole is ``whole:part`` (``crew_shifts:A03`` of authority A03).
    label, unit : for readers; the unit may be empty.
    better : the better direction.
    decimals : digits after the point that are shown; a rate is a share from 0 to 1 with unit ``%``.
    """

    name: str
    group: MetricGroup
    label: Text
    unit: Text
    better: Better
    decimals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A metric of a scenario.

    Parameters
    ----------
    value : of the best run; ``None`` where the scenario has no such thing (no item of a kind).
    least, greatest : over the runs with different seeds; equal to `value` with one seed.
    bound : proven lower bound of the metric; ``None`` where none is.
    difference : value less the base's value; ``None`` for the base and where one of the two has no value.
    of : numerator and denominator of a rate.
    """

    value: float | None
    least: float | None = None
    greatest: float | None = None
    bound: float | None = None
    difference: float | None = None
    mark: Mark = Mark.BASE
    of: tuple[int, int] | None = None

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        names = ("value", "least", "greatest", "bound", "difference")
        of = None if self.of is None else list(self.of)
        return {**{n: getattr(self, n) for n in names}, "mark": self.mark.value, "of": of}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A scenario as it is compared.

    Parameters
    ----------
    name : unique; the base is ``base``.
    title : for readers, in one line.
    edits : a sentence for every edit, with what it touched; none for the base.
    notes : what a reader must know before comparing (items that were taken out of the demand, …).
    weeks : visits by street and first day (Monday, day number) of the week.
    seeds : of its runs, the one shown first.
    """

    name: str
    title: Text
    edits: tuple[Text, ...]
    notes: tuple[Text, ...]
    weeks: Mapping[tuple[str, int], int]
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The table: `cells` by name of metric and of scenario; the first column is the base.

    Parameters
    ----------
    case_name, case_digest : of the base.
    streets : (street_id, name), in the order in which they are shown.
    limits : (name, value) as shown, the same for every run.
    versions : (library, version).
    """

    case_name: str
    case_digest: str
    streets: tuple[tuple[str, str], ...]
    limits: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    metrics: tuple[Metric, ...]
    columns: tuple[Column, ...]
    cells: Mapping[tuple[str, str], Cell]

    def cell(self, metric: str, scenario: str) -> Cell:
        """Return a cell of the table."""
        return self.cells[metric, scenario]

    def as_plain(self) -> dict[str, Any]:
        """Return the table as plain JSON values: scenarios by name with their cells by metric, and what metrics are."""
        return {
            "case_name": self.case_name,
            "case_digest": self.case_digest,
            "limits": dict(self.limits),
            "versions": dict(self.versions),
            "metrics": [
                {
                    "name": m.name,
                    "group": m.group.value,
                    "label": m.label._asdict(),
                    "unit": m.unit._asdict(),
                    "better": m.better.value,
                }
                for m in self.metrics
            ],
            "scenarios": [self._column(c) for c in self.columns],
        }

    def _column(self, column: Column) -> dict[str, Any]:
        return {
            "name": column.name,
            "title": column.title._asdict(),
            "edits": [e._asdict() for e in column.edits],
            "notes": [n._asdict() for n in column.notes],
            "seeds": list(column.seeds),
            "cells": {m.name: self.cell(m.name, column.name).as_plain() for m in self.metrics},
        }
