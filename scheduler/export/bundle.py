"""Everything that a run hands over, written aside and then renamed: an output folder is whole or not there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter.exceptions import XlsxWriterException

from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import OnevisitError
from scheduler.export.daysheets import write_day_sheets
from scheduler.export.folder import write_schedule_folder
from scheduler.export.icalendar import DEFAULT_TIMEZONE, write_calendars
from scheduler.export.plan_view import view_of
from scheduler.export.workbook import write_workbook
from scheduler.texts import Lang, Text

OUTPUT_FORMATS = ("xlsx", "ics", "pdf")
"""What may be asked for besides the schedule folder, which is always written."""

WORKBOOK, CALENDARS, DAY_SHEETS = "schedule.xlsx", "calendar", "daysheets"
_OURS = {
    "visits.csv", "crew_shifts.csv", "stops.csv", "unserved.csv", "summary.json", WORKBOOK, CALENDARS, DAY_SHEETS,
}  # fmt: skip
_LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}

_NO_FOLDER = Text("{path} 不是文件夹", "{path} is not a folder")
_NOT_OURS = Text(
    "文件夹 {path} 已存在，且不是由本软件生成的排程文件夹；请换一个文件夹",
    "the folder {path} exists and is not a schedule folder made here; choose another",
)
_OTHER_FILES = Text(
    "文件夹 {path} 中有其他文件（{names}）；请移走，或换一个文件夹",
    "the folder {path} holds other files ({names}); move them away or choose another folder",
)
_UNKNOWN_FORMAT = Text("未知的输出格式 {names}", "unknown output format {names}")
_FOREIGN = Text(
    "{path} 中有其他文件（{names}）；请换一个文件夹", "{path} holds other files ({names}); choose another folder"
)
_FAILED = Text("无法写入 {path}：{why}", "cannot write {path}: {why}")


class OutputRefused(OnevisitError):
    """The output folder is not one that may be replaced, or a format is unknown; `text` says so in both languages."""

    code = "output_refused"

    def __init__(self, text: tuple[str, str]) -> None:
        self.text = text
        super().__init__(text[1])


class OutputFailed(OnevisitError):
    """The system did not let the output be written (no room, no right); `text` says so in both languages."""

    code = "output_failed"

    def __init__(self, text: tuple[str, str]) -> None:
        self.text = text
        super().__init__(text[1])


def check_output_folder(out: Path) -> None:
    """Say whether outputs may be written to a folder; call it before a long run.

    It may when it is absent, empty, or a schedule folder made here with nothing else in it.

    Raises
    ------
    OutputRefused : it holds what is not ours.
    """
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir():
        raise OutputRefused(_NO_FOLDER.filled(path=out))
    names = {path.name for path in out.iterdir()} - _LEFT_BY_SYSTEMS
    if not names:
        return
    if not _made_here(out / "summary.json"):
        raise OutputRefused(_NOT_OURS.filled(path=out))
    if names - _OURS:
        raise OutputRefused(_OTHER_FILES.filled(path=out, names=", ".join(sorted(names - _OURS)[:5])))


def write_outputs(
    out: Path,
    snapshot: PlanningSnapshot,
    schedule: Schedule,
    summary: Mapping[str, Any],
    *,
    formats: frozenset[str],
    lang: Lang,
    stamp: datetime,
    timezone: str = DEFAULT_TIMEZONE,
    told: Callable[[str, int, int], None] | None = None,
) -> None:
    """Write the schedule folder and what else is asked for; the folder appears whole, or stays as it was.

    The formats are some of :data:`OUTPUT_FORMATS`. `stamp` (with its zone) is the time written into files, never the
    clock. `told` is called with the stage (``folder``, ``xlsx``, ``ics``, ``pdf``), steps done and all steps.
    After a kill, a hidden folder ``.NAME.partial-…`` may be left beside the output; it can be deleted.

    Raises
    ------
    OutputRefused : the folder holds what is not ours, or a format is unknown.
    OutputFailed : the system did not let it be written.
    """
    unknown = formats - set(OUTPUT_FORMATS)
    if unknown:
        raise OutputRefused(_UNKNOWN_FORMAT.filled(names=", ".join(sorted(unknown))))
    out = out.resolve()
    check_output_folder(out)
    try:
        with beside(out) as aside:
            new = aside / "new"
            _write_all(new, snapshot, schedule, summary, formats, lang, stamp, timezone, told or _silent)
            swap(new, out, aside / "old")
    except (OSError, XlsxWriterException) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise OutputFailed(_FAILED.filled(path=out, why=why)) from error


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Make a hidden folder beside an output folder, on the same disk, there for as long as the block runs."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.partial-", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """Give a new folder that takes the place of an output folder when the block ends well; else that stays as it was.

    Raises
    ------
    OutputFailed : the system did not let it be written.
    """
    try:
        with beside(out) as aside:
            new = aside / "new"
            new.mkdir()
            yield new
            swap(new, out, aside / "old")
    except OSError as error:
        raise OutputFailed(_FAILED.filled(path=out, why=error.strerror or str(error))) from error


def require_ours(out: Path, names: Collection[str], optional: Collection[str] = ()) -> None:
    """Say whether a folder may be replaced: it is absent, empty, or has all of some names and no other but optional.

    Raises
    ------
    OutputRefused : it is a file, or holds what is not ours.
    """
    if not out.exists():
        return
    there = sorted(p.name for p in out.iterdir()) if out.is_dir() else [out.name]
    foreign = [n for n in there if n not in (*names, *optional)]
    if foreign or (there and not set(names) <= set(there)):
        raise OutputRefused(_FOREIGN.filled(path=out, names=", ".join(foreign or there)))


def _write_all(
    new: Path,
    snapshot: PlanningSnapshot,
    schedule: Schedule,
    summary: Mapping[str, Any],
    formats: frozenset[str],
    lang: Lang,
    stamp: datetime,
    timezone: str,
    told: Callable[[str, int, int], None],
) -> None:
    view = view_of(snapshot, schedule)
    write_schedule_folder(new, snapshot, schedule, summary, lang)
    told("folder", 1, 1)
    if "xlsx" in formats:
        write_workbook(new / WORKBOOK, view, summary, lang=lang, stamp=stamp)
        told("xlsx", 1, 1)
    if "ics" in formats:
        write_calendars(new / CALENDARS, view, lang=lang, stamp=stamp, timezone=timezone)
        told("ics", 1, 1)
    if "pdf" in formats:
        write_day_sheets(
            new / DAY_SHEETS, view, lang=lang, stamp=stamp, told=lambda done, whole: told("pdf", done, whole)
        )


def swap(new: Path, out: Path, old: Path) -> None:
    """Put a folder in the place of another, which goes to `old`, or back when that cannot be done."""
    try:
        if out.exists():
            out.rename(old)
        new.rename(out)
    except BaseException:  # an interrupt between the two must not lose what was there
        if old.exists() and not out.exists():
            old.rename(out)
        raise


def _made_here(summary: Path) -> bool:
    try:
        found = json.loads(summary.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and str(found.get("format", "")).startswith("onevisit-schedule/")


def _silent(stage: str, done: int, whole: int) -> None:
    """Tell nobody."""
