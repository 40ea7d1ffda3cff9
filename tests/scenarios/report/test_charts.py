from __future__ import annotations

import io
import warnings
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scenarios.comparison import Cell
from scenarios.report.bars import bars
from scenarios.report.canvas import columns_of, drawable, png_of, svg_of, wrapped
from scenarios.report.charts import charts_of
from scenarios.report.wording import KEY_METRICS
from scheduler.texts import Lang, Text
from tests.scenarios.report.sample import METRICS, sample_comparison

SMALL = sample_comparison(8, 4, 3)
DOORS = METRICS[1]
HOSTILE_METRIC = METRICS[-1]
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_key_metric_has_a_chart_then_the_front_then_heat_maps(lang: Lang) -> None:
    names = [chart.name for chart in charts_of(SMALL, lang, ["s01"])]
    assert names == [*(f"bars-{name}" for name in KEY_METRICS), "front", "weeks-01-s01"]


def test_a_heat_map_of_no_scenario_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(ValueError, match="no scenario of the comparison: s99"):
        next(charts_of(SMALL, "zh", ["s01", "s99"]))


def test_a_heat_map_asked_for_twice_is_drawn_once() -> None:
    assert [c.name for c in charts_of(SMALL, "zh", ["s02", "s01", "s02"])][-2:] == ["weeks-02-s02", "weeks-01-s01"]


def test_svg_is_well_formed_has_no_text_to_lay_out_and_is_the_same_twice() -> None:
    for first, second in zip(charts_of(SMALL, "zh"), charts_of(SMALL, "zh"), strict=True):
        text = svg_of(first)
        assert text == svg_of(second) == svg_of(first)
        root = ET.fromstring(text)
        assert root.find(f"{SVG}title").text == first.title.zh  # type: ignore[union-attr]
        assert not list(root.iter(f"{SVG}text"))
        assert "<metadata" not in text
        assert "<!--" not in text


def test_every_reference_in_an_svg_leads_to_one_of_its_ids() -> None:
    for chart in charts_of(SMALL, "en"):
        root = ET.fromstring(svg_of(chart))
        ids = [e.get("id") for e in root.iter() if e.get("id")]
        assert len(set(ids)) == len(ids)
        links = {e.get(LINK, "")[1:] for e in root.iter() if e.get(LINK)}
        clips = {e.get("clip-path", "")[5:-1] for e in root.iter() if e.get("clip-path")}
        assert links | clips == set(ids)


def test_ids_of_charts_and_languages_never_meet() -> None:
    charts = [*charts_of(SMALL, "zh"), *charts_of(SMALL, "en")]
    seen: set[str] = set()
    for chart in charts:
        ids = {e.get("id", "") for e in ET.fromstring(svg_of(chart)).iter() if e.get("id")}
        assert ids
        assert not ids & seen
        seen |= ids


def test_png_opens_and_is_the_same_twice() -> None:
    chart = bars(SMALL, DOORS, "zh")
    data = png_of(chart)
    assert data == png_of(bars(SMALL, DOORS, "zh"))
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.width == 1650
        assert "Software" not in image.info
        assert len(image.convert("RGB").getcolors(1 << 24) or []) > 10


def test_charts_grow_with_the_scenarios() -> None:
    low, high = (bars(sample_comparison(n, 1, 1), DOORS, "zh").figure.get_size_inches()[1] for n in (2, 25))
    assert high - low == pytest.approx(23 * 0.36)


def test_settings_of_the_process_stay_as_they_are_and_threads_draw_the_same() -> None:
    before = dict(mpl.rcParams)
    alone = svg_of(bars(SMALL, DOORS, "zh"))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: svg_of(bars(SMALL, DOORS, "zh")), range(6)))
    assert set(found) == {alone}
    assert dict(mpl.rcParams) == before


def test_hostile_names_are_drawn_as_they_stand_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = svg_of(bars(SMALL, HOSTILE_METRIC, "en"))
        png_of(bars(SMALL, HOSTILE_METRIC, "zh"))
    ET.fromstring(text)
    assert "<script" not in text


@settings(max_examples=15)
@given(title=st.text(max_size=50))
def test_any_title_is_drawn_into_a_sound_svg(title: str) -> None:
    one = sample_comparison(1, 1, 1)
    titled = replace(one, columns=(one.columns[0], replace(one.columns[1], title=Text(title, title))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ET.fromstring(svg_of(bars(titled, DOORS, "zh")))


def test_characters_that_the_font_lacks_become_boxes() -> None:
    assert drawable("街道😀") == "街道□"


def test_a_metric_without_any_value_still_has_its_chart() -> None:
    cells = {key: Cell(value=None) if key[0] == "doors" else cell for key, cell in SMALL.cells.items()}
    chart = bars(replace(SMALL, cells=cells), DOORS, "en")
    assert "the base is –" in chart.alt.en
    ET.fromstring(svg_of(chart))


def test_bars_tell_base_and_range_to_those_who_do_not_see_them() -> None:
    values = [SMALL.cell("doors", c.name).value or 0 for c in SMALL.columns]
    alt = bars(SMALL, DOORS, "zh").alt.zh
    assert f"基准为 {values[0]:,.0f}，各方案从 {min(values):,.0f} 到 {max(values):,.0f}" in alt


@given(text=st.text("街道 ab1（）", max_size=60), width=st.integers(4, 30), lines=st.integers(1, 3))
def test_wrapped_lines_are_never_wider_nor_more_than_asked(text: str, width: int, lines: int) -> None:
    found = wrapped(text, width, lines).split("\n")
    assert len(found) <= lines
    assert all(columns_of(line) <= width for line in found)
    if columns_of(text) <= width:
        assert found == [text.strip() if text.startswith(" ") else text.rstrip()]
