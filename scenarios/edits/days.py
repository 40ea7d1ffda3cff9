"""Edits of the calendar: dates closed or put in, and hours of shifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from pydantic import model_validator

from scenarios.edits.edit import Clock, Edit, Edited, EditFault, Span, days_of, minute_of, require
from scheduler.texts import Text

_OUTSIDE = Text("{span}不在计划期{start}至{end}内", "{span} lies outside the horizon, {start} to {end}")
_BACKWARDS = Text("班次{shift}的结束时间不晚于开始时间", "shift {shift} would end before it begins")
_OVERLAP = Text("班次{shift}与{other}重叠", "shift {shift} would overlap with {other}")


class Dates(Edit):
    """Inspection dates closed, or put in (weekends and holidays, too), within the horizon.

    Parameters
    ----------
    close, open : dates or spans of dates; a date is in one of them at most.
    """

    kind: Literal["dates"] = "dates"
    close: tuple[Span, ...] = ()
    open: tuple[Span, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Dates:
        if not self.close and not self.open:
            raise ValueError("close or open, or both")
        if self._all(self.close) & self._all(self.open):
            raise ValueError("a date is both closed and open")
        return self

    @staticmethod
    def _all(spans: tuple[str, ...]) -> set[int]:
        return {d for s in spans for first, last in [days_of(s)] for d in range(first, last + 1)}

    def apply(self, case: Edited) -> Edited:
        """Return the case with other inspection dates."""
        c = case.snapshot.calendar
        for span in (*self.close, *self.open):
            first, last = days_of(span)
            if last < c.start or first > c.end:
                ends = (date.fromordinal(d).isoformat() for d in (c.start, c.end))
                raise EditFault(_OUTSIDE, span=span, start=next(ends), end=next(ends))
        within = set(range(c.start, c.end + 1))
        old = set(c.days)
        closed, opened = self._all(self.close) & old, (self._all(self.open) & within) - old
        calendar = replace(
            c,
            days=tuple(sorted((old - closed) | opened)),
            closed=tuple(sorted((set(c.closed) | closed) - opened)),
            opened=tuple(sorted((set(c.opened) | opened) - closed)),
        )
        return case.change(calendar=calendar)

    def describe(self) -> Text:
        """Return what it does."""
        zh, en = [], []
        for word_zh, word_en, spans in (("停检", "closed", self.close), ("加检", "open", self.open)):
            if spans:
                zh.append(f"{word_zh}：{'、'.join(s.replace('..', '至') for s in spans)}")
                en.append(f"{word_en}: {', '.join(s.replace('..', ' to ') for s in spans)}")
        return Text("；".join(zh), "; ".join(en))


class ShiftHours(Edit):
    """When a shift begins, when it ends, or both."""

    kind: Literal["shift_hours"] = "shift_hours"
    shift: str
    start: Clock | None = None
    end: Clock | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> ShiftHours:
        if self.start is None and self.end is None:
            raise ValueError("start or end, or both")
        return self

    def apply(self, case: Edited) -> Edited:
        """Return the case with other hours of the shift."""
        c = case.snapshot.calendar
        require("shift", self.shift, {h.shift_id for h in c.shifts})
        old = next(h for h in c.shifts if h.shift_id == self.shift)
        new = replace(
            old,
            start_min=old.start_min if self.start is None else minute_of(self.start),
            end_min=old.end_min if self.end is None else minute_of(self.end),
        )
        if new.end_min <= new.start_min:
            raise EditFault(_BACKWARDS, shift=self.shift)
        for other in c.shifts:
            if other is not old and new.start_min < other.end_min and other.start_min < new.end_min:
                raise EditFault(_OVERLAP, shift=self.shift, other=other.shift_id)
        return case.change(calendar=replace(c, shifts=tuple(new if h is old else h for h in c.shifts)))

    def describe(self) -> Text:
        """Return what it does."""
        return Text(
            f"班次{self.shift}改为{self.start or '原时间'}至{self.end or '原时间'}",
            f"shift {self.shift} from {self.start or 'as now'} to {self.end or 'as now'}",
        )
