from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from scenarios.report.folder import TABLE_HEADER, long_table, write_report
from tests.scenarios.report.sample import METRICS, STAMP, sample_comparison

COMPARISON = sample_comparison(3, 2, 2)


def test_report_has_its_files_and_is_the_same_twice(tmp_path: Path) -> None:
    first = write_report(tmp_path / "a", COMPARISON, "zh", STAMP)
    second = write_report(tmp_path / "b", COMPARISON, "zh", STAMP)
    names = [path.relative_to(tmp_path / "a").as_posix() for path in first]
    assert names[:3] == ["report.html", "comparison.xlsx", "comparison.csv"]
    assert {"charts/bars-doors.svg", "charts/bars-doors.png", "charts/front.svg"} <= set(names)
    assert len([n for n in names if n.startswith("charts/weeks-")]) == 2 * 3
    assert sorted(path for path in (tmp_path / "a").rglob("*") if path.is_file()) == sorted(first)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    for path in first:
        if path.suffix == ".png":
            with Image.open(path) as image:
                image.verify()


def test_the_long_table_has_a_row_for_every_cell_and_blanks_for_what_there_is_not() -> None:
    header, *rows = csv.reader(io.StringIO(long_table(sample_comparison(5, 1, 1))))
    assert tuple(header) == TABLE_HEADER
    assert len(rows) == 6 * len(METRICS)
    found = {(row[0], row[1]): row[2:] for row in rows}
    assert found["gini", "s03"] == ["", "", "", "", "", "base"]
    cell = sample_comparison(5, 1, 1).cell("doors", "s01")
    assert [float(v) for v in found["doors", "s01"][:5]] == pytest.approx(
        [cell.value, cell.least, cell.greatest, cell.bound, cell.difference]
    )
    assert found["doors", "s01"][5] == cell.mark.value
    assert found["joint_rate", "base"][0] == "0.62"


def test_names_that_a_spreadsheet_would_take_for_formulas_stand_behind_an_apostrophe() -> None:
    metric = replace(METRICS[0], name="=1+1")
    column = replace(COMPARISON.columns[0], name="@base\n")
    one = replace(
        COMPARISON,
        metrics=(metric,),
        columns=(column,),
        cells={("=1+1", "@base\n"): COMPARISON.cell("doors", "base")},
    )
    assert long_table(one).splitlines()[1].startswith("'=1+1,'@base ,497,")
