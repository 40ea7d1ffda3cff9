"""One rule, one code: every code is in the model page, at its checker, where it is enforced, and in its tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scheduler.domain.schedule import TERMS
from scheduler.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
CODES = [rule.code for rule in RULES]
ENFORCED_IN = ("solver", "scheduler/planning", "scheduler/availability.py", "scheduler/explain")


def rows_of(page: str, code: str) -> list[list[str]]:
    """Return the cells of the page's table rows that begin with a code."""
    lines = (line for line in page.splitlines() if line.startswith(f"| {code} |"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def sources(*places: str) -> tuple[str, ...]:
    paths: list[Path] = []
    for place in places:
        path = ROOT / place
        paths += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return tuple(path.read_text(encoding="utf-8") for path in paths)


def mentions(code: str, text: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9]){code}(?![0-9])", text, re.IGNORECASE) is not None


@cache
def said_by_tests() -> str:
    """Return the names (with spaces for underscores) and docstrings of all tests."""
    return "\n".join(said for source in sources("tests") for said in _tests_of(source))


def _tests_of(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name.replace("_", " ")
            yield ast.get_docstring(node) or ""


@pytest.mark.parametrize("code", CODES)
def test_a_rule_has_one_row_in_the_model_page_under_its_name(code):
    rows = rows_of((ROOT / "docs/model.md").read_text(encoding="utf-8"), code)
    names = [rule.name.en for rule in RULES if rule.code == code]
    assert [row[1] for row in rows] == names
    assert all(len(row) == 4 and all(row) for row in rows)


@pytest.mark.parametrize("code", CODES)
def test_a_rule_has_one_checker_that_names_it(code):
    (rule,) = (r for r in RULES if r.code == code)
    assert mentions(code, rule.find.__doc__ or "")
    assert sum(text.count(f'"{code}"') for text in sources("scheduler/rules")) == 1


@pytest.mark.parametrize("code", CODES)
def test_a_rule_is_named_where_it_is_enforced(code):
    assert any(mentions(code, text) for text in sources(*ENFORCED_IN))


@pytest.mark.parametrize("code", CODES)
def test_a_rule_is_named_by_a_test(code):
    assert mentions(code, said_by_tests())


def test_the_model_page_has_no_rule_that_is_not_checked():
    page = (ROOT / "docs/model.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (R\d+) \|", page, re.MULTILINE) == CODES


def test_the_model_page_has_the_terms_in_the_order_of_the_tiers_and_that_of_homes():
    page = (ROOT / "docs/model.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (T\d+) \| `(\w+)` \|", page, re.MULTILINE) == [
        *((f"T{n:02d}", term) for n, term in enumerate(TERMS, 1)),
        ("T06", "moved_published"),
    ]
