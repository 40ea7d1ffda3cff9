"""Day sheets as PDF (A4): the street's sheet of a joint day, followed by one sheet for each of its crew shifts.

There is one PDF for each street and date: ``STREET/YYYY-MM-DD.pdf``. A plan with more than :data:`MAX_DAY_FILES`
joint days gets one for each street and month instead (``STREET/YYYY-MM.pdf``), with the same sheets in order of date;
bookmarks lead to every sheet. Data reach typst as one JSON text and are never markup.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
import typst

from scheduler.export.daysheet_data import joint_day_sheets, words
from scheduler.export.file_names import file_stems
from scheduler.export.plan_view import JointDay, PlanView
from scheduler.texts import Lang

MAX_DAY_FILES = 1_000
"""Joint days above which sheets are grouped by street and month."""

_TEMPLATE = Path(__file__).with_name("daysheet.typ")


def write_day_sheets(
    folder: Path, view: PlanView, *, lang: Lang, stamp: datetime, told: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Write the day sheets of a plan into a folder and return the files in order of street and date.

    `stamp` is the date of creation in the files, never the clock; `told`, when given, is called with the number of
    files written and of all files.
    """
    groups = _groups(view)
    compiler = typst.Compiler(
        font_paths=[str(Path(noto_cjk_sans_otc.FONT_PATH).parent)], ignore_system_fonts=True, root=str(_TEMPLATE.parent)
    )
    files = []
    for path, keys in groups:
        sheets = [sheet for key in keys for sheet in joint_day_sheets(view, key, lang)]
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_pdf(compiler, sheets, view.snapshot.name, lang, stamp))
        files.append(target)
        if told is not None:
            told(len(files), len(groups))
    return files


def _groups(view: PlanView) -> list[tuple[Path, Sequence[JointDay]]]:
    monthly = len(view.days) > MAX_DAY_FILES
    stems = file_stems((key, view.street(key)) for key in {street_id for street_id, _ in view.days})
    groups: dict[Path, list[JointDay]] = defaultdict(list)
    for street_id, day in view.days:
        name = date.fromordinal(day).isoformat()
        groups[Path(stems[street_id]) / f"{name[:7] if monthly else name}.pdf"].append((street_id, day))
    return sorted(groups.items())


def _pdf(compiler: Any, sheets: list[dict[str, Any]], title: str, lang: Lang, stamp: datetime) -> bytes:
    data = {"title": title, "lang": lang, "words": words(lang), "sheets": sheets}
    inputs = {"sheets": json.dumps(data, ensure_ascii=False)}
    # Without tags for screen readers: the sheets are for paper, and tags make them four times larger.
    pdf = compiler.compile(
        input=str(_TEMPLATE), format="pdf", sys_inputs=inputs, timestamp=int(stamp.timestamp()), pdf_tags=False
    )
    assert isinstance(pdf, bytes)
    return pdf
