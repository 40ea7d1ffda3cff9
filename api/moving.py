"""What ``onevisit move`` and ``onevisit slots`` do: check a move or offer slots, and write the schedule after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.clock import stamp
from api.failures import DONE, FOUND_WRONG, CommandError, UsageFault
from api.folders import require_there
from api.shell import Shell, say, write, write_json
from scheduler.domain.schedule import TERMS, ScheduleState, Score
from scheduler.explain.facts import clock, iso
from scheduler.moves.change import Change, apply
from scheduler.moves.check import MoveCheck, check_move
from scheduler.moves.errors import BadMove
from scheduler.moves.index import MoveIndex
from scheduler.moves.slots import Slot, offer_slots
from scheduler.texts import Lang, Text

_ALLOWED = Text("可以：{day} {shift} {start} 至 {end}；{cost}", "Allowed: {day} {shift}, {start} to {end}; {cost}")
_REFUSED = Text(
    "不可以：{day} {shift} {start}，违反以下规则：", "Not allowed: {day} {shift} {start} breaks these rules:"
)
_CHEAPEST = Text("该班次中代价最小的开始时间是 {start}；{cost}", "The cheapest start of that shift is {start}; {cost}")
_NO_START = Text("该街道班次没有可行的开始时间。", "No start of that shift is allowed.")
_SLOT = Text(
    "{n}. {day} {shift} {start} 至 {end}：{why}；{cost}", "{n}. {day} {shift}, {start} to {end}: {why}; {cost}"
)
_NO_SLOT = Text("没有可提供的时段。", "There is no slot to offer.")
_PIN = Text(
    "请在 pins.csv 中保存固定日期：{enterprise},{day},{shift}", "Keep this pin in pins.csv: {enterprise},{day},{shift}"
)
_WRITTEN = Text("新排程已写入 {out}。", "The new schedule is in {out}.")
_TIME = Text("--start 应为时间 HH:MM，现为 {value}", "--start must be a time HH:MM, not {value}")
_CHOICE = Text("--choose {n}：只有 {count} 个时段", "--choose {n}: there are {count} slots")
_CHOOSE_OUT = Text("--choose 与 --out 须同时给出", "--choose and --out go together")
_SAME = Text("指标不变", "no term changes")


def minute_of(text: str) -> int:
    """Return the minutes after midnight of ``HH:MM``.

    Raises
    ------
    UsageFault : it is none.
    """
    hours, colon, minutes = text.strip().partition(":")
    good = colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60
    if not good:
        raise UsageFault(_TIME, value=repr(text))
    return int(hours) * 60 + int(minutes)


def move(
    shell: Shell,
    case: Path,
    folder: Path,
    visit: str,
    day: int,
    shift_id: str,
    start: int | None,
    out: Path | None,
    documents: Lang,
) -> int:
    """Say whether a move is allowed and what it costs, and write the schedule after it; return the exit code.

    Nothing is written when it is not allowed.
    """
    index, summary = _read(case, folder)
    with _refusals():
        found = check_move(index, visit, day, shift_id, start)
    if found.allowed and out is not None:
        _write(index, found.change, summary, out, documents)
    if shell.as_json:
        write_json(_move_json(found, shell.lang))
    else:
        _show_move(shell, found)
        if found.allowed and out is not None:
            say(shell, _WRITTEN, out=out)
    return DONE if found.allowed else FOUND_WRONG


def _show_move(shell: Shell, found: MoveCheck) -> None:
    facts = {"day": iso(found.day), "shift": found.shift_id, "start": clock(found.start), "end": clock(found.end)}
    if found.allowed:
        say(shell, _ALLOWED, **facts, cost=_cost_text(found.cost, shell.lang))
    else:
        say(shell, _REFUSED, **facts)
        for violation in found.broken:
            write(shell.out, violation.sentence(shell.lang))
    if found.cheapest_start is None or found.cheapest_cost is None:
        say(shell, _NO_START)
    elif found.cheapest_start != found.start:
        cost = _cost_text(found.cheapest_cost, shell.lang)
        say(shell, _CHEAPEST, start=clock(found.cheapest_start), cost=cost)


def _move_json(found: MoveCheck, lang: Lang) -> dict[str, Any]:
    return {
        "ok": found.allowed,
        "visit_id": found.visit.visit_id,
        "date": iso(found.day),
        "shift_id": found.shift_id,
        "start": clock(found.start),
        "end": clock(found.end),
        "violations": [{"code": v.code, "sentence": v.sentence(lang), "ids": list(v.ids)} for v in found.broken],
        "cost": found.cost.as_dict(),
        "cheapest_start": None if found.cheapest_start is None else clock(found.cheapest_start),
        "cheapest_cost": None if found.cheapest_cost is None else found.cheapest_cost.as_dict(),
    }


def slots(
    shell: Shell,
    case: Path,
    folder: Path,
    visit: str,
    count: int,
    today: int | None,
    notice_days: int,
    choose: int | None,
    out: Path | None,
    documents: Lang,
) -> int:
    """Show the best slots of a visit, and write the schedule with one of them; return the exit code.

    `today` is the day before the horizon when it is not given.
    """
    if (choose is None) != (out is None):
        raise UsageFault(_CHOOSE_OUT)
    index, summary = _read(case, folder)
    since = index.snapshot.calendar.start - 1 if today is None else today
    with _refusals():
        found = offer_slots(index, visit, count, since, notice_days)
    if choose is not None and choose > len(found):
        raise UsageFault(_CHOICE, n=choose, count=len(found))
    chosen = None if choose is None else found[choose - 1]
    if chosen is not None and out is not None:
        _write(index, chosen.change, summary, out, documents)
    if shell.as_json:
        listed = [_slot_json(s, shell.lang) for s in found]
        write_json({"ok": bool(found), "slots": listed, "chosen": choose})
        return DONE if found else FOUND_WRONG
    for n, slot in enumerate(found, 1):
        cost = _cost_text(slot.cost, shell.lang)
        say(shell, _SLOT, n=n, **_when(slot), why=slot.why(shell.lang), cost=cost)
    if not found:
        say(shell, _NO_SLOT)
    if chosen is not None:
        say(shell, _WRITTEN, out=out)
        say(shell, _PIN, enterprise=chosen.pin.enterprise_id, day=iso(chosen.day), shift=chosen.shift_id)
    return DONE if found else FOUND_WRONG


def _when(slot: Slot) -> dict[str, str]:
    return {"day": iso(slot.day), "shift": slot.shift_id, "start": clock(slot.start), "end": clock(slot.end)}


def _slot_json(slot: Slot, lang: Lang) -> dict[str, Any]:
    return {
        "date": iso(slot.day),
        "shift_id": slot.shift_id,
        "start": clock(slot.start),
        "end": clock(slot.end),
        "cost": slot.cost.as_dict(),
        "why": slot.why(lang),
        "pin": {"enterprise_id": slot.pin.enterprise_id, "date": iso(slot.pin.day), "shift_id": slot.pin.shift_id},
    }


def _cost_text(cost: Score, lang: Lang) -> str:
    changed = [f"{name} {value:+d}" for name, value in cost.as_dict().items() if value]
    return ", ".join(changed) or _SAME.say(lang)


def _read(case: Path, folder: Path) -> tuple[MoveIndex, dict[str, Any]]:
    from scheduler.export.folder import read_schedule_folder
    from scheduler.intake.read import read_case

    require_there((case, folder))
    snapshot = read_case(case).snapshot
    schedule, summary = read_schedule_folder(snapshot, folder)
    return MoveIndex(snapshot, schedule), summary


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what cannot be asked into a fault of the command line."""
    try:
        yield
    except BadMove as error:
        raise CommandError(error.text, **error.facts) from error


def _write(index: MoveIndex, change: Change, summary: Mapping[str, Any], out: Path, lang: Lang) -> None:
    """Write the schedule after a change as a draft, with its terms; only bounds that no move touches are kept."""
    from scheduler.export.bundle import write_outputs
    from scheduler.score import score

    schedule = replace(apply(index.schedule, change), state=ScheduleState.DRAFT)
    kept = {"unserved_weight": (summary.get("bounds") or {}).get("unserved_weight")}
    terms = score(index.snapshot, schedule).as_dict()
    whole = {
        **summary,
        "terms": terms,
        "bounds": {name: kept.get(name) for name in TERMS},
        "gap": dict.fromkeys(TERMS),
        "status": "feasible",
        "before_after": None,
    }
    write_outputs(out, index.snapshot, schedule, whole, formats=frozenset(), lang=lang, stamp=stamp())
