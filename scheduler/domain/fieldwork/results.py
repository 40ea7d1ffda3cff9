"""Results item by item: what each needs to say, and what a visit comes to when its authorities have left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.fieldwork.entry import Entry, ItemOutcome
from scheduler.domain.fieldwork.kinds import EntryState, ItemResult, LeniencyList
from scheduler.texts import Text

NOT_OF_ENTRY = Text("本次入企的事项", "an item of this entry")
NEEDS_DUE = Text("整改期限，不早于检查当日", "the date until which it is put right, no earlier than the visit")
NO_DUE = Text("仅限期整改填写期限", "nothing: only a rectification has a date")
NEEDS_CASE = Text("立案文号", "the number of the case")
NO_CASE = Text("仅立案填写文号", "nothing: only a filed case has a number")
NEEDS_LENIENCY = Text("减免责清单名称", "the list of leniency")
LENIENCY_OF_FINDING = Text("仅对发现的问题适用", "nothing: leniency is for what was found")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFault:
    """A result that does not say what it must; `expected` says what it should."""

    index: int
    column: str
    value: object
    expected: Text


def result_faults(entry: Entry, results: Sequence[ItemOutcome]) -> Iterator[ResultFault]:
    """Yield everything that is wrong with results of an entry."""
    for k, r in enumerate(results):
        if r.item_id not in entry.item_ids:
            yield ResultFault(index=k, column="item_id", value=r.item_id, expected=NOT_OF_ENTRY)
        if r.result is ItemResult.RECTIFICATION:
            if r.due is None or r.due < entry.day:
                yield ResultFault(index=k, column="due", value=r.due, expected=NEEDS_DUE)
        elif r.due is not None:
            yield ResultFault(index=k, column="due", value=r.due, expected=NO_DUE)
        if r.result is ItemResult.CASE_FILED and not r.case_no:
            yield ResultFault(index=k, column="case_no", value=None, expected=NEEDS_CASE)
        if r.result is not ItemResult.CASE_FILED and r.case_no:
            yield ResultFault(index=k, column="case_no", value=r.case_no, expected=NO_CASE)
        if r.leniency is None and (r.leniency_code is not None or r.leniency_yuan is not None):
            yield ResultFault(index=k, column="leniency", value=None, expected=NEEDS_LENIENCY)
        if r.leniency is not None and r.result in (ItemResult.NOTHING_FOUND, ItemResult.NOT_DONE):
            yield ResultFault(index=k, column="leniency", value=r.leniency.value, expected=LENIENCY_OF_FINDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOutcome:
    """What became of a published visit, as its entries say together.

    Parameters
    ----------
    outcome : ``done``, ``no_access`` or ``refused``.
    minutes : from the first entering to the last leaving, of a visit that was done.
    left_item_ids : items not got round to, and those of authorities that did not get in; sorted.
    """

    outcome: str
    minutes: int | None = None
    left_item_ids: tuple[str, ...] = ()


def visit_outcome(entries: Sequence[Entry]) -> VisitOutcome | None:
    """Return what a published visit comes to; ``None`` while somebody is inside or nothing happened.

    An authority that has no entry says nothing: its items stand as published until somebody tells.
    """
    if not entries or any(e.state is EntryState.OPEN for e in entries):
        return None
    inside = [e for e in entries if e.took_place]
    if not inside:
        turned_away = any(e.state is EntryState.TURNED_AWAY for e in entries)
        return VisitOutcome(outcome="refused" if turned_away else "no_access")
    left = {i for e in entries if not e.took_place for i in e.item_ids}
    left |= {o.item_id for e in inside for o in e.outcomes if o.result is ItemResult.NOT_DONE}
    spans = [(e.entered_min, e.left_min) for e in inside if e.entered_min is not None and e.left_min is not None]
    minutes = max(b for _, b in spans) - min(a for a, _ in spans) if spans else None
    return VisitOutcome(outcome="done", minutes=max(1, minutes) if minutes is not None else None,
                        left_item_ids=tuple(sorted(left)))  # fmt: skip


LIST_NAMES: dict[LeniencyList, Text] = {
    LeniencyList.NO_PENALTY: Text("免予处罚清单", "no penalty"),
    LeniencyList.MITIGATED: Text("减轻处罚清单", "mitigated penalty"),
    LeniencyList.LIGHTER: Text("从轻处罚清单", "lighter penalty"),
    LeniencyList.NO_COERCION: Text("免予行政强制清单", "no coercive measure"),
}
