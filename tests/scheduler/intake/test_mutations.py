"""Random damage to a valid case: it is either still valid or refused with a report, never anything else."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import InvalidCase, Severity
from scheduler.intake.read import CaseRead, read_case, read_raw
from scheduler.intake.report import as_json, render_text
from scheduler.intake.tables import RawCase, raw_case
from tests.scheduler.intake.small_case import config, csv_text, tables, write_folder, write_workbook

NASTY_TEXTS = (
    *("", " ", "0", "-1", "1", "7", "1e9", "1e308", "nan", "inf", "-inf", "1_0", "٣", "½", "*", ";", "；", ";;"),
    *("S1", "D1", "E1", "E2", "FIRE", "AM", "all", "case", "必查", "=1+1", "#REF!", "true"),
    *("2026-10-20", "2026-02-30", "0001-01-01", "9999-12-31", "46307", "0.5", "24:00", "24:01", "00:00"),
    *("2026-10-12..2026-10-13", "monthly:1-31"),
)
NASTY = st.one_of(
    st.sampled_from(NASTY_TEXTS),
    st.text(max_size=12),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
)
CELLS = [(t, c, r) for t, columns in tables().items() for c, texts in columns.items() for r in range(len(texts))]
CONFIG_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.dates(),
        st.times(),
        st.datetimes(),
        NASTY,
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)
FILES = {f"{name}.csv": csv_text(table).encode() for name, table in tables().items()}


def _valid_or_refused(read: Any) -> None:
    """Assert that reading gives a snapshot with warnings only, or a report with an error in it that can be shown."""
    try:
        result: CaseRead = read()
        problems = result.warnings
        assert all(p.severity is Severity.WARNING for p in problems)
        result.snapshot.digest()
    except InvalidCase as refused:
        problems = refused.problems
        assert any(p.severity is Severity.ERROR for p in problems)
    for lang in ("zh", "en"):
        assert render_text(problems, lang)
    assert len(as_json(problems)) == len(problems)
    assert all(p.table and p.expected[0] and p.expected[1] for p in problems)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(CELLS), NASTY), min_size=1, max_size=6))
def test_any_text_in_any_cell_is_read_or_reported(changes: list[tuple[tuple[str, str, int], str]]) -> None:
    case = tables()
    for (table, column, row), text in changes:
        case[table][column][row] = text
    _valid_or_refused(lambda: read_raw(raw_case(config(), case)))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_any_value_at_any_key_is_read_or_reported(data: st.DataObject) -> None:
    c: dict[str, Any] = config()
    section = data.draw(st.sampled_from([*c, "coordinates"]))
    inner = c.get(section)
    if isinstance(inner, dict) and data.draw(st.booleans()):
        inner[data.draw(st.sampled_from([*inner, "new"]))] = data.draw(CONFIG_VALUES)
    elif isinstance(inner, list) and data.draw(st.booleans()):
        row = data.draw(st.sampled_from(inner))
        row[data.draw(st.sampled_from([*row, "new"]))] = data.draw(CONFIG_VALUES)
    else:
        c[section] = data.draw(CONFIG_VALUES)
    raw = RawCase(config=c, tables=raw_case({}, tables()).tables)
    _valid_or_refused(lambda: read_raw(raw))


def _damaged(data: st.DataObject, content: bytes) -> bytes:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        length = data.draw(st.integers(0, 40))
        kind = data.draw(st.sampled_from(["flip", "insert", "delete", "cut"]))
        if kind == "flip":
            content = content[:at] + data.draw(st.binary(max_size=3)) + content[at + 1 :]
        elif kind == "insert":
            content = (
                content[:at]
                + data.draw(st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b";", b"\xe4"]))
                + content[at:]
            )
        elif kind == "delete":
            content = content[:at] + content[at + length :]
        else:
            content = content[:at]
    return content


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.data())
def test_any_damage_to_the_bytes_of_a_file_is_read_or_reported(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write_folder(Path(name) / "case")
        path = folder / data.draw(st.sampled_from([*FILES, "case.toml"]))
        path.write_bytes(_damaged(data, path.read_bytes()))
        _valid_or_refused(lambda: read_case(folder))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_any_damage_to_a_part_of_a_workbook_is_read_or_reported(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = write_workbook(Path(name) / "case.xlsx")
        parts = {}
        with zipfile.ZipFile(path) as old:
            parts = {part: old.read(part) for part in old.namelist()}
        part = data.draw(st.sampled_from(sorted(parts)))
        parts[part] = _damaged(data, parts[part])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as new:
            for part, content in parts.items():
                new.writestr(part, content)
        path.write_bytes(out.getvalue())
        _valid_or_refused(lambda: read_case(path))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_any_damage_to_the_bytes_of_a_workbook_is_reported(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = write_workbook(Path(name) / "case.xlsx")
        path.write_bytes(_damaged(data, path.read_bytes()))
        _valid_or_refused(lambda: read_case(path))
