"""Bad JSON bodies: no JSON, and wrong types and values in every field of every body."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any

from scheduler.intake.columns import ALL_TABLES, Column, Kind
from tests.api.service.bad.cases import Bad
from tests.api.service.samples import NEW
from tests.api.service.world import HORIZON, horizon, item, plan

JSON = {"Content-Type": "application/json"}
HUGE = 10**30
_KINDS: Mapping[Kind, tuple[Any, ...]] = {
    Kind.NUMBER: ("1", True, [1], {}, HUGE, -181.0, 1e308),
    Kind.WHOLE: ("1", True, [1], {}, HUGE, 0.5, -1),
    Kind.FLAG: ("true", 1, [True], {}),
    Kind.DATE: (20261008, True, [], {}, "2026-02-30", "0000-01-01", "9999-12-31", "soon", "2026-10-08T09:00:00Z"),
    Kind.CLOCK: (900, 0.5, [], {}, "25:00", "9am", "24:01", "09:00:30"),
    Kind.DATES: ("2026-10-08", 1, {}, [1], ["x"], ["2026-02-30"], [["2026-10-08"]], ["2026-10-08;2026-10-09"]),
    Kind.WEEKDAYS: ("1", 1, {}, ["1"], [0], [8], [1.5], [True], [HUGE]),
    Kind.TRIGGERS: ("case", 1, {}, [1], ["never"], ["case;campaign"], [None]),
    Kind.CODE: (91350100, [], "91350100M000100Y44", "X", "91350100M000100Y43" * 2),
    Kind.RULE: (1, [], "monthly:0-5", "monthly:5-1", "monthly:1-32", "2026-10-20..2026-10-19", "always"),
    Kind.CHOICE: (1, [], {}, "planet", "=1"),
    Kind.LETTER: (1, [], {}, "Z", "AA"),
    Kind.IDENT: (1, 0.5, True, [], {}, "a;b", "a\nb", "a\x07b", "a\u200bb", "a\u202eb", "=1+1", "@x", "+1", "x" * 201),
    Kind.AREA: (1, True, [], {}, "a;b", "a\tb", "=1+1", "x" * 201),
    Kind.TEXT: (1, True, [], {}, "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1+1", "\t=1", "\r=1", " =1", "x" * 2001),
}
"""Values that no field of a kind may hold."""


def syntax() -> Iterator[Bad]:
    """Yield bodies that are no sound JSON, sent to a register, a schema, and a body of several media types."""
    deep = 200_000
    texts: Mapping[str, Any] = {
        "nothing": b"",
        "blanks": b" \n\t",
        "cut short": b'{"district_id": "X1", "name": "x"',
        "more behind it": b'{"district_id": "X1", "name": "x"} x',
        "two values": b"{}{}",
        "single quotes": b"{'district_id': 'X1'}",
        "a comma too many": b'{"district_id": "X1",}',
        "a comment": b'{"district_id": "X1" /* x */}',
        "NaN": b'{"district_id": "X1", "name": NaN}',
        "Infinity": b'{"lon": Infinity}',
        "-Infinity": b'{"lon": -Infinity}',
        "a fraction beyond all": b'{"lon": 1e999}',
        "a number of 5000 digits": b'{"lon": ' + b"9" * 5000 + b"}",
        "a hexadecimal number": b'{"lon": 0x10}',
        "a number with a zero before it": b'{"lon": 01}',
        "lists in lists": b"[" * deep + b"]" * deep,
        "objects in objects": b'{"a":' * deep + b"1" + b"}" * deep,
        "deep within a field": b'{"district_id": "X1", "name": ' + b"[" * deep + b"]" * deep + b"}",
        "a key twice": b'{"district_id": "X1", "district_id": "X2", "name": "x"}',
        "a key twice, escaped once": b'{"district_id": "X1", "district\\u005fid": "X2", "name": "x"}',
        "a key twice further in": b'{"horizon_id": "X", "visit": {"overhead_min": 1, "overhead_min": 2}}',
        "half a character": b'{"district_id": "X1", "name": "\\ud800"}',
        "half a character in a key": b'{"district_id": "X1", "name": "x", "\\udc00": 1}',
        "an escaped NUL": b'{"district_id": "X1", "name": "a\\u0000"}',
        "a NUL": b'{"district_id": "X1", "name": "a\0"}',
        "a control character": b'{"district_id": "X1", "name": "a\x01"}',
        "UTF-16": '{"district_id": "X1", "name": "x"}'.encode("utf-16"),
        "UTF-16 without a mark": '{"district_id": "X1", "name": "x"}'.encode("utf-16-le"),
        "UTF-32": '{"district_id": "X1", "name": "x"}'.encode("utf-32"),
        "GB18030": '{"district_id": "X1", "name": "南山区"}'.encode("gb18030"),
        "Latin-1": '{"district_id": "X1", "name": "é"}'.encode("latin-1"),
        "UTF-8 cut within a character": '{"district_id": "X1", "name": "山'.encode()[:-1],
        "gzip": gzip.compress(b'{"district_id": "X1", "name": "x"}'),
        "700,000 keys": lambda: b'{"horizon_id": "X"%s}' % b"".join(b',"%x":0' % n for n in range(700_000)),
        "490,000 keys": lambda: b'{"horizon_id": "X"%s}' % b"".join(b',"%x":0' % n for n in range(490_000)),
        "a list of 2 million numbers": lambda: b'{"horizon_id": "X", "closed": [%s0]}' % (b"0," * 2_000_000),
        "a list of a million objects": lambda: (
            b'{"horizon_id": "X", "caps": [%s{}], "items": [%s{}]}' % (b"{}," * 1_000_000, b"{}," * 1_000_000)
        ),
        "a thousand keys": json.dumps({f"k{n}": n for n in range(1000)}).encode(),
    }
    for url in ("/districts", "/horizons", "/plans"):
        for name, body in texts.items():
            yield Bad(name=f"{url}: {name}", url=url, content=body, headers=JSON)
    coded = {**JSON, "Content-Encoding": "gzip"}
    yield Bad(name="/districts: gzip that says so", url="/districts", content=texts["gzip"], headers=coded)
    for name, value in (("null", None), ("a number", 1), ("a text", "x"), ("a list", []), ("an object", {})):
        for url in ("/districts", "/horizons", "/plans", "/runs", "/accounts"):
            yield Bad(name=f"{url}: {name}", url=url, content=json.dumps(value).encode(), headers=JSON)


def _sent(name: str, url: str, body: Any, method: str = "POST", **more: Any) -> Bad:
    text = json.dumps(body, ensure_ascii=False).encode()
    return Bad(name=f"{method} {url}: {name}", method=method, url=url, content=text, headers=JSON, **more)


def registers() -> Iterator[Bad]:
    """Yield a row of every register with one field wrong, in every way that its kind can be."""
    for table, row in NEW.items():
        for column in ALL_TABLES[table].columns:
            for value in _values(column):
                yield _in_field(table, {**row, column.name: value}, column.name, value)
            if column.required:
                less = {k: v for k, v in row.items() if k != column.name}
                yield _sent(f"no {column.name}", f"/{table}", less, status=422)
                yield _sent(f"{column.name} blank", f"/{table}", {**row, column.name: " "}, status=422)
        yield _sent("an unknown field", f"/{table}", {**row, "other": 1}, status=422, place=(table, 1, "other"))
        yield _sent("a version", f"/{table}", {**row, "version": 1}, status=422, place=(table, 1, "version"))
        yield _sent("a list of rows", f"/{table}", [row], status=422)
    yield from _references()


def _in_field(table: str, row: Mapping[str, Any], field: str, value: Any) -> Bad:
    shown = json.dumps(value)[:40]
    return _sent(f"{field} = {shown}", f"/{table}", row, status=422, place=(table, 1, field))


def _values(column: Column) -> tuple[Any, ...]:
    if column.kind is Kind.WHOLE and column.high is not None:
        return (*_KINDS[column.kind], int(column.high) + 1)
    return _KINDS[column.kind]


def _references() -> Iterator[Bad]:
    for table, field in (
        ("streets", "district_id"), ("enterprises", "street_id"), ("officers", "authority_id"),
        ("crews", "authority_id"), ("crews", "area_id"), ("history", "authority_id"), ("history", "enterprise_id"),
        ("pins", "enterprise_id"), ("shifts", "horizon_id"), ("caps", "horizon_id"), ("caps", "authority"),
    ):  # fmt: skip
        if (table, field) != ("history", "enterprise_id"):  # of an enterprise not known yet: a warning
            yield _in_field(table, {**NEW[table], field: "NOBODY"}, field, "NOBODY")
    yield _in_field("officers", {**NEW["officers"], "valid_to": "2020-01-01"}, "valid_to", "before valid_from")
    yield _in_field("enterprises", {**NEW["enterprises"], "open_to": "08:00"}, "open_to", "before open_from")
    yield _in_field("crews", {**NEW["crews"], "to": "2026-01-01"}, "to", "before from")
    yield _in_field("shifts", {**NEW["shifts"], "end": "17:00"}, "end", "before start")
    for table, key in (("districts", "D1"), ("streets", "S1"), ("authorities", "A1"), ("enterprises", "E1")):
        field = f"{table.removesuffix('s')}_id".replace("authoritie_id", "authority_id").replace("citie", "city")
        row = {**NEW[table], field: key}
        yield _sent("there already", f"/{table}", row, status=409, code="already_exists")
        yield _sent("another id than the address", f"/{table}/{key}", NEW[table], "PUT", status=409)
        yield _sent("of nobody", f"/{table}/NOBODY", NEW[table], "PUT", status=404)


_WRONG: Mapping[str, tuple[Any, ...]] = {
    "text": (None, 1, True, [], {}, ""),
    "formula": ("=1", "+1", "-1", "@x", "\t=1"),
    "date": (None, 20261001, [], {}, "", "2026-02-30", "2026-1-1", "9999-12-31", "today"),
    "whole": (None, "1", True, [], {}, -1, 0.5, HUGE, 10**6 + 1),
    "number": (None, "1", True, [], {}, -1, 0, HUGE),
    "flag": (None, "true", 1, 0, [], {}),
    "clock": (None, 900, [], "", "9:00", "24:30", "09:60"),
    "object": (None, 1, "x", [], True),
    "list": (None, 1, "x", {}, True),
    "choice": (None, 1, [], {}, "", "sometimes"),
}
_HORIZON: Mapping[str, tuple[str, ...]] = {
    "horizon_id": ("text", "formula"),
    "name": ("text", "formula"),
    "start": ("date",),
    "end": ("date",),
    "closing_date": ("date",),
    "calendar": ("choice",),
    "closed": ("list",),
    "open": ("list",),
    "visit": ("object",),
    "travel": ("object",),
    "street": ("object",),
    "priority": ("object",),
    "shifts": ("list",),
    "caps": ("list",),
}
_WITHIN: Mapping[str, Mapping[str, str]] = {
    "visit": {"overhead_min": "whole", "start_together": "flag", "stretch_min": "whole", "max_visit_min": "whole"},
    "travel": {"speed_kmh": "number", "detour": "number", "buffer_min": "whole"},
    "street": {"max_days": "whole", "max_visits": "whole"},
}


def schemas() -> Iterator[Bad]:
    """Yield bodies of horizons, accounts, keys, rules, runs, draws, approvals and withdrawals with one field wrong."""
    for field, kinds in _HORIZON.items():
        for value in (v for kind in kinds for v in _WRONG[kind]):
            yield _sent(f"{field} = {json.dumps(value)}", "/horizons", {**horizon("X"), field: value}, status=422)
    for section, fields in _WITHIN.items():
        for field, kind in fields.items():
            for value in _WRONG[kind]:
                body = horizon("X", **{section: {field: value}})
                yield _sent(f"{section}.{field} = {json.dumps(value)}", "/horizons", body, status=422)
    for name, more in _horizons().items():
        yield _sent(name, "/horizons", horizon("X", **more), status=422)
        if not {"shifts", "caps"} & set(more):
            body = {k: v for k, v in horizon("X", **more).items() if k not in ("horizon_id", "shifts", "caps")}
            yield _sent(name, f"/horizons/{HORIZON}", body, "PUT", status=422)
    for url, good, fields in _OTHERS:
        for field, values in fields.items():
            for value in values:
                shown = json.dumps(value)[:40]
                yield _sent(f"{field} = {shown}", url, {**good, field: value}, "PUT" if "rules" in url else "POST")
        yield _sent("an unknown field", url, {**good, "other": 1}, "PUT" if "rules" in url else "POST", status=422)


def _horizons() -> Mapping[str, Mapping[str, Any]]:
    shift = {"id": "AM", "start": "09:00", "end": "12:00"}
    cap = {"scope": "enterprise", "period": "year", "max_visits": 1}
    return {
        "it ends before it starts": {"end": "2026-09-30"},
        "it lasts a century": {"end": "2126-12-31"},
        "a closed date that is none": {"closed": ["2026-02-30"]},
        "a closed date that is a number": {"closed": [1]},
        "10,000 closed dates": {"closed": ["2026-10-01"] * 10_000},
        "no shifts": {"shifts": []},
        "25 shifts": {"shifts": [shift] * 25},
        "a shift twice": {"shifts": [shift, {**shift, "start": "13:00", "end": "14:00"}]},
        "shifts that overlap": {"shifts": [shift, {"id": "PM", "start": "11:00", "end": "14:00"}]},
        "a shift backwards": {"shifts": [{**shift, "end": "08:00"}]},
        "a shift that is a formula": {"shifts": [{**shift, "id": "=1+1"}]},
        "a shift with a list separator": {"shifts": [{**shift, "id": "A;B"}]},
        "a shift with a control character": {"shifts": [{**shift, "id": "A\nB"}]},
        "a cap of nobody's": {"caps": [{**cap, "scope": "everything"}]},
        "a cap of a period unknown": {"caps": [{**cap, "period": "fortnight"}]},
        "a cap below 0": {"caps": [{**cap, "max_visits": -1}]},
        "a cap of a class unknown": {"caps": [{**cap, "credit_class": "Z"}]},
        "2,001 caps": {"caps": [cap] * 2001},
        "no priorities": {"priority": {}},
        "a priority below 0": {"priority": {"normal": -1}},
        "a priority of text": {"priority": {"normal": "1"}},
        "51 priorities": {"priority": {f"p{n}": n for n in range(51)}},
        "a priority that is a formula": {"priority": {"=1+1": 1}},
    }


_ACCOUNT = {"name": "x", "role": "department", "authority_id": "A1"}
_RUN = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 10}}
_OTHERS: tuple[tuple[str, Mapping[str, Any], Mapping[str, tuple[Any, ...]]], ...] = (
    (
        "/accounts",
        _ACCOUNT,
        {
            "name": (*_WRONG["text"], "x" * 201),
            "role": (None, 1, "", "king", [], {}),
            "authority_id": (1, [], {}, "", "NOBODY", None),
            "street_ids": (None, "S1", {}, [1], [""], ["NOBODY"], ["S1"] * 1001),
            "subject": (1, [], "", " ", "a  b", "x" * 601, "a\nb"),
            "active": (None, "true", 1),
        },
    ),
    (
        "/accounts/planner/keys",
        {"label": "x"},
        {
            "label": (*_WRONG["text"], "x" * 201),
            "expires_at": (1, [], "", "2027-01-01", "2027-01-01T00:00:00", "2027-13-01T00:00:00Z", "soon"),
        },
    ),
    (
        "/alert-rules/mine",
        {"kind": "repeat", "days": 60},
        {
            "kind": (None, 1, "never", "crowd", "cap_used"),
            "days": (None, "60", 0, -1, 1.5, True, HUGE, 3661),
            "share": ("1", 0, -1, 11, True),
            "officers": ("1", 0, -1, 1.5, 10_001),
            "exempt_triggers": (None, "case", ["never"], [1], ["case"] * 5),
            "active": (None, "true", 1),
        },
    ),
    (
        "/runs",
        _RUN,
        {
            "horizon_id": (*_WRONG["text"], "NONE"),
            "level": (None, 1, "planet", []),
            "area_id": (1, [], {}, "NOBODY", None),
            "limits": (
                None, 1, [], {"time_s": 0}, {"time_s": -1}, {"time_s": "1"}, {"time_s": 1e9}, {"iterations": -1},
                {"iterations": 0.5}, {"iterations": HUGE}, {"seed": -1}, {"seed": 2**31}, {"seed": "x"}, {"other": 1},
            ),
            "with_before": (None, "true", 1),
        },
    ),
    (
        "/draws",
        {"kind": "officers", "purpose": "x", "horizon_id": HORIZON},
        {
            "kind": (*_WRONG["choice"], "teams"),
            "purpose": (*_WRONG["text"], *_WRONG["formula"], "x" * 501),
            "horizon_id": (*_WRONG["text"], "NONE"),
            "seed": ("00" * 32,),
        },
    ),
    (
        "/draws/none/officers",
        {"schedule_id": "none"},
        {
            "schedule_id": (*_WRONG["text"], "x" * 65),
            "public": (None, 1, [], "x" * 501),
            "absences": (*_WRONG["list"], [1], [[]], [{}] * 20_001),
            "recusals": (*_WRONG["list"], [None]),
            "past_teams": (*_WRONG["list"], ["P1"]),
        },
    ),
    (
        "/draws/none/targets",
        {"area_id": "S1", "authority_id": "A1", "strata": [{"ratio": 0.5}], "duration_min": 30},
        {
            "level": (None, 1, "planet", []),
            "area_id": (1, [], {}, "NOBODY"),
            "authority_id": (*_WRONG["text"], "NOBODY"),
            "strata": (*_WRONG["list"], [], [1], [{}], [{"ratio": 0}], [{"ratio": "half"}], [{"ratio": HUGE}]),
            "duration_min": (*_WRONG["whole"], 0, 1441),
            "earliest": ("2026-02-30", "2026-1-1", 20261001),
            "priority": (1, [], ""),
            "exclude_days": (None, -1, 0.5, 3661),
            "item_prefix": (1, "", "a;b", "=1", "x" * 61),
        },
    ),
    ("/plans/none/approval", {"approval_no": "1"}, {"approval_no": (*_WRONG["text"], *_WRONG["formula"], "x" * 101)}),
    ("/plans/none/withdrawal", {"reason": "x"}, {"reason": (*_WRONG["text"], *_WRONG["formula"], "x" * 501)}),
)  # fmt: skip


def plans() -> Iterator[Bad]:
    """Yield plans as JSON: wrong as a whole, wrong in one field of the second item, and items that do not fit."""
    for name, body in {
        "no items": plan([]),
        "items of text": {"horizon_id": HORIZON, "items": "X1"},
        "items of numbers": {"horizon_id": HORIZON, "items": [1, 2]},
        "items of lists": {"horizon_id": HORIZON, "items": [[], []]},
        "an item that is null": {"horizon_id": HORIZON, "items": [None]},
        "20,001 items": plan([item("X1")] * 20_001),
        "no horizon": {"items": [item("X1")]},
        "a horizon of numbers": plan([item("X1")], horizon_id=1),
        "a horizon unknown": plan([item("X1")], horizon_id="2099Q4"),
        "an authority unknown": plan([item("X1")], authority_id="NOBODY"),
        "another authority": plan([item("X1")], authority_id="A2"),
        "an authority that is a list": plan([item("X1")], authority_id=["A1"]),
        "a code too long": plan([item("X1")], code="x" * 51),
        "a code of numbers": plan([item("X1")], code=1),
        "an unknown field": plan([item("X1")], other=1),
    }.items():
        yield _sent(name, "/plans", body, who="department_a1")
    for column in ALL_TABLES["items"].columns:
        values = ("NOBODY", 1) if column.name == "priority" else _values(column)
        for value in (*values, *([None] if column.required and column.name != "authority_id" else [])):
            body = plan([item("X1"), {**item("X2"), column.name: value}])
            shown = f"items[1].{column.name} = {json.dumps(value)[:40]}"
            place = ("items", 2, column.name)
            yield _sent(shown, "/plans", body, who="department_a1", status=422, place=place)
    for name, more, field in (
        ("an enterprise unknown", {"enterprise_id": "NOBODY"}, "enterprise_id"),
        ("an item of another authority", {"authority_id": "A2"}, "authority_id"),
        ("dates the wrong way round", {"earliest": "2026-12-01", "latest": "2026-11-01"}, "latest"),
        ("an id twice", {"item_id": "X1"}, "item_id"),
        ("an unknown field of an item", {"other": 1}, "other"),
        ("a field of a case", {"version": 1}, "version"),
    ):
        body = plan([item("X1"), {**item("X2"), **more}])
        yield _sent(name, "/plans", body, who="department_a1", status=422, place=("items", 2, field))


def lived_through() -> Iterator[Bad]:
    """Yield outcomes, re-plannings and questions that cannot be; as JSON and, of outcomes, as files."""
    told = {"visit_id": "V1", "date": "2026-08-31", "outcome": "done"}
    for name, rows in {
        "of nobody's visit": [told],
        "20,001 of them": [told] * 20_001,
        "one twice": [told, told],
        "of numbers": [1],
        "of null": [None],
        "of lists": [[]],
        "no list": "x",
        "an unknown field": [{**told, "other": 1}],
        **{f"visit_id = {v!r}": [{**told, "visit_id": v}] for v in _WRONG["formula"]},
        **{f"left_items = {v!r}": [{**told, "left_items": v}] for v in _WRONG["formula"]},
        **{f"date = {v!r}": [{**told, "date": v}] for v in _WRONG["date"]},
        **{f"outcome = {v!r}": [{**told, "outcome": v}] for v in _WRONG["choice"]},
        **{f"minutes = {v!r}": [{**told, "minutes": v}] for v in ("1", True, [], {}, -1, 0, 0.5, HUGE)},
    }.items():
        yield _sent(name, "/outcomes", {"horizon_id": HORIZON, "outcomes": rows})
    yield _sent("another horizon", "/outcomes", {"horizon_id": "2099Q4", "outcomes": [told]}, status=404)
    head, row = b"visit_id,date,outcome\n", b"V1,2026-08-31,done\n"
    for name, content in {
        "nothing": b"",
        "a formula": head + b"=1+1,2026-08-31,done\n",
        "no text": b"\x89PNG\r\n\x1a\n\0\0",
        "20,001 rows": head + row * 20_001,
        "a row twice": head + row * 2,
    }.items():
        sent = {"headers": {"Content-Type": "text/csv"}, "params": {"horizon_id": HORIZON}}
        yield Bad(name=f"/outcomes as a file: {name}", url="/outcomes", content=content, **sent)
    area = {k: v for k, v in _RUN.items() if k != "limits"}
    wrong = {
        "from_date": _WRONG["date"][1:],
        "freeze_days": (*_WRONG["whole"], 367),
        "notice_days": (*_WRONG["whole"], 367),
        "limits": (None, 1, [], {"iterations": -1}, {"other": 1}),
        "horizon_id": (*_WRONG["text"], "2099Q4"),
        "level": (None, 1, [], "planet"),
        "area_id": (1, [], "NOBODY"),
        "other": (1,),
    }
    for field, values in wrong.items():
        for value in values:
            yield _sent(f"{field} = {json.dumps(value)[:40]}", "/runs/replan", {**area, field: value})
    yield _sent("nothing in force", "/runs/replan", area, status=404)
    for field, values in {
        "question": _WRONG["choice"],
        "item_id": _WRONG["text"],
        "iterations": _WRONG["whole"][:-1],
    }.items():
        for value in values:
            body = {"question": "item", "item_id": "X1", field: value}
            yield _sent(f"{field} = {json.dumps(value)[:40]}", "/schedules/none/explanations", body, status=422)
    yield _sent("of no schedule", "/schedules/none/explanations", {"question": "item", "item_id": "X1"}, status=404)
