from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest

from scenarios.comparison import Mark
from scenarios.report.page import PRINTED_COLUMNS, render_page, shown_cell
from scenarios.report.wording import (
    MEANINGS,
    NO_RANKING,
    difference_text,
    key_metrics,
    mark_text,
    spread_text,
    value_text,
)
from scheduler.texts import Lang
from tests.scenarios.report.sample import HOSTILE, METRICS, sample_comparison

COMPARISON = sample_comparison(25, 3, 2)
SMALL = sample_comparison(2, 2, 2)
VOID = {"meta", "br", "link", "input", "img", "hr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None]
    children: list[Node | str] = field(default_factory=list)

    def all(self, tag: str, name: str = "") -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                if child.tag == tag and (not name or name in (child.attributes.get("class") or "").split()):
                    yield child
                yield from child.all(tag, name)

    def text(self, lang: str = "") -> str:
        """Text that a reader of a language sees."""
        parts = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif not lang or {"zh": "en", "en": "zh"}[lang] not in (child.attributes.get("class") or "").split():
                parts.append(child.text(lang))
        return " ".join(" ".join(parts).split())


class Tree(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root", {})
        self.open = [self.root]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    return render_page(COMPARISON, "zh", heat_maps=["s03"])


@pytest.fixture(scope="module")
def tree(page: str) -> Node:
    found = Tree(page)
    assert found.open == [found.root]
    return found.root


def every(node: Node) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Node):
            yield child
            yield from every(child)


def test_page_stands_alone(page: str, tree: Node) -> None:
    assert not re.search(r"https?:|//[a-z]|@import|\bsrc=", page)
    assert not re.search(r"url\((?!#)", page)
    tags = {node.tag for node in every(tree)}
    assert not tags & {"link", "img", "iframe", "object", "embed", "form", "base"}
    links = {node.attributes[k] for node in every(tree) for k in ("href", "xlink:href") if node.attributes.get(k)}
    assert all((link or "").startswith("#") for link in links)


def test_ids_are_unique_and_every_reference_leads_to_one(tree: Node) -> None:
    ids = [node.attributes["id"] for node in every(tree) if "id" in node.attributes]
    assert len(set(ids)) == len(ids)
    for node in every(tree):
        for name in ("aria-labelledby", "href"):
            if node.attributes.get(name):
                assert (node.attributes[name] or "").lstrip("#") in ids


def test_texts_of_users_are_escaped_in_cells_attributes_and_title(page: str, tree: Node) -> None:
    assert "<script>alert" not in page
    assert [node.tag for node in every(tree)].count("script") == 1
    assert f"7 {HOSTILE.zh}" in [th.text("zh") for th in tree.all("th")]
    assert next(tree.all("title")).text() == f"情景方案对比 – {COMPARISON.case_name}"
    hostile = replace(COMPARISON, case_name='"><img src=x onerror=alert(1)>', columns=SMALL.columns, metrics=())
    text = render_page(replace(hostile, cells={}), "en")
    assert "<img" not in text
    assert Tree(text).root is not None


def test_only_the_script_of_the_page_may_run(page: str, tree: Node) -> None:
    policy = next(node for node in tree.all("meta") if node.attributes.get("http-equiv"))
    assert "default-src 'none'" in (policy.attributes["content"] or "")
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'$", policy.attributes["content"] or "")
    assert not re.search(r"\son[a-z]+=", page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_script_the_page_shows_the_language_asked_for(lang: Lang) -> None:
    tree = Tree(render_page(SMALL, lang, heat_maps=[])).root
    html = next(tree.all("html"))
    assert html.attributes["data-lang"] == lang
    assert html.attributes["lang"] == {"zh": "zh-CN", "en": "en"}[lang]
    assert "hidden" in next(node for node in every(tree) if node.attributes.get("id") == "languages").attributes
    assert next(tree.all("h1")).text(lang) == {"zh": "情景方案对比", "en": "Comparison of scenarios"}[lang]


def test_every_text_has_both_languages(tree: Node) -> None:
    for node in every(tree):
        children = [c for c in node.children if isinstance(c, Node) and c.tag in ("span", "div")]
        classes = [c for child in children for c in (child.attributes.get("class") or "").split() if c in ("zh", "en")]
        assert classes.count("zh") == classes.count("en")
    heads = [h.text("en") for h in tree.all("h2")]
    assert heads == [
        "What was compared, and how", "Key figures", "Charts", "All figures", "What each scenario changes", "Notes",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_headline_cells_say_value_difference_and_mark(tree: Node, lang: Lang) -> None:
    table = next(tree.all("table", "headline"))
    rows = list(next(table.all("tbody")).all("tr"))
    assert len(rows) == len(COMPARISON.columns)
    for column, row in zip(COMPARISON.columns, rows, strict=True):
        for metric, td in zip(key_metrics(COMPARISON), row.all("td"), strict=True):
            cell = COMPARISON.cell(metric.name, column.name)
            assert td.text(lang).startswith(value_text(metric, cell.value))
            if cell.difference is None:
                continue
            told = f"{difference_text(metric, cell.difference, lang)} {mark_text(metric, cell, lang)}"
            assert td.text(lang).endswith(told)


def test_the_whole_table_has_every_metric_in_groups_and_every_scenario_as_a_column(tree: Node) -> None:
    table = next(node for node in tree.all("table", "whole") if node.attributes["id"] == "whole")
    heads = list(next(table.all("thead")).all("th"))
    assert len(heads) == 1 + len(COMPARISON.columns)
    rows = [row for row in table.all("tr") if row.attributes.get("class") != "group"][1:]
    assert [next(row.all("th")).text("zh").split(" ")[0].split("（")[0] for row in rows][:3] == [
        "未安排事项权重", "入企次数", "出动班组",
    ]  # fmt: skip
    for metric, row in zip(METRICS, rows, strict=True):
        values = [next(td.all("span", "value")).text() for td in row.all("td")]
        shown = [shown_cell(metric, COMPARISON.cell(metric.name, c.name)).value for c in COMPARISON.columns]
        assert values == shown
        for td, column in zip(row.all("td"), COMPARISON.columns, strict=True):
            cell = COMPARISON.cell(metric.name, column.name)
            expected = [f"({spread_text(metric, cell)})"] if spread_text(metric, cell) else []
            expected += [] if cell.bound is None else [f"≥ {value_text(metric, cell.bound)}"]
            assert [span.text() for span in td.all("span", "spread")] == expected


def test_printed_tables_hold_every_scenario_once_beside_the_base(tree: Node) -> None:
    paper = next(tree.all("div", "on-paper"))
    heads = [[th.text("zh") for th in next(t.all("thead")).all("th")] for t in paper.all("table")]
    assert all(2 < len(row) <= 2 + PRINTED_COLUMNS and row[1] == "基准方案" for row in heads)
    assert [title.split(" ")[0] for row in heads for title in row[2:]] == [str(k) for k in range(1, 26)]


def test_tables_and_charts_can_be_heard(tree: Node) -> None:
    for th in tree.all("th"):
        assert th.attributes.get("scope") in ("col", "row", "rowgroup")
    for region in tree.all("div", "scroll"):
        assert region.attributes["role"] == "region"
        assert region.attributes["tabindex"] == "0"
    pictures = list(tree.all("div", "picture"))
    assert len(pictures) == 2 * (len(key_metrics(COMPARISON)) + 2)
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        assert picture.attributes["aria-label"]
        assert next(picture.all("svg")).attributes["aria-hidden"] == "true"


def test_marks_changes_notes_and_caveats_are_told(tree: Node) -> None:
    texts = tree.text("zh")
    for mark in Mark:
        assert MEANINGS[mark].zh in texts
    assert NO_RANKING.zh in texts
    articles = list(tree.all("article"))
    assert len(articles) == len(COMPARISON.columns)
    for column, article in zip(COMPARISON.columns, articles, strict=True):
        assert [li.text("en") for li in article.all("li")] == [
            " ".join(edit.en.replace("\x07", " ").split()) for edit in column.edits
        ]
        assert all(note.zh in article.text("zh") for note in column.notes)
    facts = next(tree.all("dl", "facts")).text("en")
    for fact in (COMPARISON.case_name, COMPARISON.case_digest, "1, 2, 3 (the same", "20000", "ortools 9.15"):
        assert fact in facts


def test_equal_input_gives_the_same_page() -> None:
    assert render_page(SMALL, "zh") == render_page(SMALL, "zh")


def test_a_comparison_of_nothing_makes_a_page() -> None:
    none = sample_comparison(0, 0, 0)
    assert Tree(render_page(replace(none, metrics=(), cells={}), "en")).root is not None
