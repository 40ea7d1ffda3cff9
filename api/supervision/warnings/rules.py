"""Rules of warnings: those that come with the program, and what was set in their place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.errors import Refusal
from api.store.warning_tables import warning_rules
from api.store.work import Work
from scheduler.domain.plans import Trigger
from scheduler.explain.facts import iso
from scheduler.supervision.rules import DEFAULT_RULES, ComplaintScope, Severity, WarningKind, WarningRule

_PLAIN = ("days", "count", "share", "officers", "chance")


def rules_of(connection: Connection) -> list[WarningRule]:
    """Return the rules that are active, in the order of their ids."""
    return [rule_of(r) for r in listed(connection) if r["active"]]


def listed(connection: Connection) -> list[dict[str, Any]]:
    """Return every rule as it is sent; one that nobody has set is of version 0."""
    stored = {r["rule_id"]: _wire(r) for r in connection.execute(select(warning_rules)).mappings()}
    ours = {r.rule_id: {**plain(r), "active": True, "version": 0} for r in DEFAULT_RULES}
    return [rule for _, rule in sorted((ours | stored).items())]


def rule_of(values: Mapping[str, Any]) -> WarningRule:
    """Return a rule from plain values.

    Raises
    ------
    ValueError : a threshold that its kind needs is missing.
    """
    return WarningRule(
        rule_id=values["rule_id"],
        kind=WarningKind(values["kind"]),
        severity=Severity(values["severity"]),
        **{k: values[k] for k in _PLAIN},
        scope=None if values["scope"] is None else ComplaintScope(values["scope"]),
        exempt_triggers=tuple(Trigger(t) for t in values["exempt_triggers"]),
        since=None if values["since"] is None else date.fromisoformat(values["since"]).toordinal(),
    )


def plain(rule: WarningRule) -> dict[str, Any]:
    """Return a rule as plain JSON values."""
    return {
        "rule_id": rule.rule_id,
        "kind": rule.kind.value,
        "severity": rule.severity.value,
        **{k: getattr(rule, k) for k in _PLAIN},
        "scope": None if rule.scope is None else rule.scope.value,
        "exempt_triggers": [t.value for t in rule.exempt_triggers],
        "since": None if rule.since is None else iso(rule.since),
    }


def _wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**row, "exempt_triggers": [t for t in (row["exempt_triggers"] or "").split(";") if t]}


def put_rule(work: Work, rule_id: str, body: Mapping[str, Any], version: int | None) -> tuple[dict[str, Any], bool]:
    """Store a rule, new or in place of the one of its id; return it, and whether it is new.

    Warnings that were raised keep the rule by which they were: no history is lost.

    Raises
    ------
    Refusal : a threshold is missing, the kind is another than before, or the version is another.
    """
    try:
        rule_of({**body, "rule_id": rule_id})
    except ValueError as error:
        raise Refusal("bad_request", why=str(error)) from None
    mine = warning_rules.c.rule_id == rule_id
    work.connection.execute(select(warning_rules.c.rule_id).where(mine).with_for_update())
    before = next((r for r in listed(work.connection) if r["rule_id"] == rule_id), None)
    if version is not None and (before is None or before["version"] != version):
        raise Refusal("precondition_failed", version=before and before["version"])
    if before is not None and before["kind"] != body["kind"]:
        raise Refusal("conflict", why=f"kind ≠ {before['kind']}")
    values = {**body, "exempt_triggers": ";".join(body["exempt_triggers"]) or None}
    if before is None or before["version"] == 0:
        work.connection.execute(insert(warning_rules).values(rule_id=rule_id, **values))
    else:
        work.connection.execute(update(warning_rules).where(mine).values(**values, version=before["version"] + 1))
    after = _wire(work.connection.execute(select(warning_rules).where(mine)).mappings().one())
    work.record("warning_rules.put", f"warning-rules/{rule_id}", before=before, after=after)
    return after, before is None
