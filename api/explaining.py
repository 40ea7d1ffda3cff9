"""What ``onevisit explain …`` does: read a case and a schedule, ask one question, and say the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.failures import DONE, FOUND_WRONG, CommandError
from api.reading import read_planned
from api.shell import Shell, write, write_json
from scheduler.answers.errors import BadQuestion
from scheduler.domain.schedule import JointVisit, Relaxation, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.moves.errors import BadMove
from scheduler.texts import Lang, Text
from solver.limits import Limits

if TYPE_CHECKING:
    from scheduler.answers.hours import Link
    from scheduler.answers.trials import Trial

_BROKEN = Text(
    "该排程违反{count}处规则，无法如实解答；请先用 onevisit check 查看（{first}）",
    "the schedule breaks rules in {count} places, so nothing true can be said of it; see onevisit check ({first})",
)


def item(shell: Shell, case: Path, folder: Path, item_id: str, iterations: int, seed: int) -> int:
    """Say why an item is not served; return the exit code, 1 when its cheapest relaxation is not confirmed."""
    from scheduler.answers.serving import sentences_of, why_not_served
    from scheduler.explain.texts import relaxation_sentence

    snapshot, schedule = _read(case, folder)
    with _refusals():
        found = why_not_served(snapshot, schedule, item_id, _limits(iterations, seed))
    trials = () if found.trial is None else (found.trial,)
    values = {
        "item_id": item_id,
        "reasons": [{"code": r.code.value, "facts": dict(r.facts)} for r in found.unserved.reasons],
        "cheapest_relaxation": relaxation_sentence(snapshot, found.unserved, shell.lang),
        "free": _free_json(found.free, by_search=found.by_search),
        "trials": [_trial_json(t) for t in trials],
    }
    ok = found.free is not None or any(t.confirmed for t in trials)
    return _tell(shell, ok, sentences_of(found, snapshot, shell.lang), values)


def serve(shell: Shell, case: Path, folder: Path, item_id: str, iterations: int, seed: int) -> int:
    """Say what it would take to serve an item; return the exit code, 1 when nothing that was tried serves it."""
    from scheduler.answers.serving import sentences_of, what_would_it_take

    snapshot, schedule = _read(case, folder)
    with _refusals():
        found = what_would_it_take(snapshot, schedule, item_id, _limits(iterations, seed))
    values = {
        "item_id": item_id,
        "free": _free_json(found.free, by_search=found.by_search),
        "trials": [_trial_json(t) for t in found.trials],
    }
    ok = found.free is not None or any(t.confirmed for t in found.trials)
    return _tell(shell, ok, sentences_of(found, snapshot, shell.lang), values)


def day(shell: Shell, case: Path, folder: Path, visit: str, on: int) -> int:
    """Say why a visit is not on another date; return the exit code."""
    from scheduler.answers.days import sentences_of, why_this_day
    from scheduler.moves.index import MoveIndex

    index = MoveIndex(*_read(case, folder))
    with _refusals():
        found = why_this_day(index, visit, on)
    values = {
        "visit_id": found.visit.visit_id,
        "date": iso(on),
        "verdict": found.verdict,
        "shifts": [
            {
                "shift_id": c.shift_id,
                "start": clock(c.start),
                "allowed": c.allowed,
                "violations": [{"code": v.code, "sentence": v.sentence(shell.lang)} for v in c.broken],
                "cost": c.cost.as_dict(),
            }
            for c in found.checks
        ],
    }
    return _tell(shell, True, sentences_of(found, shell.lang), values)


def hour(shell: Shell, case: Path, folder: Path, visit: str) -> int:
    """Say what keeps a visit from starting earlier; return the exit code."""
    from scheduler.answers.hours import why_this_hour
    from scheduler.answers.spoken import hour_sentences
    from scheduler.moves.index import MoveIndex

    index = MoveIndex(*_read(case, folder))
    with _refusals():
        found = why_this_hour(index, visit)
    values = {
        "visit_id": found.visit.visit_id,
        "start": clock(found.visit.start),
        "chain": [_link_json(link, shell.lang) for link in found.chain],
        "otherwise": None
        if found.otherwise is None
        else {"allowed": found.otherwise.allowed, "cost": found.otherwise.cost.as_dict()},
    }
    return _tell(shell, True, hour_sentences(found, index.snapshot, shell.lang), values)


def crews(shell: Shell, case: Path, folder: Path, street: str, on: int, shift: str, authority: str) -> int:
    """Say why an authority needs so many crews in a street shift; return the exit code."""
    from scheduler.answers.crews import why_crews
    from scheduler.answers.spoken import crews_sentences
    from scheduler.moves.index import MoveIndex

    index = MoveIndex(*_read(case, folder))
    with _refusals():
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
    return _tell(shell, True, crews_sentences(found, index.snapshot, shell.lang), values)


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


def _read(case: Path, folder: Path) -> tuple[PlanningSnapshot, Schedule]:
    """Return a case and its schedule.

    Raises
    ------
    CommandError : the schedule breaks a rule, so that nothing true could be said of it.
    """
    from scheduler.rules import check

    snapshot, [(schedule, _)] = read_planned(case, (folder,))
    broken = check(snapshot, schedule)
    if broken:
        raise CommandError(_BROKEN, count=len(broken), first=broken[0].sentence("en"))
    return snapshot, schedule


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what cannot be asked into a fault of the command line."""
    try:
        yield
    except (BadMove, BadQuestion) as error:
        raise CommandError(error.text, **error.facts) from error


def _limits(iterations: int, seed: int) -> Limits:
    return Limits(time_s=None, iterations=iterations, seed=seed, workers=1)


def _tell(shell: Shell, ok: bool, sentences: list[str], values: dict[str, Any]) -> int:
    """Show an answer, and return the exit code."""
    if shell.as_json:
        write_json({"ok": ok, "sentences": sentences, **values})
    else:
        for text in sentences:
            write(shell.out, text)
    return DONE if ok else FOUND_WRONG


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
