"""Warnings raised in the transaction of the event: each once, kept in step with what becomes known later."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from api.clock import day
from api.store.fieldwork_tables import entries
from api.store.schema import authorities, districts, enterprises
from api.store.warning_tables import missed_scans, warning_authorities, warning_steps, warnings
from api.store.work import SYSTEM, Work
from api.supervision.warnings.facts import (
    MARGIN_DAYS,
    day_number,
    enterprise_of,
    excused_of,
    first_day,
    missing,
    repeat_cases,
)
from api.supervision.warnings.missing import note_entries
from api.supervision.warnings.rules import plain, rule_of, rules_of
from scheduler.explain.facts import iso
from scheduler.supervision.ladder import UNDECIDED, WarningState
from scheduler.supervision.raised import RaisedWarning
from scheduler.supervision.rules import WarningKind, WarningRule
from scheduler.supervision.watch import OF_ENTERPRISE, watch_authority, watch_district, watch_enterprise

Compute = Callable[[Sequence[WarningRule]], Iterable[RaisedWarning]]


def raise_for(work: Work, enterprise_id: str, rules: Sequence[WarningRule] | None = None) -> None:
    """Bring the warnings about an enterprise up to date, and those that follow from them.

    To be called in the transaction of every event at its door, after the event is stored. Whoever comes at the same
    time waits for its end, so that nothing is raised twice and no event is overlooked.

    Parameters
    ----------
    rules : those that are active, where they were read already.
    """
    connection, today = work.connection, day_number(day(work.at))
    rules = rules_of(connection) if rules is None else rules
    hold(work, enterprises, enterprise_id)
    at = enterprise_of(connection, enterprise_id, today)
    if at is None:
        return
    touched = note_entries(work, at.entries, enterprise_id)
    mine = missing(connection, missed_scans.c.enterprise_id == enterprise_id)
    changed = reconcile(
        work,
        at.subject,
        OF_ENTERPRISE,
        [r for r in rules if r.kind in OF_ENTERPRISE],
        lambda some: watch_enterprise(some, at, mine, today),
    )
    if WarningKind.REPEAT in changed:
        raise_for_district(work, at.district_id, rules, changed[WarningKind.REPEAT])
    for authority_id, since in sorted(touched.items()):
        raise_for_authority(work, authority_id, rules, since)


def raise_for_authority(
    work: Work, authority_id: str, rules: Sequence[WarningRule] | None = None, since: int | None = None
) -> None:
    """Bring the warnings about the missing scans of an authority up to date.

    Parameters
    ----------
    since : first day of which any missing scan has changed; everything is looked at when ``None``.
    """
    rules = rules_of(work.connection) if rules is None else rules
    hold(work, authorities, authority_id)
    subject, kind = f"authority:{authority_id}", WarningKind.UNSCANNED
    first = _first(work, since)
    read_from = iso(first - _longest(work, rules, subject, kind))
    of_mine = missed_scans.c.authority_id == authority_id, missed_scans.c.date >= read_from
    mine = missing(work.connection, *of_mine)
    excused = excused_of(work.connection, authority_id, first - MARGIN_DAYS)
    own = [r for r in rules if r.kind is kind]
    reconcile(work, subject, (kind,), own, lambda some: watch_authority(some, authority_id, mine, excused), first)


def raise_for_district(
    work: Work, district_id: str, rules: Sequence[WarningRule] | None = None, since: int | None = None
) -> None:
    """Bring the warnings about the repeats of a district up to date.

    Parameters
    ----------
    since : first day of which any repeat has changed; everything is looked at when ``None``.
    """
    rules = rules_of(work.connection) if rules is None else rules
    hold(work, districts, district_id)
    subject, kind = f"district:{district_id}", WarningKind.REPEAT_DISTRICT
    first = date.fromordinal(_first(work, since)).replace(day=1).toordinal()  # warnings are of calendar months
    cases = repeat_cases(work.connection, district_id, first - _longest(work, rules, subject, kind))
    own = [r for r in rules if r.kind is kind]
    reconcile(work, subject, (kind,), own, lambda some: watch_district(some, district_id, cases), first)


def _first(work: Work, since: int | None) -> int:
    first = first_day(day_number(day(work.at)))
    return first if since is None else max(first, since)


def _longest(work: Work, rules: Iterable[WarningRule], subject: str, kind: WarningKind) -> int:
    """Return the days of the longest window by which warnings of a subject are raised, or were."""
    query = select(warnings.c.rule).where(warnings.c.subject == subject, warnings.c.kind == kind)
    before = [r["days"] or 0 for r in work.connection.scalars(query)]
    return max([*before, *(r.threshold("days") for r in rules if r.kind is kind)], default=0)


def hold(work: Work, table: Table, key: str) -> None:
    """Let one after the other work out the warnings of a subject; whoever only refers to its row need not wait."""
    column = next(iter(table.primary_key.columns))
    work.connection.execute(select(column).where(column == key).with_for_update(key_share=True))


# --- what is stored and what holds ---------------------------------------------------------------------------------


def reconcile(
    work: Work,
    subject: str,
    kinds: Sequence[WarningKind],
    rules: Sequence[WarningRule],
    compute: Compute,
    since: int | None = None,
) -> Mapping[WarningKind, int]:
    """Make the stored warnings of a subject those that hold; return the kinds that have changed, from which day on.

    What holds and is not there is raised; what nobody has decided and no longer holds is resolved, and open again if
    it does once more. A stored warning is held to the rule by which it was raised: rules that are changed later do not
    take it away. What people have decided stays as it is.

    Parameters
    ----------
    since : first day that `compute` knows everything of; 1 January of last year when ``None``.
    """
    since = _first(work, since)
    query = select(warnings).where(
        warnings.c.subject == subject, warnings.c.kind.in_(kinds), warnings.c.date >= iso(since)
    )
    stored = {r["warning_id"]: r for r in work.connection.execute(query.with_for_update()).mappings()}
    now = {w.warning_id: w for w in compute(rules)}
    current = {r.rule_id: _text(plain(r)) for r in rules}
    changed: dict[WarningKind, int] = {}
    for wid, warning in now.items():
        if wid not in stored and warning.day >= since:
            raise_new(work, warning)
            _note(changed, warning.rule.kind, warning.day)
    older: dict[str, dict[str, RaisedWarning]] = {}
    for wid, row in stored.items():
        holding, rule = now, _text(row["rule"])
        if current.get(row["rule_id"]) != rule:
            if rule not in older:
                older[rule] = {w.warning_id: w for w in compute([rule_of(row["rule"])])}
            holding = older[rule]
        warning_now = holding.get(wid)
        if _follow(work, row, warning_now):
            days = [day_number(row["date"]), *([] if warning_now is None else [warning_now.day])]
            _note(changed, WarningKind(row["kind"]), min(days))
    return changed


def _note(changed: dict[WarningKind, int], kind: WarningKind, day: int) -> None:
    changed[kind] = min(day, changed.get(kind, day))


def _text(rule: Mapping[str, Any]) -> str:
    return json.dumps(rule, sort_keys=True)


def raise_new(work: Work, warning: RaisedWarning) -> None:
    """Store a warning that is new."""
    values = {
        "warning_id": warning.warning_id,
        "rule_id": warning.rule.rule_id,
        "kind": warning.rule.kind.value,
        "rule": plain(warning.rule),
        "subject": warning.subject,
        "occasion": warning.occasion,
        "state": WarningState.OPEN.value,
        "enterprise_id": warning.enterprise_id,
        "street_id": warning.street_id,
        "district_id": warning.district_id,
        "form": warning.form,
        "raised_at": work.at,
        "changed_at": work.at,
        **_said(warning),
    }
    work.connection.execute(insert(warnings).values(**values))
    _answer(work, warning)
    add_step(work, warning.warning_id, "raised", WarningState.OPEN, by=SYSTEM)
    work.record("warnings.raise", f"warnings/{warning.warning_id}", after=values)


def _said(warning: RaisedWarning) -> dict[str, Any]:
    """Return what may become another when more is known."""
    return {
        "severity": warning.severity.value,
        "date": iso(warning.day),
        "facts": dict(warning.facts),
        "evidence": [list(e) for e in warning.evidence],
    }


def _answer(work: Work, warning: RaisedWarning) -> None:
    rows = [{"warning_id": warning.warning_id, "authority_id": a} for a in warning.authority_ids]
    if rows:
        work.connection.execute(insert(warning_authorities), rows)


def _follow(work: Work, row: Mapping[Any, Any], warning: RaisedWarning | None) -> bool:
    """Let a stored warning follow what holds now, and say whether it changed."""
    state = WarningState(row["state"])
    if state is WarningState.RESOLVED and warning is not None:
        _change(work, row, "reopened", {**_said(warning), "state": WarningState.OPEN.value}, warning)
        return True
    if state not in UNDECIDED:
        return False
    if warning is None:
        text = _cause(work, row["evidence"])
        _change(work, row, "resolved", {"state": WarningState.RESOLVED.value}, text=text)
        return True
    said = _said(warning)
    if all(row[k] == v for k, v in said.items()) and _answers(work, row) == warning.authority_ids:
        return False
    _change(work, row, "amended", said, warning)
    return True


def _answers(work: Work, row: Mapping[Any, Any]) -> tuple[str, ...]:
    mine = warning_authorities.c.warning_id == row["warning_id"]
    return tuple(sorted(work.connection.scalars(select(warning_authorities.c.authority_id).where(mine))))


def _cause(work: Work, evidence: Collection[Sequence[str]]) -> str | None:
    """Return what explains a warning by now: the entries that were scanned late, back-filled, or got their papers."""
    refs = ["/".join(e) for e in evidence]
    query = select(missed_scans.c.explained_by).where(
        missed_scans.c.ref.in_(refs), missed_scans.c.explained_by.is_not(None)
    )
    found = sorted(set(work.connection.scalars(query)))
    of_entries = [f.partition("/")[2] for f in found if f.startswith("entry/")]
    of_entries += [ref for kind, ref in evidence if kind == "entry"]
    rows = work.connection.execute(
        select(entries.c.entry_id, entries.c.scan_status, entries.c.approval_no).where(
            entries.c.entry_id.in_(of_entries)
        )
    )
    told = {f"entry/{r.entry_id}": f" {r.scan_status}" + (f" {r.approval_no}" if r.approval_no else "") for r in rows}
    return "; ".join(f + told.pop(f, "") for f in found) or "; ".join(k + v for k, v in sorted(told.items())) or None


def _change(
    work: Work,
    row: Mapping[Any, Any],
    action: str,
    values: Mapping[str, Any],
    warning: RaisedWarning | None = None,
    text: str | None = None,
) -> None:
    wid = row["warning_id"]
    mine = warnings.c.warning_id == wid
    work.connection.execute(
        update(warnings).where(mine).values(**values, changed_at=work.at, version=row["version"] + 1)
    )
    if warning is not None:
        work.connection.execute(delete(warning_authorities).where(warning_authorities.c.warning_id == wid))
        _answer(work, warning)
    add_step(work, wid, action, WarningState(values.get("state", row["state"])), by=SYSTEM, text=text)
    work.record(f"warnings.{action}", f"warnings/{wid}", before={k: row[k] for k in values}, after=dict(values))


def add_step(
    work: Work,
    warning_id: str,
    action: str,
    state: WarningState,
    *,
    by: str,
    text: str | None = None,
    due: str | None = None,
    reason: str | None = None,
) -> None:
    """Put on record what was done with a warning."""
    said = {"text": text, "due": due, "reason": reason}
    values = {"warning_id": warning_id, "at": work.at, "by": by, "action": action, "state": state.value, **said}
    work.connection.execute(insert(warning_steps).values(**values))
