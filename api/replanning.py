"""``onevisit replan``: a published schedule and its events in, a new case and draft with what differs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import clock, machine
from api.failures import DONE
from api.folders import require_there, require_writable
from api.reading import read_planned
from api.shell import Shell, say, write, write_json
from scheduler.domain.schedule import JointVisit
from scheduler.explain.facts import clock as clock_text
from scheduler.explain.facts import iso
from scheduler.texts import Lang, Text
from solver.limits import Limits

if TYPE_CHECKING:
    from scheduler.replan.changes import VisitChange
    from scheduler.replan.replan import ReplanOutcome

SHOWN = 20
"""Changes that are shown; the file has all of them."""

_PAST = Text(
    "{done} 次入企已完成（其中 {assumed} 次无事件，按已完成计），{failed} 次未成；之后还有 {ahead} 次已发布的入企。",
    "{done} visits took place ({assumed} of them without an event), {failed} did not; {ahead} published are ahead.",
)
_NOTHING = Text("没有需要调整的入企。", "Nothing had to change.")
_COUNTS = Text(
    "新增 {added}，取消 {dropped}，改期 {moved}，调整事项 {regrouped}，调整时间 {retimed}；moved_published {term}。",
    "{added} added, {dropped} dropped, {moved} moved, {regrouped} with other items, {retimed} at another time; "
    "moved_published {term}.",
)
_MORE = Text("……另有 {count} 项，见 {path}", "… and {count} more, see {path}")
_TERMS = Text("今日起：{terms}", "From today on: {terms}")
_OVERRUN = Text("有实际时长的入企合计比计划{minutes:+d}分钟。", "Visits with actual minutes took {minutes:+d} minutes.")
_WRITTEN = Text("已写入 {out}：case、schedule、changes.csv", "Written to {out}: case, schedule, changes.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanRequest:
    """What to re-plan, see :func:`scheduler.replan.replan.replan`, and where to write it."""

    case: Path
    schedule: Path
    events: Path
    today: int
    out: Path
    freeze_days: int
    notice_days: int
    limits: Limits
    lang: Lang


def replan(shell: Shell, request: ReplanRequest) -> int:
    """Re-plan, check, write and show; return the exit code.

    Raises
    ------
    OnevisitError, OSError : the case, the schedule, the events or the output is wrong; nothing was written then.
    """
    from scheduler.export.replanned import check_replanned_folder, write_replanned
    from scheduler.intake.events import read_events
    from scheduler.replan.replan import replan as run

    require_there((request.events,))
    require_writable(request.out)
    check_replanned_folder(request.out)
    snapshot, [(published, _)] = read_planned(request.case, (request.schedule,))
    data, workbook = request.events.read_bytes(), request.events.suffix.lower() == ".xlsx"
    events = read_events(data, snapshot, published, request.today, workbook=workbook)
    began = clock.seconds()
    outcome = run(
        snapshot,
        published,
        events,
        request.today,
        freeze_days=request.freeze_days,
        notice_days=request.notice_days,
        limits=request.limits,
    )
    summary = _summary(outcome, request, clock.seconds() - began)
    write_replanned(request.out, outcome, summary, lang=request.lang, stamp=clock.stamp())
    if shell.as_json:
        changes = [change_json(c, shell.lang) for c in outcome.difference.changes]
        write_json({**summary, "out": str(request.out.absolute()), "changes": changes})
        return DONE
    _show(shell, outcome, request)
    return DONE


def _summary(outcome: ReplanOutcome, request: ReplanRequest, seconds: float) -> dict[str, Any]:
    return {
        **replan_values(outcome),
        "wall_s": round(seconds, 3),
        "peak_mb": machine.peak_mb(),
        "seed": request.limits.seed,
        "versions": machine.versions(),
    }


def replan_values(outcome: ReplanOutcome) -> dict[str, Any]:
    """Return the figures of a re-plan as plain values."""
    carried = outcome.carried
    return {
        "today": iso(carried.today),
        "terms": outcome.score.as_dict(),
        "moved_published": outcome.moved_published,
        "published_ahead": len(carried.ahead),
        "counts": outcome.difference.counts,
        "done": len(carried.done),
        "assumed_done": carried.assumed,
        "not_done": len(carried.failed),
        "overrun_min": carried.overrun_min,
        "newly_served": list(outcome.difference.newly_served),
        "no_longer_served": list(outcome.difference.no_longer_served),
        "searched": outcome.searched,
    }


def change_json(change: VisitChange, lang: Lang) -> dict[str, Any]:
    """Return a change as plain values, with its sentence."""
    return {
        "kind": change.kind.value,
        "enterprise_id": change.enterprise_id,
        "cause": change.cause.value,
        "old": None if change.old is None else _visit_json(change.old),
        "new": None if change.new is None else _visit_json(change.new),
        "sentence": change.sentence(lang),
    }


def _visit_json(visit: JointVisit) -> dict[str, Any]:
    return {
        "visit_id": visit.visit_id,
        "date": iso(visit.day),
        "shift_id": visit.shift_id,
        "start": clock_text(visit.start),
        "end": clock_text(visit.end),
        "authority_ids": list(visit.authority_ids),
        "item_ids": list(visit.item_ids),
    }


def show_counts(shell: Shell, values: Mapping[str, Any]) -> None:
    """Say how much was done and how much changes; `values` as of :func:`replan_values`."""
    past = {"done": values["done"], "assumed": values["assumed_done"], "failed": values["not_done"]}
    say(shell, _PAST, **past, ahead=values["published_ahead"])
    if values["overrun_min"]:
        say(shell, _OVERRUN, minutes=values["overrun_min"])
    if any(values["counts"].values()):
        say(shell, _COUNTS, **values["counts"], term=values["moved_published"])
    else:
        say(shell, _NOTHING)


def _show(shell: Shell, outcome: ReplanOutcome, request: ReplanRequest) -> None:
    changes = outcome.difference.changes
    show_counts(shell, replan_values(outcome))
    for change in changes[:SHOWN]:
        write(shell.out, change.sentence(shell.lang))
    if len(changes) > SHOWN:
        say(shell, _MORE, count=len(changes) - SHOWN, path=request.out / "changes.csv")
    say(shell, _TERMS, terms=", ".join(f"{name} {value:,}" for name, value in outcome.score.as_dict().items()))
    say(shell, _WRITTEN, out=request.out)
