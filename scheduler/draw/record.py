"""The record of a draw: everything that is needed to draw again, and whether drawing again gives the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.draw.officers import OfficerDraw, draw_officers
from scheduler.draw.roster import Roster, digest_of
from scheduler.draw.stream import BadSeed, commitment_of, seed_of
from scheduler.draw.targets import Stratum, TargetDraw, TargetPlan, draw_targets, population_digest
from scheduler.texts import Text

FORMAT = "onevisit-draw/1"

NOT_A_RECORD = Text("不是抽取记录（{format}）", "it is no record of a draw ({format})")
WRONG_SEED = Text("种子与承诺值不符", "the seed is not that of the commitment")
OTHER_COMMITMENT = Text("记录中的承诺值不是所公布的 {published}", "its commitment is not the published {published}")
OTHER_INPUT = Text("{what}与抽取时不同", "{what} is not that of the draw")
OTHER_RESULT = Text("{what}：记录为 {recorded}，重新抽取为 {drawn}", "{what}: recorded {recorded}, drawn again {drawn}")
LACKS = Text("按此名册无法抽取", "nothing can be drawn from this roster")
_SCHEDULE = Text("排程", "the schedule")
_ROSTER = Text("执法人员名册", "the roster")
_POPULATION = Text("案例中的企业、历史或入企", "enterprises, history or visits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a record says and that is not so."""

    text: Text
    facts: tuple[tuple[str, str | Text], ...] = ()

    def sentence(self, lang: Any) -> str:
        """Return it in a language."""
        facts = {n: v.say(lang) if isinstance(v, Text) else v for n, v in self.facts}
        return self.text.say(lang, **facts)


def schedule_digest(schedule: Schedule) -> str:
    """Return the SHA-256 of all that a draw of officers reads of a schedule."""
    enterprise = {v.visit_id: v.enterprise_id for v in schedule.visits}
    return digest_of(
        [
            [c.crew_id, c.authority_id, c.day, c.shift_id, c.depart, sorted(enterprise[s.visit_id] for s in c.stops)]
            for c in sorted(schedule.crew_shifts, key=lambda c: c.crew_id)
        ]
    )


def officers_record(
    schedule: Schedule, roster: Roster, draw: OfficerDraw, seed: bytes, purpose: str, public: str
) -> dict[str, Any]:
    """Return the record of a draw of officers, with the seed revealed."""
    return {
        **_head("officers", seed, purpose, public),
        "schedule_digest": schedule_digest(schedule),
        "roster_digest": roster.digest(),
        "teams": {t.crew_id: list(t.officer_ids) for t in draw.teams},
    }


def targets_record(
    snapshot: PlanningSnapshot,
    visits: Sequence[JointVisit],
    plan: TargetPlan,
    draw: TargetDraw,
    seed: bytes,
    purpose: str,
    public: str,
) -> dict[str, Any]:
    """Return the record of a draw of targets: the plan, the log of every stratum, with the seed revealed."""
    return {
        **_head("targets", seed, purpose, public),
        "population_digest": population_digest(snapshot, visits),
        "plan": {
            "draw_id": plan.draw_id,
            "authority_id": plan.authority_id,
            "duration_min": plan.duration_min,
            "earliest": date.fromordinal(plan.earliest).isoformat(),
            "latest": date.fromordinal(plan.latest).isoformat(),
            "priority": plan.priority,
            "exclude_days": plan.exclude_days,
        },
        "strata": [
            {
                "credit_class": d.stratum.credit_class,
                "industry": d.stratum.industry,
                "ratio": str(d.stratum.ratio),
                "size": d.size,
                "excluded": list(d.excluded),
                "wanted": d.wanted,
                "order": list(d.order),
                "targets": list(d.targets),
            }
            for d in draw.strata
        ],
    }


def _head(kind: str, seed: bytes, purpose: str, public: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": kind,
        "purpose": purpose,
        "commitment": commitment_of(seed, purpose),
        "seed": seed.hex(),
        "public": public,
    }


def kind_of(record: Mapping[str, Any]) -> str | None:
    """Return ``officers`` or ``targets``, ``None`` for what is no record of a draw."""
    kind = record.get("kind")
    texts = ("purpose", "commitment", "seed", "public")
    sound = record.get("format") == FORMAT and all(isinstance(record.get(k), str) for k in texts)
    return str(kind) if sound and kind in ("officers", "targets") else None


def verify_officers(
    record: Mapping[str, Any], schedule: Schedule, roster: Roster, published: str | None = None
) -> tuple[Finding, ...]:
    """Return everything that is not so in a record of officers; nothing when it is true.

    Parameters
    ----------
    published : the commitment as it was published before the draw, when it is known.
    """
    found, seed = _committed(record, "officers", published)
    if seed is None:
        return found
    out = list(found)
    if record.get("schedule_digest") != schedule_digest(schedule):
        out.append(Finding(text=OTHER_INPUT, facts=(("what", _SCHEDULE),)))
    if record.get("roster_digest") != roster.digest():
        out.append(Finding(text=OTHER_INPUT, facts=(("what", _ROSTER),)))
    again = draw_officers(schedule, roster, seed, str(record["public"]))
    if again.lacks:
        return (*out, Finding(text=LACKS))
    drawn = {t.crew_id: list(t.officer_ids) for t in again.teams}
    return (*out, *_first_difference(record.get("teams"), drawn))


def verify_targets(
    record: Mapping[str, Any],
    snapshot: PlanningSnapshot,
    visits: Sequence[JointVisit],
    published: str | None = None,
) -> tuple[Finding, ...]:
    """Return everything that is not so in a record of targets; nothing when it is true."""
    found, seed = _committed(record, "targets", published)
    if seed is None:
        return found
    out = list(found)
    if record.get("population_digest") != population_digest(snapshot, visits):
        out.append(Finding(text=OTHER_INPUT, facts=(("what", _POPULATION),)))
    try:
        plan = plan_of(record)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return (*out, Finding(text=NOT_A_RECORD, facts=(("format", FORMAT),)))
    public, purpose = str(record["public"]), str(record["purpose"])
    again = draw_targets(snapshot, visits, plan, seed, public)
    drawn = targets_record(snapshot, visits, plan, again, seed, purpose, public)["strata"]
    numbered = [{str(k): s for k, s in enumerate(rows)} for rows in (record["strata"], drawn)]
    return (*out, *_first_difference(*numbered))


def plan_of(record: Mapping[str, Any]) -> TargetPlan:
    """Return the plan of a record of targets.

    Raises
    ------
    KeyError, TypeError, ValueError, ZeroDivisionError : it has none.
    """
    plan = record["plan"]
    return TargetPlan(
        draw_id=str(plan["draw_id"]),
        authority_id=str(plan["authority_id"]),
        strata=tuple(
            Stratum(credit_class=str(s["credit_class"]), industry=str(s["industry"]), ratio=Fraction(str(s["ratio"])))
            for s in record["strata"]
        ),
        duration_min=int(plan["duration_min"]),
        earliest=date.fromisoformat(plan["earliest"]).toordinal(),
        latest=date.fromisoformat(plan["latest"]).toordinal(),
        priority=str(plan["priority"]),
        exclude_days=int(plan["exclude_days"]),
    )


def _committed(record: Mapping[str, Any], kind: str, published: str | None) -> tuple[tuple[Finding, ...], bytes | None]:
    """Return what is wrong with the seed and its commitment, and the seed if it can be read."""
    not_one = (Finding(text=NOT_A_RECORD, facts=(("format", FORMAT),)),)
    if kind_of(record) != kind:
        return not_one, None
    try:
        seed = seed_of(record["seed"])
    except BadSeed:
        return (Finding(text=WRONG_SEED),), None
    out = []
    if commitment_of(seed, record["purpose"]) != record["commitment"]:
        out.append(Finding(text=WRONG_SEED))
    if published is not None and published.strip().lower() != record["commitment"]:
        out.append(Finding(text=OTHER_COMMITMENT, facts=(("published", published),)))
    return tuple(out), seed


def _first_difference(recorded: object, drawn: Mapping[str, Any]) -> tuple[Finding, ...]:
    said = recorded if isinstance(recorded, Mapping) else {}
    for key in sorted(said.keys() | drawn.keys()):
        if said.get(key) != drawn.get(key):
            facts = (("what", str(key)), ("recorded", str(said.get(key))), ("drawn", str(drawn.get(key))))
            return (Finding(text=OTHER_RESULT, facts=facts),)
    return ()
