"""What ``onevisit move`` and ``onevisit slots`` do: check a move or offer slots, and write the schedule after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.clock import stamp
from api.failures import DONE, FOUND_WRONG, CommandError, UsageFault
from api.reading import read_planned
from api.shell import Shell, say, write, write_json
from scheduler.domain.schedule import Schedule, Score
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.moves.carrying import Repinning, carry_out, repinning
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
_KEEP_PIN = Text(
    "请在案例的固定安排表中保存：{enterprise},{day},{shift}",
    "Keep this pin in the case's table of pins: {enterprise},{day},{shift}",
)
_PINNED = Text("已固定在 {path}：{enterprise},{day},{shift}", "Pinned in {path}: {enterprise},{day},{shift}")
_WRITTEN = Text("新排程已写入 {out}。", "The new schedule is in {out}.")
_CHOICE = Text("--choose {n}：只有 {count} 个时段", "--choose {n}: there are {count} slots")
_CHOOSE_OUT = Text("--choose 与 --out 须同时给出", "--choose and --out go together")
_SAME = Text("指标不变", "no term changes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of slots.

    Parameters
    ----------
    visit : id of a visit, or of an enterprise with one.
    count : slots to show, at least 1.
    today : day number, slots are after it; the day before the horizon when ``None``.
    notice_days : inspection dates at least between today and an announced visit.
    release : let go the pins that hold the visit.
    choose : number of the slot to take, from 1; `out` is where the schedule with it goes, in the language `documents`.
    """

    visit: str
    count: int
    today: int | None
    notice_days: int
    release: bool
    choose: int | None
    out: Path | None
    documents: Lang


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
        _write(*carry_out(index, found.change), summary, out, documents)
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


def slots(shell: Shell, case: Path, folder: Path, asked: Asked) -> int:
    """Show the best slots of a visit, write the schedule with one of them, and pin it; return the exit code.

    The pin goes into the case folder's table of pins; where pins are in a workbook, it is shown instead.
    """
    if (asked.choose is None) != (asked.out is None):
        raise UsageFault(_CHOOSE_OUT)
    index, summary = _read(case, folder)
    since = index.snapshot.calendar.start - 1 if asked.today is None else asked.today
    with _refusals():
        found = offer_slots(index, asked.visit, asked.count, since, asked.notice_days, release=asked.release)
    chosen, written = None, None
    if asked.choose is not None and asked.out is not None:
        if asked.choose > len(found):
            raise UsageFault(_CHOICE, n=asked.choose, count=len(found))
        chosen = found[asked.choose - 1]
        written = _take(index, case, chosen, summary, asked)
    if shell.as_json:
        listed = [_slot_json(s, shell.lang) for s in found]
        pins = None if written is None else str(written)
        write_json({"ok": bool(found), "slots": listed, "chosen": asked.choose, "pins": pins})
        return DONE if found else FOUND_WRONG
    for n, slot in enumerate(found, 1):
        cost = _cost_text(slot.cost, shell.lang)
        say(shell, _SLOT, n=n, **_when(slot), why=slot.why(shell.lang), cost=cost)
    if not found:
        say(shell, _NO_SLOT)
    if chosen is not None:
        say(shell, _WRITTEN, out=asked.out)
        pin = {"enterprise": chosen.pin.enterprise_id, "day": iso(chosen.day), "shift": chosen.shift_id}
        say(shell, _KEEP_PIN if written is None else _PINNED, path=written, **pin)
    return DONE if found else FOUND_WRONG


def _take(index: MoveIndex, case: Path, slot: Slot, summary: Mapping[str, Any], asked: Asked) -> Path | None:
    """Write the schedule with a slot, and its pin; return the table of pins, ``None`` when there is none to write."""
    from scheduler.export.pins_file import pins_file_of, write_pins

    assert asked.out is not None
    pins = repinning(index.snapshot, index.visit(asked.visit), slot.pin, release=asked.release)
    snapshot, schedule = carry_out(index, slot.change, pins)
    table = pins_file_of(case)
    _write(snapshot, schedule, summary, asked.out, asked.documents)
    if table is not None and pins != Repinning():
        write_pins(table, snapshot.fixed_pins)
    return table


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
        "lost_item_ids": list(slot.lost),
        "pin": {"enterprise_id": slot.pin.enterprise_id, "date": iso(slot.pin.day), "shift_id": slot.pin.shift_id},
    }


def _cost_text(cost: Score, lang: Lang) -> str:
    changed = [f"{name} {value:+d}" for name, value in cost.as_dict().items() if value]
    return ", ".join(changed) or _SAME.say(lang)


def _read(case: Path, folder: Path) -> tuple[MoveIndex, dict[str, Any]]:
    snapshot, [(schedule, summary)] = read_planned(case, (folder,))
    return MoveIndex(snapshot, schedule), summary


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what cannot be asked into a fault of the command line."""
    try:
        yield
    except BadMove as error:
        raise CommandError(error.text, **error.facts) from error


def _write(snapshot: PlanningSnapshot, schedule: Schedule, summary: Mapping[str, Any], out: Path, lang: Lang) -> None:
    """Write a draft with its terms; it is simulated again where the schedule before it was."""
    from scheduler.export.bundle import write_outputs
    from scheduler.export.delay_rows import delay_summary
    from scheduler.export.summary import summary_after_move
    from scheduler.rules import check

    again = bool(summary.get("delay")) and not check(snapshot, schedule)
    delay = delay_summary(snapshot, schedule, int(summary.get("seed") or 1)) if again else None
    whole = summary_after_move(summary, snapshot, schedule, delay)
    write_outputs(out, snapshot, schedule, whole, formats=frozenset(), lang=lang, stamp=stamp())
