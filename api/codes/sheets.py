"""Codes as pictures (QR) and as sheets for the wall (PDF, A5): the enterprise's name, its code, what it is for."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import noto_cjk_sans_otc
import segno
import typst

from api.codes.service import Coded
from scheduler.texts import Lang, Text

ERROR_CORRECTION = "q"
"""A quarter of a code may be scratched off."""
_TEMPLATE = Path(__file__).with_name("codesheet.typ")
_WORDS = {
    "title": Text("行政执法监督码", "Supervision code"),
    "scan": Text("检查人员入企前须扫码", "Officers scan it before they enter"),
    "rights": Text(
        "未出示执法证件、未扫码的检查，企业有权拒绝；扫码可查询、评价、投诉",
        "You may refuse officers who show no certificate or do not scan; scan it to look up, rate or complain",
    ),
    "serial": Text("第 {serial} 号码", "code no. {serial}"),
}


def address_of(base: str, token: str) -> str:
    """Return the address that a code holds: ``e…`` of an enterprise, ``o…`` of an officer."""
    return f"{base.rstrip('/')}/{'c' if token.startswith('e') else 'o'}/{token}"


def qr_svg(text: str) -> bytes:
    """Return a QR code as an SVG picture that fills its place."""
    out = io.BytesIO()
    code = segno.make(text, error=ERROR_CORRECTION, micro=False)
    code.save(out, kind="svg", scale=1, border=4, xmldecl=False, omitsize=True, dark="#000", light="#fff")
    return out.getvalue()


def sheets_pdf(codes: Sequence[Coded], base: str, lang: Lang, stamp: datetime) -> bytes:
    """Return one sheet for every code, in their order."""
    sheets = [
        {
            "name": c.name,
            "id": c.enterprise_id,
            "serial": _WORDS["serial"].say(lang, serial=c.serial),
            "qr": qr_svg(address_of(base, c.token)).decode(),
        }
        for c in codes
    ]
    data = {"lang": lang, "words": {k: t.say(lang) for k, t in _WORDS.items() if k != "serial"}, "sheets": sheets}
    compiler = typst.Compiler(
        font_paths=[str(Path(noto_cjk_sans_otc.FONT_PATH).parent)], ignore_system_fonts=True, root=str(_TEMPLATE.parent)
    )
    pdf = compiler.compile(
        input=str(_TEMPLATE),
        format="pdf",
        sys_inputs={"sheets": json.dumps(data, ensure_ascii=False)},
        timestamp=int(stamp.timestamp()),
        pdf_tags=False,
    )
    assert isinstance(pdf, bytes)
    return pdf
