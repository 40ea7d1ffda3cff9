"""Registers: five routes each, rows judged as the intake judges files, pages that stay where they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from api.reference.service import REGISTERS
from scheduler.intake.columns import ALL_TABLES, Kind
from scheduler.intake.rows import LISTS
from tests.api.service.samples import IN_USE, NEW, REPLACED
from tests.api.service.world import REFERENCE, Service

every_register = pytest.mark.parametrize("name", list(REGISTERS))


def _filled(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it is answered: fields that were not sent are empty."""
    out: dict[str, Any] = {}
    for column in ALL_TABLES[name].columns:
        nothing: Any = [] if column.kind in LISTS else False if column.kind is Kind.FLAG else None
        out[column.name] = row.get(column.name, nothing)
    return out


def _data(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k not in ("row_id", "version")}


def _cursor(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@every_register
def test_a_row_is_created_read_replaced_listed_and_deleted(service: Service, name: str) -> None:
    admin = service.administrator
    before = admin.every(f"/{name}")
    made = admin.post(f"/{name}", json=NEW[name])
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"1"'
    place = made.headers["location"]
    assert _data(made.json()) == _filled(name, NEW[name])
    read = admin.get(place)
    assert (read.status_code, read.json(), read.headers["etag"]) == (200, made.json(), '"1"')
    put = admin.put(place, json=REPLACED[name], headers={"If-Match": '"1"'})
    assert (put.status_code, put.headers["etag"], put.json()["version"]) == (200, '"2"', 2)
    assert _data(put.json()) == _filled(name, REPLACED[name])
    after = admin.every(f"/{name}")
    assert len(after) == len(before) + 1
    assert put.json() in after
    gone = admin.delete(place)
    assert (gone.status_code, gone.content) == (204, b"")
    assert admin.get(place).status_code == 404
    assert admin.delete(place).status_code == 404
    assert admin.put(place, json=NEW[name]).status_code == 404
    assert admin.every(f"/{name}") == before


@every_register
def test_a_row_whose_required_fields_are_missing_tells_of_each_and_stores_nothing(service: Service, name: str) -> None:
    before = service.administrator.every(f"/{name}")
    answer = service.administrator.post(f"/{name}", json={})
    assert answer.status_code == 422
    required = [c.name for c in ALL_TABLES[name].columns if c.required]
    problems = answer.json()["problems"]
    assert [(p["code"], p["table"], p["row"], p["column"]) for p in problems] == [
        ("missing_value", name, 1, column) for column in required
    ]
    assert all(p["expected"] for p in problems)
    assert service.administrator.every(f"/{name}") == before


@every_register
def test_every_field_of_a_wrong_type_is_told_of_at_once_with_what_was_found(service: Service, name: str) -> None:
    before = service.administrator.every(f"/{name}")
    columns = [c.name for c in ALL_TABLES[name].columns]
    answer = service.administrator.post(f"/{name}", json={**{c: {"x": 1} for c in columns}, "other": 1})
    assert answer.status_code == 422
    problems = answer.json()["problems"]
    assert answer.json()["code"] == "invalid"
    found = {(p["code"], p["column"]) for p in problems}
    assert found == {("unknown_field", "other"), *(("wrong_json_type", c) for c in columns)}
    assert len(problems) == len(columns) + 1
    assert all(p["row"] == 1 and p["table"] == name and p["value"] and p["expected"] for p in problems)
    assert service.administrator.every(f"/{name}") == before


@every_register
def test_a_body_that_is_no_object_is_refused(service: Service, name: str) -> None:
    for body in ("[]", "[{}]", '"x"', "1", "null", "true"):
        answer = service.administrator.post(f"/{name}", content=body)
        assert answer.status_code == 422, (body, answer.text)
        assert answer.json()["problems"]


@every_register
def test_a_fault_in_a_replacement_changes_nothing(service: Service, name: str) -> None:
    place = service.administrator.post(f"/{name}", json=NEW[name]).headers["location"]
    before = service.administrator.get(place).json()
    key = REGISTERS[name].key.name
    bad = {} if key == "row_id" else {key: NEW[name][key]}
    assert service.administrator.put(place, json=bad).status_code == 422
    assert service.administrator.get(place).json() == before


@every_register
def test_what_a_fault_should_have_been_is_said_in_chinese_and_in_english(service: Service, name: str) -> None:
    said = {}
    for lang in ("zh-CN,zh;q=0.9,en;q=0.5", "en-GB,en;q=0.9,zh;q=0.5", "fr", ""):
        answer = service.administrator.post(f"/{name}", json={}, headers={"Accept-Language": lang})
        body = answer.json()
        said[lang] = (answer.headers["content-language"], body["title"], body["problems"][0]["expected"])
    zh = ("zh", "数据有误，未保存任何内容", "必填")
    en = ("en", "The input has errors; nothing was stored", "a value")
    assert list(said.values()) == [zh, en, zh, zh]


@every_register
def test_a_filter_returns_the_rows_with_its_value_and_no_others(service: Service, name: str) -> None:
    service.administrator.post(f"/{name}", json=NEW[name])
    rows = service.administrator.every(f"/{name}")
    for column in REGISTERS[name].filters:
        for value in {r[column] for r in rows if r[column] is not None}:
            found = service.administrator.every(f"/{name}", **{column: value})
            assert found == [r for r in rows if r[column] == value]
        assert service.administrator.every(f"/{name}", **{column: "none such"}) == []


def test_a_text_in_the_name_is_looked_for_as_it_stands(service: Service) -> None:
    names = [r["name"] for r in service.administrator.every("/streets", q="街道")]
    assert names == ["街道1", "街道2", "街道3"]
    assert [r["name"] for r in service.administrator.every("/streets", q="道2")] == ["街道2"]
    assert service.administrator.every("/streets", q="%") == []
    assert service.administrator.every("/streets", q="_") == []


@pytest.mark.parametrize("name", ["enterprises", "history"])
def test_pages_neither_skip_nor_repeat_rows_while_others_are_added_and_deleted(service: Service, name: str) -> None:
    admin = service.administrator
    key = REGISTERS[name].key.name
    expected = [r[key] for r in admin.every(f"/{name}")]
    seen: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = admin.get(f"/{name}", params={"limit": 1, **cursor}).json()
        seen += [r[key] for r in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        if len(seen) > len(expected):
            continue
        row = dict(NEW[name])
        if key != "row_id":
            row[key] = f"E0{len(seen)}"  # sorts before everything that was seen
        assert admin.post(f"/{name}", json=row).status_code == 201
        if len(seen) == 2 and name == "history":
            assert admin.delete(f"/{name}/{seen[-1]}").status_code == 204  # the row that the cursor stands on
    assert len(set(seen)) == len(seen)
    assert [k for k in seen if k in expected] == expected


_CURSORS = (
    *("xx", "!!", "=", "%", "中", "x" * 999),
    *(_cursor(v) for v in ([], [None], [True], [1.5], {"a": 1}, ["a", "b"], [1, 2], [[1]], 7, "")),
    *(_cursor(t) for t in ("[NaN]", "[1e400]", "[" * 700, '["\\u0000"]', '["\\ud800"]', f"[{'9' * 30}]")),
)


@pytest.mark.parametrize("name", ["enterprises", "history"])
def test_a_cursor_that_is_none_of_ours_is_refused(service: Service, name: str) -> None:
    for cursor in _CURSORS:
        answer = service.administrator.get(f"/{name}", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), cursor


def test_a_page_has_1_to_1000_rows(service: Service) -> None:
    for limit in ("0", "-1", "1001", "x", "1.5", "9" * 40):
        assert service.administrator.get("/streets", params={"limit": limit}).status_code == 422
    assert service.administrator.get("/streets", params={"limit": "1000"}).status_code == 200


@every_register
def test_a_change_of_another_version_is_refused(service: Service, name: str) -> None:
    admin = service.administrator
    place = admin.post(f"/{name}", json=NEW[name]).headers["location"]
    for old in ('"2"', '"0"', '"x"', "", '""', '"1", "2"', "9" * 30):
        for answer in (
            admin.put(place, json=REPLACED[name], headers={"If-Match": old}),
            admin.delete(place, headers={"If-Match": old}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    for good in ('"1"', 'W/"2"', "*"):
        assert admin.put(place, json=REPLACED[name], headers={"If-Match": good}).status_code == 200
    assert admin.delete(place, headers={"If-Match": '"4"'}).status_code == 204


@pytest.mark.parametrize("name", list(IN_USE))
def test_a_row_that_others_refer_to_stays(service: Service, name: str) -> None:
    key, by = IN_USE[name]
    answer = service.administrator.delete(f"/{name}/{key}", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert answer.json()["detail"] == f"{name}/{key} is still referred to by {by}"
    assert service.administrator.get(f"/{name}/{key}").status_code == 200


def test_an_authority_that_a_cap_names_stays(service: Service) -> None:
    admin = service.administrator
    assert admin.post("/authorities", json=NEW["authorities"]).status_code == 201
    assert admin.post("/caps", json={**NEW["caps"], "authority": "A9"}).status_code == 201
    answer = admin.delete("/authorities/A9")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")


@every_register
def test_an_identifier_is_taken_once(service: Service, name: str) -> None:
    first = service.administrator.post(f"/{name}", json=NEW[name])
    second = service.administrator.post(f"/{name}", json=NEW[name])
    if REGISTERS[name].surrogate and name != "shifts":
        assert (first.status_code, second.status_code) == (201, 201)  # equal rows may be meant
    else:
        assert (second.status_code, second.json()["code"]) == (409, "already_exists")


@every_register
def test_an_identifier_is_not_changed_by_a_replacement(service: Service, name: str) -> None:
    key = REGISTERS[name].key.name
    place = service.administrator.post(f"/{name}", json=NEW[name]).headers["location"]
    if key != "row_id":
        answer = service.administrator.put(place, json={**REPLACED[name], key: "other"})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        row = {k: v for k, v in REPLACED[name].items() if k != key}
        assert service.administrator.put(place, json=row).json()[key] == NEW[name][key]
    else:
        own = int(place.rpartition("/")[2])
        answer = service.administrator.put(place, json={**REPLACED[name], key: own + 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert service.administrator.put(place, json={**REPLACED[name], key: own}).json()[key] == own


_TEXTS = [(t, c.name) for t in REGISTERS for c in ALL_TABLES[t].columns if c.kind in (Kind.TEXT, Kind.IDENT)]


@pytest.mark.parametrize(("name", "column"), _TEXTS)
def test_a_text_that_a_spreadsheet_would_run_is_refused(service: Service, name: str, column: str) -> None:
    for text in ("=1+1", "+86 755", "-2+3", "@SUM(A1)", " =1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")'):
        answer = service.administrator.post(f"/{name}", json={**NEW[name], column: text})
        assert answer.status_code == 422, (text, answer.text)
        assert {p["column"] for p in answer.json()["problems"]} == {column}


def test_signs_inside_a_text_or_alone_are_no_formula(service: Service) -> None:
    for number, text in enumerate(("A=1", "1+1", "a@b", "-", "—", "光明-宝安")):
        row = {"district_id": f"X{number}", "name": text}
        assert service.administrator.post("/districts", json=row).status_code == 201, text


def test_an_identifier_of_any_characters_is_found_under_its_location(service: Service) -> None:
    admin = service.administrator
    for key in ("光明", "a/b", "a/b/c", "a b", "a?b#c", "100%", "é", "a%2Fb", "a&b=c", "'\"", "a..b", "x" * 200):
        made = admin.post("/districts", json={"district_id": key, "name": "x"})
        assert made.status_code == 201, (key, made.text)
        place = made.headers["location"]
        assert place.isascii()
        assert admin.get(place).json() == {"district_id": key, "name": "x", "version": 1}
        assert admin.put(place, json={"name": "y"}).json()["name"] == "y"
        assert admin.delete(place).status_code == 204
    assert [d["district_id"] for d in admin.every("/districts")] == ["D1", "D2"]


def test_a_row_number_that_is_none_is_not_found(service: Service) -> None:
    for method, key in product(("GET", "DELETE"), ("0", "-1", "x", "1.0", "9" * 18, "9" * 40, "1e3", "１")):
        assert service.administrator.request(method, f"/history/{key}").status_code == 404


def test_references_are_to_what_is_stored(service: Service) -> None:
    for name, column in (
        ("streets", "district_id"),
        ("enterprises", "street_id"),
        ("officers", "authority_id"),
        ("crews", "authority_id"),
        ("crews", "area_id"),
        ("history", "authority_id"),
        ("pins", "enterprise_id"),
        ("shifts", "horizon_id"),
        ("caps", "horizon_id"),
        ("caps", "authority"),
    ):
        answer = service.administrator.post(f"/{name}", json={**NEW[name], column: "nobody"})
        assert answer.status_code == 422, (name, column, answer.text)
        assert [(p["code"], p["column"], p["value"]) for p in answer.json()["problems"]] == [
            ("unknown_reference", column, "nobody")
        ]


def test_the_world_is_there_as_it_was_sent(service: Service) -> None:
    for name, rows in REFERENCE.items():
        assert [_data(r) for r in service.administrator.every(f"/{name}")] == [_filled(name, r) for r in rows]
