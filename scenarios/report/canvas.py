"""What every chart stands on: font, colours that colour-blind readers can tell apart, SVG and PNG without a date."""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

import noto_cjk_sans_otc
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontPath, FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator

from scenarios.report.wording import plain
from scheduler.texts import Lang, Text

# Okabe and Ito (2008): blue and vermilion are told apart with every kind of colour vision, and differ in grey.
INK, MUTED, LINE = "#1F2937", "#6B7280", "#D1D5DB"
BASE, BETTER, WORSE, NEITHER, EQUAL = "#4B5563", "#0072B2", "#D55E00", "#CC79A7", "#A3A8AF"
PALE = "#DDE1E6"
_SIMPLIFIED_CHINESE = 2  # position of "Noto Sans CJK SC" in the collection
_DPI = 150
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_INDENT = re.compile(r"\n\s*")
_ID = re.compile(r' id="([^"]*)"')
_GLYPH = re.compile(r'<path id="([^"]*)" (d="[^"]*" transform="scale\(0\.015625\)")/>\n?')
_REFERENCE = re.compile(r'(xlink:href="#|url\(#)([^")]*)')
_NAMESPACES = re.compile(r' xmlns(?::xlink)?="[^"]*"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawn figure.

    Parameters
    ----------
    name : of its files and of the ids in it; letters, digits, hyphens and underscores.
    title, alt : what it shows, and what it says to those who do not see it.
    lang : of the texts in the figure.
    """

    name: str
    title: Text
    alt: Text
    lang: Lang
    figure: Figure


def svg_of(chart: Chart) -> str:
    """Return a figure as an SVG document with texts as paths, the same for the same figure.

    Ids are numbered in order of appearance below a short hash of the chart's name and language, so that several charts
    stand in one page without meeting; ids without a reference, comments (which repeat texts) and metadata (which has
    a date) are taken out.
    """
    stream = io.StringIO()
    chart.figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = _COMMENT.sub("", _METADATA.sub("", stream.getvalue()))
    text = _INDENT.sub("\n", text[text.index("<svg") :])
    prefix = "c" + hashlib.sha256(f"{chart.name} {chart.lang}".encode()).hexdigest()[:6]
    wanted = dict.fromkeys(m[2] for m in _REFERENCE.finditer(text))
    ids = {old: f"{prefix}-{n}" for n, old in enumerate(wanted)}
    text = _ID.sub(lambda m: f' id="{ids[m[1]]}"' if m[1] in ids else "", text)
    text = _REFERENCE.sub(lambda m: m[1] + ids[m[2]], text)
    begin = text.index(">") + 1
    title = (
        f"<title>{escape(plain(chart.title, chart.lang))}</title>\n<desc>{escape(plain(chart.alt, chart.lang))}</desc>"
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text[:begin]}\n{title}{text[begin:]}'


def inline_svgs(documents: Sequence[str]) -> tuple[str, list[str]]:
    """Return documents of :func:`svg_of` as elements of an HTML page, after one element with the glyphs they share.

    They hold no declaration and no addresses, and are hidden from screen readers: their text alternative is the
    page's business, which also knows the language that is shown.
    """
    glyphs: dict[str, str] = {}
    drawn = [_inline(document, glyphs) for document in documents]
    return _sprite(glyphs), drawn


def _inline(document: str, glyphs: dict[str, str]) -> str:
    text = _NAMESPACES.sub("", document[document.index("<svg") :]).replace("xlink:href", "href")
    text = re.sub(r"\n<title>.*?</desc>", "", text, count=1, flags=re.DOTALL)
    moved: dict[str, str] = {}

    def move(glyph: re.Match[str]) -> str:
        moved[glyph[1]] = glyphs.setdefault(glyph[2], f"g{len(glyphs)}")
        return ""

    text = _GLYPH.sub(move, text)
    text = re.sub(r'href="#([^"]*)"', lambda m: f'href="#{moved.get(m[1], m[1])}"', text)
    return text.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _sprite(glyphs: dict[str, str]) -> str:
    paths = "\n".join(f'<path id="{name}" {outline}/>' for outline, name in glyphs.items())
    return f'<svg aria-hidden="true" focusable="false" width="0" height="0" class="glyphs"><defs>{paths}</defs></svg>'


def png_of(chart: Chart) -> bytes:
    """Return a figure as PNG, at 150 dots an inch."""
    stream = io.BytesIO()
    chart.figure.savefig(stream, format="png", dpi=_DPI, metadata={"Software": None, "Title": plain(chart.title, "en")})
    return stream.getvalue()


def font(size: float) -> FontProperties:
    """Return the font of all texts, Noto Sans CJK SC, in points."""
    return FontProperties(fname=FontPath(noto_cjk_sans_otc.FONT_PATH, _SIMPLIFIED_CHINESE), size=size)


def write(ax: Axes, x: float, y: float, text: str, size: float, **how: object) -> None:
    """Write a text of other people's: never as mathematics, and a box for what the font has no glyph for."""
    how.setdefault("color", INK)
    ax.text(x, y, drawable(text), fontproperties=font(size), parse_math=False, **how)  # type: ignore[arg-type]


def drawable(text: str) -> str:
    """Return a text with a box in place of every character that the font lacks."""
    return "".join(c if c == "\n" or ord(c) in _known() else "□" for c in text)


@cache
def _known() -> frozenset[int]:
    return frozenset(FT2Font(noto_cjk_sans_otc.FONT_PATH, face_index=_SIMPLIFIED_CHINESE).get_charmap())


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Return a text in at most so many lines of so many columns (a Chinese character takes two); cut with ``…``."""
    found: list[str] = [""]
    for position, character in enumerate(text):
        if columns_of(found[-1] + character) > width:
            if len(found) == lines:
                found[-1] = _cut(found[-1], width)
                break
            # A Latin word goes to the next line whole, where it does not fill one.
            head, gap, tail = found[-1].rpartition(" ")
            if gap and character != " " and columns_of(tail) < width // 2 and _latin(text[position - 1], character):
                found[-1] = head
                found.append(tail)
            else:
                found.append("")
        found[-1] += character if found[-1] or character != " " else ""
    return "\n".join(line.rstrip() for line in found)


def columns_of(text: str) -> int:
    """Return the width of a text in columns."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _cut(line: str, width: int) -> str:
    while columns_of(line) > width - 1:
        line = line[:-1]
    return line + "…"


def _latin(*characters: str) -> bool:
    return all(c.isascii() and c.isalnum() for c in characters)


def scale(ax: Axes, low: float, high: float, *, unit: str = "", upright: bool = False) -> None:
    """Give an axis limits and separated ticks in the chart's font; whole numbers where the range has enough."""
    locator = MaxNLocator(6, integer=high - low >= 4, min_n_ticks=2)
    ticks = [t for t in locator.tick_values(low, high) if low <= t <= high]
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    labels = [f"{t:,.{decimals}f}{unit}" for t in ticks]
    if upright:
        ax.set_ylim(low, high)
        ax.set_yticks(ticks, labels, fontproperties=font(8), color=MUTED, parse_math=False)
    else:
        ax.set_xlim(low, high)
        ax.set_xticks(ticks, labels, fontproperties=font(8), color=MUTED, parse_math=False)


def bare(ax: Axes, *kept: str) -> None:
    """Take away the frame of a plot but for some sides, and the marks of ticks."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in kept)
        spine.set_color(LINE)
    ax.tick_params(length=0)
    ax.set_axisbelow(True)
