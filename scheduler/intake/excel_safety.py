"""Looks into an .xlsx before it is read: size, corruption, and cells whose value a reader would miss.

calamine gives the cached value of a formula and nothing where there is none, and an empty cell for an error value;
both would pass as empty. It also makes room for every cell up to the farthest one, so that one cell in the last
corner of a sheet takes all memory. Hence this look at the sheets' XML.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Container
from dataclasses import dataclass
from xml.etree import ElementTree

from scheduler.intake.csv_tables import TableFault
from scheduler.intake.problems import problem

MAX_UNPACKED = 1 << 30
"""Bytes of all parts of a workbook, unpacked."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PIECE = 1 << 16
MAX_CELLS = 30_000_000
"""Cells of a sheet, from A1 to the farthest one."""
_MAX_INDEX = 8 << 20

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"

_FORMULA = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])?>\s*<(?:\w+:)?f\b(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>/]*>[^<]")
_INLINE = re.compile(rb"<(?:\w+:)?is\b")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*)>"
    rb"(?:(?:<(?:\w+:)?f\b[^<]*(?:</(?:\w+:)?f>)?)?\s*<(?:\w+:)?v>([^<]*)<)?"
)
_SUSPECT = (b"<f", b":f", b'"e"', b"'e'")  # far quicker to look for than the patterns
_EMPTY_TEXT = re.compile(rb"\bt=[\"']str[\"']")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,9})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br\s*=\s*[\"'](\d{1,9})[\"']")
# only cells beyond column Z or row 999,999: the other ones are many, and 26 columns of them are not too many cells
_FAR = re.compile(rb"\br\s*=\s*[\"'](?:([A-Za-z]{2,3})(\d{1,9})|([A-Za-z])(\d{7,9}))[\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenFault:
    """A cell that a reader would take for empty; `row` and `column` (from 0) are ``None`` when it does not say."""

    code: str
    row: int | None
    column: int | None
    value: str | None


def open_parts(data: bytes, name: str, max_unpacked: int | None = None) -> zipfile.ZipFile:
    """Return the parts of a workbook, whole and not too large, each there once.

    Parameters
    ----------
    max_unpacked : bytes of all parts; :data:`MAX_UNPACKED` when absent.

    Raises
    ------
    TableFault : no workbook, an old or locked one, damaged, ambiguous, or too large unpacked.
    """
    limit = MAX_UNPACKED if max_unpacked is None else max_unpacked
    if data[:4] == _OLD_OFFICE:
        raise _bad(name, "旧版 .xls 或加密文件，请另存为不加密的 .xlsx / an old .xls or locked: save it as .xlsx")
    try:
        parts = zipfile.ZipFile(io.BytesIO(data))
        infos = parts.infolist()
        if sum(i.file_size for i in infos) > limit:
            raise TableFault(problem("too_large", name, limit=f"{limit >> 20:,} MB"))
        # Readers differ in which part they take, and in how they read names.
        if len({i.filename.lower().replace("\\", "/").lstrip("/") for i in infos}) < len(infos):
            raise _bad(name, "两个部件同名 / two parts of one name")
        if any(i.compress_type not in _METHODS for i in infos):
            raise _bad(name, "压缩方式异常 / packed in an unusual way")
        broken = next((i.filename for i in infos if not _is_whole(data, parts, i)), None)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as fault:
        raise _bad(name, f"文件损坏或不完整 / damaged or cut short ({type(fault).__name__})") from None
    if broken is not None:
        raise _bad(name, f"文件损坏 / damaged ({broken})")
    return parts


def _is_whole(data: bytes, parts: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Say whether a part unpacks to just as many bytes as it says; Python's reader stops there, others go on."""
    parts.open(info).close()  # judges its header
    lengths = (data[info.header_offset + k : info.header_offset + k + 2] for k in (26, 28))
    start = info.header_offset + 30 + sum(int.from_bytes(length, "little") for length in lengths)
    packed = memoryview(data)[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        return len(packed) == info.file_size and zlib.crc32(packed) == info.CRC
    unpacker, crc, size = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
    for k in range(0, len(packed), _PIECE):
        rest: bytes | memoryview = packed[k : k + _PIECE]
        while rest and not unpacker.eof and size <= info.file_size:
            piece = unpacker.decompress(rest, _PIECE)
            rest, crc, size = unpacker.unconsumed_tail, zlib.crc32(piece, crc), size + len(piece)
    return unpacker.eof and size == info.file_size and crc == info.CRC


def _bad(name: str, detail: str) -> TableFault:
    return TableFault(problem("bad_workbook", name, detail=detail))


def sheet_parts(parts: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Return the part that holds each sheet, by the sheet's name.

    Raises
    ------
    TableFault : the workbook has no readable list of sheets.
    """
    try:
        book, links = (_xml(parts, p) for p in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError, ValueError) as fault:
        raise _bad(name, f"没有工作表目录 / no list of sheets ({type(fault).__name__})") from None
    target = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = {}
    for sheet in (e for e in book.iter() if e.tag.endswith("}sheet")):  # transitional and strict have other namespaces
        path = target.get(next((v for k, v in sheet.items() if k.endswith("}id")), None), "")
        sheets[sheet.get("name", "")] = path.lstrip("/") if path.startswith(("/", "xl/")) else f"xl/{path}"
    return {sheet: path for sheet, path in sheets.items() if path in parts.NameToInfo}


def _xml(parts: zipfile.ZipFile, path: str) -> ElementTree.Element:
    if parts.getinfo(path).file_size > _MAX_INDEX:
        raise ValueError(path)
    text = parts.read(path)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError(path)
    return ElementTree.fromstring(text)


def hidden_faults(xml: bytes) -> list[HiddenFault]:
    """Return the cells of a sheet with an error value, or with a formula without a cached value."""
    found: list[HiddenFault] = []
    if not any(mark in xml for mark in _SUSPECT):
        return found
    for cell in _ERROR.finditer(xml):
        found.append(_fault("error_value", cell[1], (cell[2] or b"#").decode("utf-8", "replace")))
    for cell in _FORMULA.finditer(xml):
        attributes = cell[1] or b""
        # a formula may give an empty text: Excel then writes the type and an empty value
        settled = _VALUE.search(cell[2]) or _INLINE.search(cell[2]) or _EMPTY_TEXT.search(attributes)
        if not settled and not _ERROR.match(cell[0]):
            formula = re.match(rb"[^>]*>([^<]*)<", cell[2])
            text = "=" + formula[1].decode("utf-8", "replace") if formula else None
            found.append(_fault("formula_without_value", attributes, text))
    return found


def _fault(code: str, attributes: bytes, value: str | None) -> HiddenFault:
    place = _PLACE.search(attributes)
    if not place:
        return HiddenFault(code=code, row=None, column=None, value=value)
    return HiddenFault(code=code, row=int(place[2]) - 1, column=_column_number(place[1]), value=value)


def refuse_far_cells(xml: bytes, sheet: str, max_rows: int | None = None) -> None:
    """Refuse a sheet whose cells reach too far.

    Raises
    ------
    TableFault : reading it would take more than :data:`MAX_CELLS` cells, or it has rows beyond `max_rows` and a header.
    """
    last_row, last_column = 1, 26
    for row in _ROW.finditer(xml):
        last_row = max(last_row, int(row[1]))
    for far in _FAR.finditer(xml):
        last_column = max(last_column, _column_number(far[1] or far[3]) + 1)
        last_row = max(last_row, int(far[2] or far[4]))
    if last_row * last_column > MAX_CELLS:
        raise TableFault(problem("too_large", sheet, value=f"{last_row} × {last_column}", limit=f"{MAX_CELLS:,} cells"))
    if max_rows is not None and last_row > max_rows + 1:
        raise TableFault(problem("too_large", sheet, value=last_row, limit=f"{max_rows:,} rows"))


def refuse_far_cells_elsewhere(parts: zipfile.ZipFile, known: Container[str], name: str) -> None:
    """Refuse the same in parts that no sheet is known to be in, as another reader may find a sheet there.

    Raises
    ------
    TableFault : reading one would take too many cells.
    """
    for info in parts.infolist():
        if info.filename not in known and info.filename.lower().endswith(".xml"):
            xml = parts.read(info)
            if b"sheetData" in xml:
                refuse_far_cells(xml, name)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0, as spreadsheets show them."""
    letters, left = "", column + 1
    while left:
        left, rest = divmod(left - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
