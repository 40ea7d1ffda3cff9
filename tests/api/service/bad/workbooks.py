"""Bad workbooks: damaged, crafted, or with cells that a reader would misread."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import openpyxl
import xlsxwriter

MB = 1 << 20
_SHEET, _BOOK, _STRINGS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
)
"""A billion laughs: ``&m;`` stands for 2 × 10¹² characters."""


def workbook(
    rows: Iterable[Sequence[str]], name: str = "items", touch: Callable[[Any], None] | None = None, **options: Any
) -> bytes:
    """Return a workbook with a sheet of text cells."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        sheet = book.add_worksheet(name)
        for n, row in enumerate(rows):
            for k, cell in enumerate(row):
                sheet.write_string(n, k, cell)
        if touch is not None:
            touch(sheet)
    return data.getvalue()


def rezip(data: bytes, change: Callable[[str, bytes], bytes | None], more: Mapping[str, bytes] | None = None) -> bytes:
    """Return an archive with its parts changed (``None``: left out) and more behind them."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.namelist():
            content = change(part, old.read(part))
            if content is not None:
                new.writestr(part, content)
        for part, content in (more or {}).items():
            new.writestr(part, content)
    return out.getvalue()


def bad_workbooks(head: Sequence[str], row: Sequence[str]) -> Mapping[str, Callable[[], bytes]]:
    """Return functions that make them, by name.

    Parameters
    ----------
    head, row : of a sound table.
    """
    good = workbook([head, row])

    def replaced(part: str, new: bytes | Callable[[bytes], bytes] | None) -> bytes:
        return rezip(good, lambda n, c: (new(c) if callable(new) else new) if n == part else c)

    def touched(touch: Callable[[Any], None]) -> bytes:
        return workbook([head, row], touch=touch)

    return {
        "nothing": lambda: b"",
        "a text": lambda: b"item_id,enterprise_id\n",
        "an old .xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
        "half of one": lambda: good[: len(good) // 2],
        "its last bytes missing": lambda: good[:-30],
        "bytes changed": lambda: good[:1500] + bytes(300) + good[1800:],
        "an empty archive": lambda: rezip(good, lambda n, c: None),
        "another archive": lambda: rezip(good, lambda n, c: None, {"items.csv": b"a\n"}),
        "no list of sheets": lambda: replaced(_BOOK, None),
        "no links": lambda: replaced(_LINKS, None),
        "no sheet": lambda: replaced(_SHEET, None),
        "an empty list of sheets": lambda: replaced(_BOOK, lambda c: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", c)),
        "half a sheet": lambda: replaced(_SHEET, lambda c: c[: len(c) // 2]),
        "a sheet of JSON": lambda: replaced(_SHEET, b"{}"),
        "an empty sheet": lambda: workbook([]),
        "laughs in the list of sheets": lambda: replaced(_BOOK, _LAUGHS + b"<workbook>&m;</workbook>"),
        "laughs in texts": lambda: replaced(_STRINGS, _LAUGHS + b"<sst><si><t>&m;</t></si></sst>"),
        "laughs in a sheet": lambda: replaced(_SHEET, lambda c: _laughing(c)),
        "an external entity": lambda: replaced(
            _BOOK, b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'
        ),
        "a cell in the last corner": lambda: replaced(_SHEET, _far_cell),
        "a cell in the last corner, found elsewhere": lambda: _elsewhere(good),
        "a sheet twice": lambda: _twice(good, _SHEET),
        "a sheet twice but for capitals": lambda: _twice(good, "xl/worksheets/Sheet1.xml"),
        "a sheet twice but for slashes": lambda: _twice(good, "xl\\worksheets\\sheet1.xml"),
        "a sheet of 200 MB": lambda: replaced(
            _SHEET, lambda c: c.replace(b"</sheetData>", _blanks() + b"</sheetData>")
        ),
        "texts of 200 MB": lambda: replaced(_STRINGS, lambda c: c.replace(b"</sst>", _long_text() + b"</sst>")),
        "texts of 200 MB that say they are short": lambda: _lying(replaced(_STRINGS, _with_long_text), _STRINGS),
        "a part of 200 MB besides": lambda: rezip(good, lambda n, c: c, {"xl/media/a.png": bytes(200 * MB)}),
        "a formula without a value": lambda: _unsaved(good),
        "a formula that fails": lambda: touched(lambda s: s.write_formula(1, 0, "=1/0", None, "#DIV/0!")),
        "a formula whose value is one": lambda: touched(lambda s: s.write_formula(1, 0, '="="&"1+1"', None, "=1+1")),
        "merged cells": lambda: touched(lambda s: s.merge_range(2, 0, 3, 0, "X1")),
        "an id that lost digits": lambda: touched(lambda s: s.write_number(1, 0, 911100006000373417)),
        "a NUL in a cell": lambda: replaced(_STRINGS, lambda c: c.replace(f"<t>{row[0]}<".encode(), b"<t>_x0000_<")),
        "an id of 32,767 characters": lambda: workbook([head, ("x" * 32_767, *row[1:])]),
        "a column twice": lambda: workbook([(*head, head[0]), (*row, "X2")]),
    }


def _far_cell(xml: bytes) -> bytes:
    last = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    return xml.replace(b"</sheetData>", last)


def _laughing(xml: bytes) -> bytes:
    return _LAUGHS + xml.partition(b"?>")[2].replace(b'<c r="A2" t="s"><v>', b'<c r="A2" t="s"><v>&m;')


def _blanks() -> bytes:
    return b" " * (200 * MB)


def _long_text() -> bytes:
    return b"<si><t>" + b"x" * (200 * MB) + b"</t></si>"


def _with_long_text(xml: bytes) -> bytes:
    return xml.replace(b"</sst>", _long_text() + b"</sst>")


def _part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return parts.read(name)


def _elsewhere(good: bytes) -> bytes:
    """Return a workbook whose links lead readers to different parts: one is sound, one has a far cell."""
    sheet, links = _part(good, _SHEET), _part(good, _LINKS)
    changed = {_SHEET: _far_cell(sheet), _LINKS: links.replace(b'"worksheets', b'"xl/worksheets')}
    return rezip(good, lambda n, c: changed.get(n, c), {f"xl/{_SHEET}": sheet})


def _twice(good: bytes, name: str) -> bytes:
    """Return a workbook with two parts of one name, or of names that readers take for one; one has a far cell."""
    sound = _part(good, _SHEET)
    if name == _SHEET:
        return rezip(good, lambda n, c: _far_cell(c) if n == _SHEET else c, {name: sound})
    return rezip(good, lambda n, c: None if n == _SHEET else c, {name: _far_cell(sound), _SHEET: sound})


def _unsaved(good: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(good))
    book["items"]["A2"] = "=CONCATENATE(B2,1)"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _lying(data: bytes, part: str, size: int = 10) -> bytes:
    """Return an archive that says a part is short, with the check sum of as much of it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info, crc = archive.getinfo(part), zlib.crc32(archive.open(part).read(size))
    return lying(data, info, size, crc)


def lying(data: bytes, info: zipfile.ZipInfo, size: int, crc: int | None = None) -> bytes:
    """Return an archive whose headers state another size of an entry, and check sum."""
    out = bytearray(data)
    central = data.rindex(info.filename.encode(), info.header_offset + 31) - 46
    for place in (info.header_offset + 14, central + 16):
        if crc is not None:
            struct.pack_into("<I", out, place, crc)
        struct.pack_into("<I", out, place + 8, size)
    return bytes(out)
