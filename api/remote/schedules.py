"""Schedules of the service on this side: downloaded whole or not at all, and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from api.checking import show_judgement
from api.console import Display, display_of
from api.failures import DONE
from api.folders import require_writable
from api.interrupts import StopRequest
from api.remote.client import PIECE, Remote, path_of
from api.remote.packing import BAD_ARCHIVE, BadArchive, unpack
from api.results import files_of
from api.shell import Shell, path_text, say, write, write_json
from scheduler.texts import Lang, Text

_WORDS = (Text("按 Ctrl-C 放弃，不写入任何文件", "Ctrl-C gives up; nothing is written then"),) * 2
_FILES = Text("文件在 {path}：", "Files in {path}:")


def download(shell: Shell, remote: Remote, schedule_id: str, out: Path, formats: frozenset[str], lang: Lang) -> int:
    """Put a schedule folder in its place, in one step, and return the exit code.

    Parameters
    ----------
    lang : of the documents.

    Raises
    ------
    OutputRefused : the place holds what is not a schedule folder.
    BadArchive : what came is no sound schedule folder; nothing was written.
    """
    from scheduler.export.bundle import beside, check_output_folder, swap

    out = out.absolute()
    require_writable(out)
    check_output_folder(out)
    asked = ",".join(sorted(formats)) or "none"
    with beside(out) as aside:
        with display_of(shell, StopRequest(), words=_WORDS) as display:
            archive, new = aside / "schedule.zip", aside / "new"
            remote.download(
                path_of("schedules", schedule_id, "export"), archive, _teller(display), lang=lang, formats=asked
            )
            names = unpack(archive, new)
            _require_schedule(new)
        swap(new, out, aside / "old")
    if shell.as_json:
        write_json({"ok": True, "out": str(out), "files": sorted(names)})
        return DONE
    say(shell, _FILES, path=path_text(out))
    for text, said, count in files_of(out):
        write(shell.out, "  " + text.say(shell.lang, names=said, count=count))
    return DONE


def _teller(display: Display) -> Any:
    display.stage("download")
    return lambda done, size: display.told("download", done // PIECE, max(size, done) // PIECE)


def _require_schedule(folder: Path) -> None:
    try:
        found = json.loads((folder / "summary.json").read_text("utf-8"))["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        found = ""
    if not str(found).startswith("onevisit-schedule/"):
        raise BadArchive(BAD_ARCHIVE, why="no schedule folder")


def check(shell: Shell, remote: Remote, schedule_id: str) -> int:
    """Have a schedule checked by every rule, and show what it breaks; return the exit code."""
    summary = remote.get(path_of("schedules", schedule_id))["summary"]
    found = remote.get(path_of("schedules", schedule_id, "check"))
    return show_judgement(shell, found["violations"], found["num_violations"], found["terms"], summary)
