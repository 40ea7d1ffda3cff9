"""docs/intake.md lists every name that is accepted and every code that is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.intake.columns import TABLES, VALUES
from scheduler.intake.config_sheets import CONFIG_SHEETS, KEY_ALIASES
from scheduler.intake.problems import CATALOGUE

LINES = (Path(__file__).resolve().parents[3] / "docs" / "intake.md").read_text(encoding="utf-8").splitlines()


def column_line(table: str, column: str) -> str:
    """Return the line of a column in the documentation."""
    c = next(c for c in TABLES[table].columns if c.name == column)
    return f"| `{table}` | `{c.name}` | {'yes' if c.required else ''} | {', '.join(c.aliases)} |"


def table_line(table: str) -> str:
    """Return the line of a table in the documentation."""
    t = TABLES[table]
    return f"| `{t.name}` | {'yes' if t.required else ''} | {', '.join(t.aliases)} |"


def code_line(code: str) -> str:
    """Return the line of a problem in the documentation."""
    e = CATALOGUE[code]
    return f"| `{code}` | {e.severity} | {e.expected.zh} | {e.expected.en} |"


def value_line(column: str, value: str) -> str:
    """Return the line of a value of an enumeration in the documentation."""
    return f"| `{column}` | `{value}` | {', '.join(a for a, v in VALUES[column].items() if v == value)} |"


def sheet_line(sheet: str) -> str:
    """Return the line of a configuration sheet in the documentation."""
    return f"| `{sheet}` | {', '.join(CONFIG_SHEETS[sheet])} |"


@pytest.mark.parametrize("table", list(TABLES))
def test_every_table_and_column_is_documented_with_its_aliases(table: str) -> None:
    assert table_line(table) in LINES
    for column in TABLES[table].columns:
        assert column_line(table, column.name) in LINES


@pytest.mark.parametrize("column", list(VALUES))
def test_every_value_is_documented_with_its_aliases(column: str) -> None:
    for value in dict.fromkeys(VALUES[column].values()):
        assert value_line(column, value) in LINES


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_is_documented(code: str) -> None:
    assert code_line(code) in LINES


def test_every_configuration_sheet_and_key_is_documented() -> None:
    for sheet in CONFIG_SHEETS:
        assert sheet_line(sheet) in LINES
    for alias, key in KEY_ALIASES.items():
        assert f"| `{key}` | {alias} |" in LINES


@pytest.mark.parametrize("table", list(TABLES))
def test_no_header_means_two_columns(table: str) -> None:
    names = [n for c in TABLES[table].columns for n in (c.name, *c.aliases)]
    assert len(names) == len(set(names))


def test_no_file_name_means_two_tables() -> None:
    names = [n for t in TABLES.values() for n in (t.name, *t.aliases)]
    names += [n for s, aliases in CONFIG_SHEETS.items() for n in (s, *aliases)]
    assert len(names) == len(set(names))
