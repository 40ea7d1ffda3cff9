"""Rules of feedback in the database: the default ones, each in the place of which somebody may set another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.errors import Refusal
from api.store.feedback_tables import feedback_rules
from api.store.work import Work
from scheduler.domain.fieldwork.kinds import ItemResult
from scheduler.feedback.rules import DEFAULT_RULES, FeedbackRule, LeadSource, RuleKind


def rules_of(connection: Connection) -> tuple[FeedbackRule, ...]:
    """Return every rule, active or not, by id."""
    return tuple(_rule(r) for r in list_rules(connection))


def list_rules(connection: Connection) -> list[dict[str, Any]]:
    """Return every rule as it is sent; a default one that nobody changed has version 1."""
    rows = {r.rule_id: _default(r) for r in DEFAULT_RULES}
    for row in connection.execute(select(feedback_rules)).mappings():
        rows[row["rule_id"]] = dict(row)
    return [rows[k] for k in sorted(rows)]


def put_rule(work: Work, rule_id: str, body: Mapping[str, Any], version: int | None) -> tuple[dict[str, Any], bool]:
    """Store a rule, new or in place of the one of its id; return it, and whether it is new.

    Raises
    ------
    Refusal : a number that its kind needs is missing, or the version is another.
    """
    values = {**body, "rule_id": rule_id}
    try:
        _rule(values)
    except ValueError as error:
        raise Refusal("bad_request", why=str(error)) from None
    mine = feedback_rules.c.rule_id == rule_id
    stored = work.connection.execute(select(feedback_rules).where(mine).with_for_update()).mappings().one_or_none()
    default = next((_default(r) for r in DEFAULT_RULES if r.rule_id == rule_id), None)
    before = default if stored is None else dict(stored)
    if version is not None and (before is None or before["version"] != version):
        raise Refusal("precondition_failed", version=before and before["version"])
    after = {**values, "version": 1 if before is None else before["version"] + 1}
    query = insert(feedback_rules) if stored is None else update(feedback_rules).where(mine)
    work.connection.execute(query.values(**after))
    work.record("proposals.put_rule", f"feedback-rules/{rule_id}", before=before, after=after)
    return after, before is None


def _default(rule: FeedbackRule) -> dict[str, Any]:
    values = {k: getattr(v, "value", v) for k, v in asdict(rule).items()}
    return {**values, "version": 1}


def _rule(row: Mapping[str, Any]) -> FeedbackRule:
    return FeedbackRule(
        **{
            **{k: v for k, v in row.items() if k != "version"},
            "kind": RuleKind(row["kind"]),
            "result": None if row["result"] is None else ItemResult(row["result"]),
            "lead": None if row["lead"] is None else LeadSource(row["lead"]),
        }
    )
