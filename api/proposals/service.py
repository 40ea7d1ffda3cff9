"""Proposals worked out from what is stored whenever somebody asks, and what people decide on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.access.caller import Caller
from api.clock import day
from api.errors import Refusal
from api.horizons.service import find, read_horizon
from api.proposals import facts
from api.proposals.rules import rules_of
from api.proposals.scope import Scope, require_decider
from api.store.feedback_tables import proposal_decisions
from api.store.schema import enterprises, plan_items
from api.store.work import Work
from scheduler.domain.plans import PlanItem
from scheduler.feedback.classes import classes, priorities
from scheduler.feedback.durations import durations
from scheduler.feedback.facts import Finding, Span
from scheduler.feedback.items import cases, follow_ups, returns
from scheduler.feedback.proposal import ITEMS, PREFIXES, Proposal, ProposalKind, iso, kind_of
from scheduler.feedback.rules import FeedbackRule
from scheduler.texts import Lang, Text

OPEN, TAKEN, DISMISSED, LAPSED = "open", "taken", "dismissed", "lapsed"
_AT_ONCE = 500
EVERY = frozenset(ProposalKind)
OF_FINDINGS = frozenset({ProposalKind.FOLLOW_UP, ProposalKind.PRIORITY, ProposalKind.RISK})
Stored = dict[str, Any]
"""A proposal as it is stored and, with its sentence in one language, sent."""


def current(
    connection: Connection, scope: Scope, horizon_id: str, today: str, kinds: frozenset[ProposalKind] = EVERY
) -> dict[str, Proposal]:
    """Return the proposals that what is stored now gives for a horizon, by id, whatever was decided on them.

    Parameters
    ----------
    kinds : that are wanted; others are not worked out.

    Raises
    ------
    Refusal : there is no such horizon.
    """
    horizon = find(connection, horizon_id)
    rules, now = rules_of(connection), facts.ordinal(today)
    start, end = facts.ordinal(horizon["start"]), facts.ordinal(horizon["end"])
    # Nothing is proposed for days that are over.
    span = Span(horizon_id=horizon_id, start=max(start, now), end=end)
    found = facts.findings(connection, scope, now, of_all=ProposalKind.RISK in kinds) if kinds & OF_FINDINGS else []
    own = [f for f in found if scope.authority_id in (None, f.authority_id)]
    out: list[Proposal] = []
    if kinds & ITEMS and span.start <= span.end:
        items = [p for p in _items(connection, scope, horizon, span, own, rules, today) if p.kind in kinds]
        elsewhere = _planned_elsewhere(connection, scope, horizon_id, items)
        out += [p for p in items if p.proposal_id not in elsewhere]
    if ProposalKind.PRIORITY in kinds:
        out += priorities(own, rules, now)
    if ProposalKind.RISK in kinds:
        out += classes(found, *_classes_of(connection, {f.enterprise_id for f in found}), rules, now)
    if ProposalKind.DURATION in kinds and scope.street_ids is None:
        planned = facts.planned_minutes(connection, scope, horizon["start"])
        overhead = read_horizon(connection, horizon_id).visit.overhead_min
        out += durations(facts.measured(connection, scope, now), planned, rules, overhead)
    return {p.proposal_id: p for p in sorted(out, key=lambda p: p.proposal_id)}


def _items(
    connection: Connection,
    scope: Scope,
    horizon: Mapping[str, Any],
    span: Span,
    own: list[Finding],
    rules: tuple[FeedbackRule, ...],
    today: str,
) -> Iterator[Proposal]:
    planned = facts.planned_minutes(connection, scope, horizon["start"])
    yield from follow_ups(own, rules, span)
    yield from returns(facts.left_items(connection, scope, span.horizon_id, today), rules, span)
    yield from cases(facts.open_leads(connection, scope, planned), rules, span)


def _planned_elsewhere(connection: Connection, scope: Scope, horizon_id: str, items: Iterable[Proposal]) -> set[str]:
    """Return the proposals whose item is in a live plan of another horizon: it is planned once."""
    where = plan_items.c.horizon_id != horizon_id
    return {p.proposal_id for p in items} & set(_in_plans(connection, scope, where))


def _in_plans(connection: Connection, scope: Scope, where: ColumnElement[bool]) -> dict[str, str]:
    """Return the live plan of every item that a proposal made, by id."""
    ours = or_(*(plan_items.c.item_id.like(f"{PREFIXES[kind]}-%") for kind in sorted(ITEMS)))
    query = select(plan_items.c.item_id, plan_items.c.plan_id).where(
        plan_items.c.live, where, ours, scope.authority(plan_items.c.authority_id)
    )
    return {r.item_id: r.plan_id for r in connection.execute(query)}


def _classes_of(connection: Connection, ids: set[str]) -> tuple[dict[str, str | None], dict[str, int]]:
    """Return the present class of enterprises, and the day up to which findings were used by a change of it."""
    table, letters = proposal_decisions, dict[str, str | None]()
    ordered = sorted(ids)
    for k in range(0, len(ordered), _AT_ONCE):
        some = enterprises.c.enterprise_id.in_(ordered[k : k + _AT_ONCE])
        query = select(enterprises.c.enterprise_id, enterprises.c.credit_class).where(some)
        letters |= {r.enterprise_id: r.credit_class for r in connection.execute(query)}
    used: dict[str, int] = {}
    changed = select(table.c.enterprise_id, table.c.body).where(
        table.c.kind == ProposalKind.RISK.value, table.c.decision == TAKEN
    )
    for enterprise_id, body in connection.execute(changed):
        last = facts.ordinal(body["evidence"]["last_day"])
        used[enterprise_id] = max(used.get(enterprise_id, 0), last)
    return letters, used


def listed_for(
    connection: Connection,
    scope: Scope,
    horizon_id: str,
    today: str,
    lang: Lang,
    kinds: frozenset[ProposalKind] = EVERY,
) -> list[dict[str, Any]]:
    """Return the proposals of a horizon with what was decided on each, by id.

    What was decided on and is no proposal any more, as a result was corrected, is there as lapsed.
    """
    now = current(connection, scope, horizon_id, today, kinds)
    decided = {k: r for k, r in _decided(connection, scope, horizon_id, set(now)).items() if kind_of(k) in kinds}
    in_plans = _in_plans(connection, scope, plan_items.c.horizon_id == horizon_id)
    out = []
    for proposal_id in sorted({*now, *decided}):
        row = decided.get(proposal_id)
        proposal = now.get(proposal_id)
        body = stored(proposal) if proposal is not None else row and row["body"]
        assert body is not None
        state = OPEN if row is None else row["decision"]
        if proposal is None and body["kind"] != ProposalKind.RISK.value:
            state = LAPSED
        plan_id = in_plans.get(proposal_id)
        moved = row is not None and proposal is not None and row["body"]["evidence"] != body["evidence"]
        out.append(
            {
                **{k: v for k, v in body.items() if k not in ("sentence_zh", "sentence_en")},
                "sentence": body[f"sentence_{lang}"],
                "state": state,
                "reason": row and row["reason"],
                "decided_at": row and row["decided_at"],
                "decided_by": row and row["decided_by"],
                "plan_id": plan_id,
                "plan_outdated": plan_id is not None and (state == LAPSED or moved),
            }
        )
    return out


def _decided(connection: Connection, scope: Scope, horizon_id: str, ids: set[str]) -> dict[str, Mapping[Any, Any]]:
    """Return what was decided on some proposals, and for a horizon on others of the scope."""
    table = proposal_decisions
    own = or_(scope.authority(table.c.authority_id), table.c.kind == ProposalKind.RISK.value)
    query = select(table).where(own, scope.street(table.c.street_id))
    out: dict[str, Mapping[Any, Any]] = {}
    for r in connection.execute(query).mappings():
        others = r["horizon_id"] == horizon_id and scope.authority_id in (None, r["authority_id"])
        if r["proposal_id"] in ids or others:
            out[r["proposal_id"]] = r
    return out


def stored(p: Proposal) -> Stored:
    """Return a proposal as plain JSON with its sentence in both languages."""
    return {
        "proposal_id": p.proposal_id,
        "kind": p.kind.value,
        "authority_id": p.authority_id,
        "enterprise_id": p.enterprise_id,
        "item_code": p.item_code,
        "rule_id": p.rule_id,
        "old": p.old,
        "new": p.new,
        "item": None if p.item is None else item_row(p.item),
        "evidence": dict(p.evidence),
        "sentence_zh": p.sentence.zh,
        "sentence_en": p.sentence.en,
    }


def read_back(body: Stored) -> Proposal:
    """Return a change of minutes or priority from what was stored of it."""
    return Proposal(
        proposal_id=body["proposal_id"],
        kind=ProposalKind(body["kind"]),
        authority_id=body["authority_id"],
        enterprise_id=body["enterprise_id"],
        rule_id=body["rule_id"],
        sentence=Text(body["sentence_zh"], body["sentence_en"]),
        evidence=body["evidence"],
        item_code=body["item_code"],
        old=body["old"],
        new=body["new"],
    )


def item_row(item: PlanItem) -> dict[str, Any]:
    """Return an item as a plan is submitted with it."""
    return {
        "item_id": item.item_id,
        "authority_id": item.authority_id,
        "enterprise_id": item.enterprise_id,
        "duration_min": item.duration_min,
        "earliest": iso(item.earliest),
        "latest": iso(item.latest),
        "priority": item.priority,
        "trigger": item.trigger.value,
        "crews": item.crews,
        "cap_exempt": item.cap_exempt,
        "notice": item.notice.value,
        "item_code": item.item_code,
        "legal_basis": item.legal_basis,
    }


def decide(
    work: Work, caller: Caller, scope: Scope, proposal_id: str, horizon_id: str, decision: str, reason: str | None
) -> dict[str, Any]:
    """Take or dismiss a proposal, or change one's mind; a class changes in the register, or changes back.

    Raises
    ------
    Refusal : there is no such proposal of the caller's, it is not the caller's to decide, or the class was changed
        otherwise since.
    """
    table, mine = proposal_decisions, proposal_decisions.c.proposal_id == proposal_id
    before = work.connection.execute(select(table).where(mine).with_for_update()).mappings().one_or_none()
    kind = kind_of(proposal_id)
    kinds = frozenset() if kind is None else frozenset({kind})
    proposal = current(work.connection, scope, horizon_id, day(work.at), kinds).get(proposal_id)
    if proposal is not None:
        body = stored(proposal)
    elif before is not None and (before["kind"] == ProposalKind.RISK.value or decision == DISMISSED):
        body = before["body"]
    else:
        raise Refusal("not_found", what=f"proposals/{proposal_id}")
    require_decider(caller, body)
    was = None if before is None else before["decision"]
    if body["kind"] == ProposalKind.RISK.value and (was == TAKEN) != (decision == TAKEN):
        _reclass(work, body, is_back=decision != TAKEN)
    row = {
        "proposal_id": proposal_id,
        "horizon_id": horizon_id,
        "kind": body["kind"],
        "authority_id": body["authority_id"],
        "enterprise_id": body["enterprise_id"],
        "street_id": _street_of(work.connection, body["enterprise_id"]),
        "decision": decision,
        "reason": reason,
        "body": body,
        "decided_at": work.at,
        "decided_by": caller.account_id,
        "version": 1 if before is None else before["version"] + 1,
    }
    try:
        with work.connection.begin_nested():
            query = insert(table) if before is None else update(table).where(mine)
            work.connection.execute(query.values(**row))
    except IntegrityError:
        raise Refusal("conflict", why=f"proposals/{proposal_id}") from None
    said = {k: row[k] for k in ("decision", "reason", "horizon_id", "body")}
    old = None if before is None else {k: before[k] for k in ("decision", "reason", "horizon_id")}
    work.record("proposals.decide", f"proposals/{proposal_id}", before=old, after=said)
    return {k: row[k] for k in ("proposal_id", "horizon_id", "decision", "reason", "decided_at", "decided_by")}


def _street_of(connection: Connection, enterprise_id: str | None) -> str | None:
    query = select(enterprises.c.street_id).where(enterprises.c.enterprise_id == enterprise_id)
    return connection.execute(query).scalar_one_or_none()


def _reclass(work: Work, body: Stored, *, is_back: bool) -> None:
    """Change the class of an enterprise by a decision, or change it back; nobody else's change is overwritten."""
    old, new = (body["new"], body["old"]) if is_back else (body["old"], body["new"])
    mine = enterprises.c.enterprise_id == body["enterprise_id"]
    query = (
        update(enterprises)
        .where(and_(mine, enterprises.c.credit_class == old))
        .values(credit_class=new, version=enterprises.c.version + 1)
    )
    if work.connection.execute(query).rowcount != 1:
        raise Refusal("conflict", why=f"enterprises/{body['enterprise_id']}: credit_class ≠ {old}")
    what = f"enterprises/{body['enterprise_id']}"
    after = {"credit_class": new, "proposal_id": body["proposal_id"], "evidence": body["evidence"]}
    work.record("enterprises.reclass", what, before={"credit_class": old}, after=after)


def taken(connection: Connection, scope: Scope, horizon_id: str, today: str) -> dict[str, Proposal]:
    """Return the current proposals of a horizon that plan an item and were taken."""
    now = current(connection, scope, horizon_id, today, ITEMS)
    decided = _decided(connection, scope, horizon_id, set(now))
    return {k: p for k, p in now.items() if k in decided and decided[k]["decision"] == TAKEN}


def taken_changes(connection: Connection, scope: Scope, horizon_id: str) -> list[Proposal]:
    """Return the changes of minutes and priorities that were taken for a horizon, as they were decided on."""
    table = proposal_decisions
    kinds = (ProposalKind.DURATION.value, ProposalKind.PRIORITY.value)
    query = select(table.c.body).where(
        table.c.horizon_id == horizon_id,
        table.c.kind.in_(kinds),
        table.c.decision == TAKEN,
        scope.authority(table.c.authority_id),
    )
    return [read_back(b) for b in connection.scalars(query.order_by(table.c.decided_at))]
