"""``onevisit show``: the visits of a schedule folder, day by day, with each authority's part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text as RichText

from api.failures import DONE
from api.folders import require_there
from api.shell import Shell, printable, say
from scheduler.domain.calendar import Calendar, CalendarKind
from scheduler.domain.policy import Policy, TravelRules, VisitRules
from scheduler.domain.schedule import JointVisit
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.plan_view import PlanView, view_of
from scheduler.export.wording import clock, crew_text, day_text, join, shift_text, weekday_text
from scheduler.texts import Lang, Text

_NONE = Text("没有符合条件的入企检查。", "No visit matches.")
_TOTAL = Text(
    "{visits:,} 次入企检查，{days:,} 个联合检查日，{crews:,} 个出动班次；未安排 {left:,} 项。",
    "{visits:,} visits on {days:,} joint inspection days, {crews:,} crew shifts; {left:,} items not served.",
)
_TOTAL_CHOSEN = Text("符合条件的入企检查 {visits:,} 次（共 {whole:,} 次）。", "{visits:,} of {whole:,} visits match.")
_DAY = Text("{day} {weekday}  {street}", "{weekday}, {day}  {street}")
_HEADER = (
    Text("班次", "Shift"),
    Text("时间", "Time"),
    Text("企业", "Enterprise"),
    Text("部门、班组与时间", "Authorities, crews and times"),
    Text("事项", "Items"),
)
_PART = Text("{authority} {span} {crews}", "{authority} {span} {crews}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which visits to show; an empty field chooses all.

    Parameters
    ----------
    streets, enterprises, authorities : ids, names, or parts of names.
    day : day number.
    """

    streets: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    day: int | None = None

    @property
    def is_all(self) -> bool:
        """Say whether every visit is chosen."""
        return self == Choice()

    def takes(self, view: PlanView, visit: JointVisit) -> bool:
        """Say whether a visit is chosen."""
        authorities = [(a, view.authority(a)) for a in visit.authority_ids]
        return (
            (self.day is None or visit.day == self.day)
            and _names(self.streets, [(visit.street_id, view.street(visit.street_id))])
            and _names(self.enterprises, [(visit.enterprise_id, view.enterprise(visit.enterprise_id))])
            and _names(self.authorities, authorities)
        )


def _names(asked: Sequence[str], found: Sequence[tuple[str, str]]) -> bool:
    if not asked:
        return True
    wanted = [a.casefold() for a in asked]
    return any(w == key.casefold() or w in name.casefold() for key, name in found for w in wanted)


def show(shell: Shell, folder: Path, case: Path | None, choice: Choice) -> int:
    """Print the chosen visits of a schedule folder; names come from the case, ids stand in without it.

    Raises
    ------
    InvalidSchedule, InvalidCase : one of the two cannot be read.
    """
    from scheduler.export.folder import read_schedule_folder

    require_there((folder,) if case is None else (folder, case))
    snapshot = _nothing_known()
    if case is not None:
        from scheduler.intake.read import read_case

        snapshot = read_case(case).snapshot
    schedule, _ = read_schedule_folder(snapshot, folder)
    view = view_of(snapshot, schedule)
    num_shown = 0
    for (street_id, day), (visits, _crews) in view.days.items():
        chosen = [v for v in visits if choice.takes(view, v)]
        if chosen:
            num_shown += len(chosen)
            _show_day(shell, view, street_id, day, chosen)
    if not num_shown:
        say(shell, _NONE)
    elif choice.is_all:
        say(
            shell,
            _TOTAL,
            visits=num_shown,
            days=len(view.days),
            crews=len(schedule.crew_shifts),
            left=len(schedule.unserved),
        )
    else:
        say(shell, _TOTAL_CHOSEN, visits=num_shown, whole=len(schedule.visits))
    return DONE


def _show_day(shell: Shell, view: PlanView, street_id: str, day: int, visits: Sequence[JointVisit]) -> None:
    lang = shell.lang
    title = _DAY.say(lang, day=day_text(day, lang), weekday=weekday_text(day, lang), street=view.street(street_id))
    table = Table(box=box.SIMPLE, title=RichText(printable(title), "bold"), title_justify="left")
    for n, text in enumerate(_HEADER):
        table.add_column(text.say(lang), no_wrap=n < 2, justify="right" if n == len(_HEADER) - 1 else "left")
    for visit in visits:
        table.add_row(
            printable(shift_text(visit.shift_id, lang)),
            f"{clock(visit.start)}–{clock(visit.end)}",
            printable(view.enterprise(visit.enterprise_id)),
            "\n".join(_parts(view, visit, lang)),
            str(len(visit.item_ids)),
        )
    shell.out.print(table)


def _parts(view: PlanView, visit: JointVisit, lang: Lang) -> list[str]:
    return [
        printable(
            _PART.say(
                lang,
                authority=view.authority(part.authority_id),
                span=part.span,
                crews=join([crew_text(n, lang) for n in part.crew_numbers], lang),
            )
        )
        for part in view.parts[visit.visit_id]
    ]


def _nothing_known() -> PlanningSnapshot:
    """Return a snapshot that knows no name, so that ids are shown as they are."""
    first = date.min.toordinal()
    return PlanningSnapshot(
        name="",
        calendar=Calendar(start=first, end=first, kind=CalendarKind.WEEKDAYS, days=(), shifts=()),
        policy=Policy(visit=VisitRules(), travel=TravelRules(), priority_weights=()),
        streets=(),
        authorities=(),
        enterprises=(),
        crew_pools=(),
        items=(),
    )
