"""``onevisit outline``: a long horizon in, the period of every item and the near period's case out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import clock, machine
from api.failures import DONE, CommandError
from api.folders import require_there, require_writable
from api.reading import read_planned
from api.shell import Shell, say, write_json
from scheduler.domain.calendar import Period
from scheduler.texts import Text

if TYPE_CHECKING:
    from scheduler.domain.snapshot import PlanningSnapshot

_TOLD = Text(
    "{items:,} 项中 {left:,} 项未排入任何周期（其中 {impossible:,} 项任何日期都不可行），"
    "权重 {weight:,}；入企 {doors:,} 次。",
    "{left:,} of {items:,} items have no period ({impossible:,} of them could never be served), weight {weight:,}; "
    "{doors:,} visits.",
)
_PERIOD = Text(
    "  {period}（{first} 至 {last}）：{items:,} 项，班组时间占用 {share:.0%}",
    "  {period} ({first} to {last}): {items:,} items, {share:.0%} of the crews' minutes",
)
_WRITTEN = Text(
    "已写入 {out}：outline.csv、loads.csv；请用 onevisit solve {out}/near 细排最近一期",
    "Written to {out}: outline.csv, loads.csv; plan the near period with onevisit solve {out}/near",
)
_TOGETHER = Text("--plan 与 --today 须同时给出", "--plan and --today go together")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineRequest:
    """What to outline.

    Parameters
    ----------
    plan, events, today : what has been carried out so far, as `onevisit replan` takes it; all ``None`` at the start.
    share : part of all crew minutes that is work at enterprises; the usual one when ``None``.
    """

    case: Path
    by: Period
    out: Path
    plan: Path | None
    events: Path | None
    today: int | None
    share: float | None


def outline(shell: Shell, request: OutlineRequest) -> int:
    """Outline, write and show; return the exit code.

    Raises
    ------
    OnevisitError, OSError : the case, the plan, the events or the output is wrong; nothing was written then.
    """
    from dataclasses import replace

    from scheduler.export.outlined import check_outlined_folder, outline_values, write_outlined
    from scheduler.outline.build import BadOutline
    from scheduler.outline.near import near_case
    from scheduler.outline.outline import USUAL, make_outline

    if (request.plan is None) != (request.today is None):
        raise CommandError(_TOGETHER)
    require_writable(request.out)
    check_outlined_folder(request.out)
    snapshot = _read(request)
    began = clock.seconds()
    allowance = USUAL if request.share is None else replace(USUAL, share=request.share)
    try:
        found = make_outline(snapshot, request.by, allowance)
    except BadOutline as error:
        raise CommandError(error.text, **error.facts) from error
    values = {
        **outline_values(found, request.by),
        "num_items": len(snapshot.items),
        "wall_s": round(clock.seconds() - began, 3),
        "peak_mb": machine.peak_mb(),
        "versions": machine.versions(),
    }
    near = near_case(snapshot, found)
    write_outlined(request.out, found, request.by, values, snapshot, near, with_rest=request.plan is not None)
    if shell.as_json:
        write_json({**values, "out": str(request.out.absolute())})
        return DONE
    _show(shell, values, request.out)
    return DONE


def _read(request: OutlineRequest) -> PlanningSnapshot:
    """Return the case as it is on the date that is asked for."""
    if request.plan is None or request.today is None:
        snapshot, _ = read_planned(request.case, ())
        return snapshot
    from scheduler.intake.events import read_events
    from scheduler.replan.carry import carry
    from scheduler.replan.events import BadEvents
    from scheduler.replan.faults import faults_of

    snapshot, [(published, _)] = read_planned(request.case, (request.plan,))
    if request.events is None:
        if faults := faults_of(snapshot, published, (), request.today):
            raise BadEvents(faults)
        return carry(snapshot, published, (), request.today).snapshot
    require_there((request.events,))
    data, workbook = request.events.read_bytes(), request.events.suffix.lower() == ".xlsx"
    events = read_events(data, snapshot, published, request.today, workbook=workbook)
    return carry(snapshot, published, events, request.today).snapshot


def _show(shell: Shell, values: dict[str, Any], out: Path) -> None:
    served = sum(p["items"] for p in values["periods"])
    say(
        shell,
        _TOLD,
        items=values["num_items"],
        left=values["num_items"] - served,
        impossible=values["impossible"],
        weight=values["unserved_weight"],
        doors=values["doors"],
    )
    for p in values["periods"]:
        say(shell, _PERIOD, **p, share=p["asked_min"] / p["there_min"] if p["there_min"] else 0.0)
    say(shell, _WRITTEN, out=out)
