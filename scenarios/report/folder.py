"""The folder of a report: the page, the workbook, the long table, the charts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from scenarios.comparison import Comparison
from scenarios.report.canvas import png_of
from scenarios.report.charts import draw_all
from scenarios.report.facts import figures_of
from scenarios.report.page import page_with
from scenarios.report.wording import one_line
from scenarios.report.workbook import write_workbook
from scheduler.intake.rows import is_formula
from scheduler.texts import Lang

PAGE, WORKBOOK, TABLE, CHARTS = "report.html", "comparison.xlsx", "comparison.csv", "charts"
TABLE_HEADER = ("metric", "scenario", "value", "least", "greatest", "bound", "difference", "mark")


def write_report(
    folder: Path, comparison: Comparison, lang: Lang, stamp: datetime, *, heat_maps: Sequence[str] | None = None
) -> list[Path]:
    """Write the report into a folder, which may exist, and return its files in the order in which people want them.

    Equal input gives equal bytes. The page has both languages, the other files are in `lang`.

    Parameters
    ----------
    stamp : date of creation in the workbook.
    heat_maps : names of the scenarios with a heat map; ``None`` for those laid out most unlike the base.
    """
    charts = folder / CHARTS
    charts.mkdir(parents=True, exist_ok=True)
    zh, en = (draw_all(comparison, at, heat_maps) for at in ("zh", "en"))
    page, workbook, table = folder / PAGE, folder / WORKBOOK, folder / TABLE
    page.write_bytes(page_with(comparison, lang, zh=zh, en=en).encode())
    write_workbook(workbook, comparison, lang, stamp)
    table.write_bytes(long_table(comparison).encode())
    files = [page, workbook, table]
    for drawing in zh if lang == "zh" else en:
        name = drawing.chart.name
        for path, data in ((f"{name}.svg", drawing.svg.encode()), (f"{name}.png", png_of(drawing.chart))):
            (charts / path).write_bytes(data)
            files.append(charts / path)
    return files


def long_table(comparison: Comparison) -> str:
    """Return every figure as CSV, a metric of a scenario in each row; what there is not is left blank.

    A name that a spreadsheet would take for a formula stands behind an apostrophe.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(TABLE_HEADER)
    for figure in figures_of(comparison):
        cell = figure.cell
        numbers = (cell.value, cell.least, cell.greatest, cell.bound, cell.difference)
        names = (_safe(figure.metric.name), _safe(figure.column.name))
        writer.writerow((*names, *("" if n is None else f"{n:.12g}" for n in numbers), cell.mark.value))
    return stream.getvalue()


def _safe(name: str) -> str:
    name = one_line(name)
    return f"'{name}" if is_formula(name) else name
