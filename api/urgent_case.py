"""``onevisit urgent``: an urgent case into the schedule of today and the next date, with the case that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.clock import stamp
from api.failures import DONE, FOUND_WRONG, CommandError
from api.folders import require_writable
from api.reading import read_planned
from api.shell import Shell, say, write_json
from scheduler.domain.plans import Notice, PlanItem, Trigger
from scheduler.explain.facts import clock, iso
from scheduler.replan.events import KNOWN_ITEM, UNKNOWN_AUTHORITY, UNKNOWN_ENTERPRISE
from scheduler.texts import Lang, Text

if TYPE_CHECKING:
    from scheduler.domain.snapshot import PlanningSnapshot
    from scheduler.moves.urgent import UrgentAnswer

_PLACED = Text(
    "{day} {shift} {start} 至 {end}，由当班班组顺路完成，其他入企不变。",
    "{day} {shift}, {start} to {end}: crews at work there take it, no other visit changes.",
)
_ALONE = Text(
    "{day} {shift} {start} 至 {end}，需单独出动 {crews} 个班组，其他入企不变。",
    "{day} {shift}, {start} to {end}: it needs a trip of its own, {crews} crew(s) go out; no other visit changes.",
)
_NOWHERE = Text("今天至{last}没有班次能接下此案：", "No street shift up to {last} can take it:")
_NO_TIME = Text("{day} {shift}：余下时间不够", "{day} {shift}: too little time is left")
_BROKEN = Text("{day} {shift}：{rules}", "{day} {shift}: {rules}")
_ALERT = Text("提醒：{sentence}", "Reminder: {sentence}")
_WRITTEN = Text("已写入 {out}：case、schedule", "Written to {out}: case, schedule")
_EXISTS = Text("{path} 已存在，不会覆盖", "{path} is there already and is not overwritten")
_NO_DATE = Text("{first}至{last}没有检查日", "there is no inspection date from {first} to {last}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentRequest:
    """An urgent case and when it is known.

    Parameters
    ----------
    now : minutes after midnight of `today`.
    deadline : last day; the next inspection date after today when ``None``.
    item_id : of the new item; a free one when ``None``.
    """

    case: Path
    schedule: Path
    authority_id: str
    enterprise_id: str
    duration_min: int
    today: int
    now: int
    deadline: int | None
    item_id: str | None
    crews: int
    out: Path | None
    lang: Lang


def urgent(shell: Shell, request: UrgentRequest) -> int:
    """Place the case, say how, write case and schedule where asked to; return the exit code, 1 if nothing takes it."""
    from scheduler.moves.change import apply
    from scheduler.moves.index import MoveIndex
    from scheduler.moves.urgent import place_urgent

    if request.out is not None:
        require_writable(request.out)
        if request.out.exists():
            raise CommandError(_EXISTS, path=request.out)
    before, [(published, _)] = read_planned(request.case, (request.schedule,))
    days = _days(before, request)
    item = _item(before, request, days)
    snapshot = before.replace(items=(*before.items, item))
    index = MoveIndex(snapshot, published)
    answer = place_urgent(index, item, days, request.now if days[0] == request.today else 0)
    if answer.place is not None and request.out is not None:
        _write(request.out, snapshot, apply(published, answer.place.change), request.lang)
    if shell.as_json:
        write_json(_json(answer, item, shell.lang))
    else:
        _show(shell, answer, days, request.out)
    return FOUND_WRONG if answer.place is None else DONE


def _days(snapshot: PlanningSnapshot, request: UrgentRequest) -> list[int]:
    calendar = snapshot.calendar
    ahead = [d for d in calendar.days if d >= request.today]
    last = request.deadline
    if last is None:
        later = [d for d in ahead if d > request.today]
        last = later[0] if later else calendar.end
    days = [d for d in ahead if d <= last]
    if not days:
        raise CommandError(_NO_DATE, first=iso(request.today), last=iso(last))
    return days


def _item(snapshot: PlanningSnapshot, request: UrgentRequest, days: list[int]) -> PlanItem:
    known = {i.item_id for i in snapshot.items}
    for unknown, name, names in (
        (UNKNOWN_ENTERPRISE, request.enterprise_id, {e.enterprise_id for e in snapshot.enterprises}),
        (UNKNOWN_AUTHORITY, request.authority_id, {a.authority_id for a in snapshot.authorities}),
    ):
        if name not in names:
            raise CommandError(unknown, id=name)
    if request.item_id in known:
        raise CommandError(KNOWN_ITEM, id=request.item_id)
    number = 1
    while f"urgent-{number}" in known:
        number += 1
    weights = dict(snapshot.policy.priority_weights)
    return PlanItem(
        item_id=request.item_id or f"urgent-{number}",
        authority_id=request.authority_id,
        enterprise_id=request.enterprise_id,
        duration_min=request.duration_min,
        earliest=request.today,
        latest=days[-1],
        priority=max(weights, key=lambda n: (weights[n], n)),
        trigger=Trigger.CASE,
        crews=request.crews,
        cap_exempt=True,
        notice=Notice.UNANNOUNCED,
    )


def _write(out: Path, snapshot: PlanningSnapshot, schedule: Any, lang: Lang) -> None:
    from dataclasses import replace

    from scheduler.domain.schedule import ScheduleState
    from scheduler.export.bundle import beside, swap
    from scheduler.export.replanned import write_case_and_schedule
    from scheduler.score import score

    draft = replace(schedule, snapshot_digest=snapshot.digest(), state=ScheduleState.DRAFT)
    with beside(out) as aside:
        new = aside / "new"
        new.mkdir()
        write_case_and_schedule(new, snapshot, draft, {"terms": score(snapshot, draft).as_dict()}, lang, stamp())
        swap(new, out.absolute(), aside / "old")


def _show(shell: Shell, answer: UrgentAnswer, days: list[int], out: Path | None) -> None:
    from scheduler.alerts import alert_sentence

    place = answer.place
    if place is None:
        say(shell, _NOWHERE, last=iso(days[-1]))
        for day, shift, broken in answer.refused:
            rules = "; ".join(v.sentence(shell.lang) for v in broken)
            say(shell, _BROKEN if broken else _NO_TIME, day=iso(day), shift=shift, rules=rules)
        return
    facts = {"day": iso(place.day), "shift": place.shift_id, "start": clock(place.start), "end": clock(place.end)}
    say(shell, _ALONE if place.new_crews else _PLACED, **facts, crews=place.new_crews)
    for alert in answer.alerts:
        say(shell, _ALERT, sentence=alert_sentence(alert, shell.lang))
    if out is not None:
        say(shell, _WRITTEN, out=out)


def _json(answer: UrgentAnswer, item: PlanItem, lang: Lang) -> dict[str, Any]:
    from scheduler.alerts import alert_sentence

    place = answer.place
    return {
        "ok": place is not None,
        "item_id": item.item_id,
        "place": None
        if place is None
        else {
            "date": iso(place.day),
            "shift_id": place.shift_id,
            "start": clock(place.start),
            "end": clock(place.end),
            "new_crews": place.new_crews,
            "cost": place.cost.as_dict(),
        },
        "separate": None if place is None else place.new_crews > 0,
        "refused": [
            {"date": iso(d), "shift_id": h, "violations": [{"code": v.code, "sentence": v.sentence(lang)} for v in b]}
            for d, h, b in answer.refused
        ],
        "alerts": [alert_sentence(a, lang) for a in answer.alerts],
    }
