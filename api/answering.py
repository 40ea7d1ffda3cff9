"""Answers to questions about a schedule, worked out once and said in any language: values and sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from scheduler.domain.schedule import JointVisit, Relaxation, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.texts import Lang
from solver.limits import Limits

if TYPE_CHECKING:
    from scheduler.answers.hours import Link
    from scheduler.answers.trials import Trial
    from scheduler.moves.index import MoveIndex


class Answer(NamedTuple):
    """An answer in one language.

    Parameters
    ----------
    ok : whether what was asked for is confirmed.
    """

    ok: bool
    sentences: list[str]
    values: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"ok": self.ok, "sentences": self.sentences, **self.values}


Said = Callable[[Lang], Answer]
"""Says an answer in a language. What is asked here may raise ``BadQuestion`` or ``BadMove``."""


def limits_of(iterations: int, seed: int) -> Limits:
    """Return the limits of each search that checks a claim; with one worker it repeats bit for bit."""
    return Limits(time_s=None, iterations=iterations, seed=seed, workers=1)


def item(snapshot: PlanningSnapshot, schedule: Schedule, item_id: str, limits: Limits) -> Said:
    """Say why an item is not served; not ok when its cheapest relaxation is not confirmed."""
    from scheduler.answers.serving import sentences_of, why_not_served
    from scheduler.explain.texts import relaxation_sentence

    found = why_not_served(snapshot, schedule, item_id, limits)
    trials = () if found.trial is None else (found.trial,)
    ok = found.free is not None or any(t.confirmed for t in trials)

    def say(lang: Lang) -> Answer:
        values = {
            "item_id": item_id,
            "reasons": [{"code": r.code.value, "facts": dict(r.facts)} for r in found.unserved.reasons],
            "cheapest_relaxation": relaxation_sentence(snapshot, found.unserved, lang),
            "free": _free_json(found.free, by_search=found.by_search),
            "trials": [_trial_json(t) for t in trials],
        }
        return Answer(ok, sentences_of(found, snapshot, lang), values)

    return say


def serve(snapshot: PlanningSnapshot, schedule: Schedule, item_id: str, limits: Limits) -> Said:
    """Say what it would take to serve an item; not ok when nothing that was tried serves it."""
    from scheduler.answers.serving import sentences_of, what_would_it_take

    found = what_would_it_take(snapshot, schedule, item_id, limits)
    values = {
        "item_id": item_id,
        "free": _free_json(found.free, by_search=found.by_search),
        "trials": [_trial_json(t) for t in found.trials],
    }
    ok = found.free is not None or any(t.confirmed for t in found.trials)
    return lambda lang: Answer(ok, sentences_of(found, snapshot, lang), values)


def day(index: MoveIndex, visit: str, on: int) -> Said:
    """Say why a visit is not on another date."""
    from scheduler.answers.days import sentences_of, why_this_day

    found = why_this_day(index, visit, on)

    def say(lang: Lang) -> Answer:
        shifts = [
            {
                "shift_id": c.shift_id,
                "start": clock(c.start),
                "allowed": c.allowed,
                "violations": [{"code": v.code, "sentence": v.sentence(lang)} for v in c.broken],
                "cost": c.cost.as_dict(),
            }
            for c in found.checks
        ]
        values = {"visit_id": found.visit.visit_id, "date": iso(on), "verdict": found.verdict, "shifts": shifts}
        return Answer(True, sentences_of(found, lang), values)

    return say


def hour(index: MoveIndex, visit: str) -> Said:
    """Say what keeps a visit from starting earlier."""
    from scheduler.answers.hours import why_this_hour
    from scheduler.answers.spoken import hour_sentences

    found = why_this_hour(index, visit)
    otherwise = found.otherwise and {"allowed": found.otherwise.allowed, "cost": found.otherwise.cost.as_dict()}

    def say(lang: Lang) -> Answer:
        values = {
            "visit_id": found.visit.visit_id,
            "start": clock(found.visit.start),
            "chain": [_link_json(link, lang) for link in found.chain],
            "otherwise": otherwise,
        }
        return Answer(True, hour_sentences(found, index.snapshot, lang), values)

    return say


def crews(index: MoveIndex, street: str, on: int, shift: str, authority: str) -> Said:
    """Say why an authority needs so many crews in a street shift."""
    from scheduler.answers.crews import why_crews
    from scheduler.answers.spoken import crews_sentences

    found = why_crews(index, street, on, shift, authority)
    values = {
        "street_id": street,
        "authority_id": authority,
        "date": iso(on),
        "shift_id": shift,
        "crews": found.crews,
        "proven": found.proven,
        "at_once": found.at_once,
        "on_site_min": found.on_site_min,
        "travel_min": found.travel_min,
        "least_by_minutes": found.by_minutes,
        "least_at_these_times": found.fixed_times,
        "least_at_any_times": found.at_any_times,
        "found_at_any_times": found.found,
        "visits": [p.visit_id for p in found.parts],
    }
    return lambda lang: Answer(True, crews_sentences(found, index.snapshot, lang), values)


def _link_json(link: Link, lang: Lang) -> dict[str, Any]:
    return {
        "visit_id": link.visit.visit_id,
        "authority_id": link.part,
        "start": clock(link.start),
        "slack_min": link.slack,
        "moved": list(link.moved),
        "violations": [{"code": v.code, "sentence": v.sentence(lang)} for v in link.broken],
        "held_by": [
            {
                "by": h.by.value,
                "authority_id": h.authority_id,
                "free_at": clock(h.free_at),
                "leg_min": h.leg,
                "buffer_min": h.buffer,
                "visit_id": None if h.former is None else h.former.visit_id,
            }
            for h in link.holds
        ],
    }


def _free_json(visit: JointVisit | None, *, by_search: bool) -> dict[str, Any] | None:
    if visit is None:
        return None
    return {"date": iso(visit.day), "shift_id": visit.shift_id, "start": clock(visit.start), "by_search": by_search}


def _trial_json(trial: Trial) -> dict[str, Any]:
    visit = trial.visit
    return {
        "changes": [_change_json(c) for c in trial.changes],
        "confirmed": trial.confirmed,
        "way": None if trial.way is None else trial.way.value,
        "date": None if visit is None else iso(visit.day),
        "shift_id": None if visit is None else visit.shift_id,
        "start": None if visit is None else clock(visit.start),
        "also_served": list(trial.also_served),
        "no_longer_served": list(trial.no_longer_served),
        "moved_published": trial.moved,
        "terms": dict(trial.terms),
    }


def _change_json(change: Relaxation) -> dict[str, Any]:
    return {"kind": change.kind.value, "facts": dict(change.facts)}
