"""Plans: taken whole or not at all, in three formats; revisions, states, and retries that harm nothing."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import httpx2
from openpyxl import Workbook
from sqlalchemy import func, select

from api.bodies import CSV, XLSX
from api.store.schema import idempotency, plan_items, plans
from tests.api.service.client import Client
from tests.api.service.world import HORIZON, Service, item, plan

CHINESE = {
    "item_id": "事项编号",
    "enterprise_id": "企业编号",
    "duration_min": "检查时长（分钟）",
    "earliest": "最早日期",
    "latest": "最晚日期",
    "priority": "优先级",
    "legal_basis": "法律依据",
}


def _csv(items: Sequence[Mapping[str, Any]], headers: Mapping[str, str] | None = None) -> str:
    names = list(items[0])
    head = [(headers or {}).get(n, n) for n in names]
    return "\n".join(",".join(str(c) for c in row) for row in [head, *([i[n] for n in names] for i in items)]) + "\n"


def _workbook(items: Sequence[Mapping[str, Any]], sheet: str = "检查事项") -> bytes:
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["请填写下一张表"])
    page = book.create_sheet(sheet)
    names = list(items[0])
    page.append([CHINESE[n] for n in names])
    for i in items:
        page.append([date.fromisoformat(i[n]) if n in ("earliest", "latest") else i[n] for n in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _send(client: Client, content: bytes | str, media: str, **params: Any) -> httpx2.Response:
    asked = {"horizon_id": HORIZON, **params}
    return client.post("/plans", content=content, params=asked, headers={"Content-Type": media})


def _count(service: Service) -> tuple[int, int]:
    with service.store.reading() as connection:
        return (
            connection.execute(select(func.count()).select_from(plans)).scalar_one(),
            connection.execute(select(func.count()).select_from(plan_items)).scalar_one(),
        )


def _problems(answer: httpx2.Response) -> set[tuple[str, int | None, str | None]]:
    assert answer.status_code == 422, answer.text
    return {(p["code"], p["row"], p["column"]) for p in answer.json()["problems"]}


# --- submission ------------------------------------------------------------------------------------------------------


def test_a_plan_is_taken_and_a_receipt_given(service: Service) -> None:
    answer = service.department_a1.post("/plans", json=plan([item("X1"), item("X2", "E3", crews=2)]))
    assert answer.status_code == 201
    receipt = answer.json()["plan"]
    assert answer.headers["location"] == f"/plans/{receipt['plan_id']}"
    assert {k: receipt[k] for k in ("authority_id", "code", "revision", "state", "num_items", "submitted_by")} == {
        "authority_id": "A1", "code": "main", "revision": 1, "state": "draft", "num_items": 2,
        "submitted_by": "department_a1",
    }  # fmt: skip
    assert receipt["submitted_at"] == "2026-09-01T01:00:00.000000Z"
    assert len(receipt["digest"]) == 64
    assert service.department_a1.get(answer.headers["location"]).json() == receipt
    items = service.department_a1.every(f"/plans/{receipt['plan_id']}/items", limit=1)
    assert [(i["row"], i["item_id"], i["authority_id"], i["crews"]) for i in items] == [
        (1, "X1", "A1", None), (2, "X2", "A1", 2),
    ]  # fmt: skip


def test_json_csv_and_workbook_of_the_same_items_give_the_same_receipt(service: Service) -> None:
    items = [item("X1", legal_basis="食品安全法"), item("X2", "E3", duration_min=45, legal_basis="安全生产法")]
    sent = {
        "json": service.department_a1.post("/plans", json=plan(items)),
        "csv": _send(service.department_a1, _csv(items), CSV),
        "chinese": _send(service.department_a1, "\ufeff" + _csv(items, CHINESE), f"{CSV}; charset=utf-8"),
        "gb18030": _send(service.department_a1, _csv(items, CHINESE).encode("gb18030"), CSV),
        "xlsx": _send(service.department_a1, _workbook(items), XLSX),
        "first sheet": _send(service.department_a1, _only_sheet(items), XLSX),
    }
    assert {name: a.status_code for name, a in sent.items()} == dict.fromkeys(sent, 201)
    assert len({a.json()["plan"]["digest"] for a in sent.values()}) == 1
    assert [a.json()["plan"]["revision"] for a in sent.values()] == [1, 2, 3, 4, 5, 6]
    other = service.department_a1.post("/plans", json=plan([*items[:1], {**items[1], "duration_min": 46}]))
    assert other.json()["plan"]["digest"] != sent["json"].json()["plan"]["digest"]


def _only_sheet(items: Sequence[Mapping[str, Any]]) -> bytes:
    book = Workbook()
    names = list(items[0])
    for row in (names, *([i[n] for n in names] for i in items)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_every_bad_row_is_told_of_at_once_and_nothing_is_stored(service: Service) -> None:
    service.submit(service.department_a2, [item("Y1")])
    before = _count(service)
    items = [
        item("X1", "nobody", duration_min=0),
        item("X1", earliest="2026-12-30", latest="2026-10-01"),
        item("X2", priority="urgent", note="x"),
        item("X3", crews="two", earliest="2026-13-01"),
        item("Y1", authority_id="A2"),
        item("X4", item_code="=1+1"),
        item("X5"),
        7,
    ]
    answer = service.department_a1.post("/plans", json=plan(items))  # type: ignore[list-item]
    missing = ("item_id", "enterprise_id", "duration_min", "earliest", "latest", "priority")
    assert _problems(answer) == {
        ("unknown_reference", 1, "enterprise_id"), ("out_of_range", 1, "duration_min"),
        ("duplicate_id", 2, "item_id"), ("window_reversed", 2, "latest"),
        ("unknown_value", 3, "priority"), ("unknown_field", 3, "note"),
        ("wrong_json_type", 4, "crews"), ("bad_date", 4, "earliest"),
        ("other_authority", 5, "authority_id"), ("id_in_other_plan", 5, "item_id"),
        ("formula_text", 6, "item_code"),
        ("wrong_json_type", 8, None), *(("missing_value", 8, c) for c in missing),
    }  # fmt: skip
    assert all(p["expected"] and p["table"] == "items" for p in answer.json()["problems"])
    assert _count(service) == before


def test_rows_of_a_file_are_counted_as_a_spreadsheet_counts_them(service: Service) -> None:
    items = [item("X1"), item("X2", "nobody"), item("X3", duration_min="long")]
    expected = {("unknown_reference", 3, "enterprise_id"), ("bad_whole_number", 4, "duration_min")}
    assert _problems(_send(service.department_a1, _csv(items), CSV)) == expected
    assert _problems(_send(service.department_a1, _workbook(items), XLSX)) == expected
    assert _count(service) == (0, 0)


def test_what_holds_no_items_is_refused(service: Service) -> None:
    head = _csv([item("X1")]).split("\n")[0]
    for content, media in (
        (b"", CSV), (head, CSV), (b"\x00\x01", CSV), (b"\xff\xfe\xfa,\x81", CSV), ("a,b\n1,2\n", CSV),
        (b"", XLSX), (b"PK\x03\x04 no workbook", XLSX), (b"item_id", XLSX), (_workbook([item("X1")])[:-200], XLSX),
    ):  # fmt: skip
        answer = _send(service.department_a1, content, media)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), (content, answer.text)
    for body in ([], {}, plan([]), {"items": [item("X1")]}, plan([item("X1")], other=1), plan([item("X1")], code="")):
        assert service.department_a1.post("/plans", json=body).status_code == 400
    many = plan([item("X1")] * 20_001)
    assert service.department_a1.post("/plans", json=many).status_code == 400
    assert _send(service.department_a1, "x", "text/plain").status_code == 415
    assert _count(service) == (0, 0)


def test_a_nul_in_a_cell_of_a_workbook_is_placed(service: Service) -> None:
    items = [item("X1", legal_basis="安全"), item("X2", legal_basis="a_x0000_b")]  # as a workbook writes it
    assert _problems(_send(service.department_a1, _workbook(items), XLSX)) == {("nul_byte", 3, "legal_basis")}
    for text in ("a_xD800_b", "a_xFFFE_b", "a_x000C_b"):  # other characters that XML has not
        answer = _send(service.department_a1, _workbook([item("X1", legal_basis=text)]), XLSX)
        assert answer.status_code in (201, 422), answer.text


def test_a_horizon_or_authority_that_is_not_there_is_not_found(service: Service) -> None:
    assert service.department_a1.post("/plans", json=plan([item("X1")], horizon_id="2031Q1")).status_code == 404
    assert service.administrator.post("/plans", json=plan([item("X1")], authority_id="A9")).status_code == 404
    assert service.administrator.post("/plans", json=plan([item("X1")])).status_code == 400  # for whom?
    of_a3 = service.administrator.post("/plans", json=plan([item("X1")], authority_id="A3"))
    assert of_a3.json()["plan"]["authority_id"] == "A3"


# --- revisions and states --------------------------------------------------------------------------------------------


def test_a_new_revision_supersedes_the_former_and_keeps_it(service: Service) -> None:
    first = service.submit(service.department_a1, [item("X1"), item("X2")])["plan"]
    second = service.submit(service.department_a1, [item("X2"), item("X3")])["plan"]
    assert (second["revision"], second["state"]) == (2, "draft")
    kept = service.department_a1.get(f"/plans/{first['plan_id']}").json()
    assert kept == {**first, "state": "superseded", "ended_at": second["submitted_at"], "ended_reason": "revision 2"}
    old = service.department_a1.every(f"/plans/{first['plan_id']}/items")
    assert [i["item_id"] for i in old] == ["X1", "X2"]
    assert [i["item_id"] for i in service.department_a1.every("/plan-items")] == ["X2", "X3"]
    states = {s: service.department_a1.every("/plans", state=s) for s in ("draft", "superseded", "withdrawn")}
    assert states == {"draft": [second], "superseded": [kept], "withdrawn": []}
    (entry,) = service.audit_log(action="plans.supersede")
    assert (entry["object"], entry["before"], entry["after"]) == (f"plans/{first['plan_id']}", first, kept)


def test_plans_of_other_codes_stand_side_by_side(service: Service) -> None:
    one = service.submit(service.department_a1, [item("X1")], code="food")["plan"]
    two = service.submit(service.department_a1, [item("X2")], code="fire")["plan"]
    assert {one["revision"], two["revision"]} == {1}
    assert [i["item_id"] for i in service.department_a1.every("/plan-items")] == ["X1", "X2"]


def test_the_id_of_an_item_is_used_by_one_plan_of_a_horizon(service: Service) -> None:
    mine = service.submit(service.department_a1, [item("X1")])["plan"]
    for client, more in ((service.department_a2, {}), (service.department_a1, {"code": "other"})):
        assert _problems(client.post("/plans", json=plan([item("X1")], **more))) == {("id_in_other_plan", 1, "item_id")}
    withdrawal = {"reason": "重复上报"}
    assert service.department_a1.post(f"/plans/{mine['plan_id']}/withdrawal", json=withdrawal).status_code == 200
    assert service.submit(service.department_a2, [item("X1")])["plan"]["state"] == "draft"


def test_a_plan_is_approved_with_its_number_and_by_whom(service: Service) -> None:
    draft = service.submit(service.department_a1, [item("X1")])["plan"]
    service.clock.at = datetime(2026, 9, 2, 3, tzinfo=UTC)
    number = {"approval_no": "深市监〔2026〕12号"}
    answer = service.department_a1.post(f"/plans/{draft['plan_id']}/approval", json=number)
    assert answer.status_code == 200
    assert answer.json() == {
        **draft,
        "state": "approved",
        **number,
        "approved_at": "2026-09-02T03:00:00.000000Z",
        "approved_by": "department_a1",
    }
    assert service.department_a1.get(f"/plans/{draft['plan_id']}").json() == answer.json()


def test_a_plan_is_withdrawn_with_its_reason_and_kept(service: Service) -> None:
    draft = service.submit(service.department_a1, [item("X1")])["plan"]
    answer = service.department_a1.post(f"/plans/{draft['plan_id']}/withdrawal", json={"reason": "重复上报"})
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["ended_reason"]) == ("withdrawn", "重复上报")
    assert service.department_a1.every("/plan-items") == []
    assert len(service.department_a1.every(f"/plans/{draft['plan_id']}/items")) == 1
    again = service.submit(service.department_a1, [item("X1")])["plan"]
    assert (again["revision"], again["state"]) == (2, "draft")
    assert service.department_a1.get(f"/plans/{draft['plan_id']}").json()["state"] == "withdrawn"


def test_what_a_state_does_not_allow_is_refused(service: Service) -> None:
    def step(plan_id: str, name: str) -> tuple[int, str | None]:
        body = {"approval": {"approval_no": "1"}, "withdrawal": {"reason": "x"}}[name]
        answer = service.department_a1.post(f"/plans/{plan_id}/{name}", json=body)
        return answer.status_code, answer.json().get("code")

    refused = (409, "wrong_state")
    first = service.submit(service.department_a1, [item("X1")])["plan"]["plan_id"]
    second = service.submit(service.department_a1, [item("X1")])["plan"]["plan_id"]
    assert (step(first, "approval"), step(first, "withdrawal")) == (refused, refused)  # superseded
    assert step(second, "approval")[0] == 200
    assert step(second, "approval") == refused
    assert step(second, "withdrawal")[0] == 200
    assert (step(second, "approval"), step(second, "withdrawal")) == (refused, refused)
    advice = service.department_a1.get(f"/plans/{second}/advice")
    assert (advice.status_code, advice.json()["code"]) == refused


def test_a_reason_and_a_number_are_texts_of_their_length(service: Service) -> None:
    draft = service.submit(service.department_a1, [item("X1")])["plan"]["plan_id"]
    for text in ("", "x" * 501, "=1+1", "a\nb", 7, None, ["x"]):
        assert service.department_a1.post(f"/plans/{draft}/withdrawal", json={"reason": text}).status_code == 422
        assert service.department_a1.post(f"/plans/{draft}/approval", json={"approval_no": text}).status_code == 422
    assert service.department_a1.post(f"/plans/{draft}/approval", json={}).status_code == 422
    assert service.department_a1.get(f"/plans/{draft}").json()["state"] == "draft"


def test_departments_submit_until_the_closing_date_and_the_administrator_later_too(service: Service) -> None:
    service.clock.at = datetime(2026, 9, 25, 12, tzinfo=UTC)
    service.submit(service.department_a1, [item("X1")])
    service.clock.at = datetime(2026, 9, 26, 12, tzinfo=UTC)
    answer = service.department_a1.post("/plans", json=plan([item("X2")]))
    assert (answer.status_code, answer.json()["code"]) == (409, "closed")
    assert "2026-09-25" in answer.json()["detail"]
    service.submit(service.administrator, [item("X3")], authority_id="A2")


def test_the_closing_date_ends_at_midnight_in_china(service: Service) -> None:
    service.clock.at = datetime(2026, 9, 25, 15, 59, tzinfo=UTC)
    service.submit(service.department_a1, [item("X1")])
    service.clock.at = datetime(2026, 9, 25, 16, 1, tzinfo=UTC)  # 26 September, 00:01 in Beijing
    assert service.department_a1.post("/plans", json=plan([item("X2")])).status_code == 409


# --- retries and others at the same time -----------------------------------------------------------------------------


def _keyed(client: Client, key: str, items: Sequence[Mapping[str, Any]], **more: Any) -> httpx2.Response:
    return client.post("/plans", json=plan(items, **more), headers={"Idempotency-Key": key})


def test_a_retry_with_its_key_gets_the_same_answer_and_stores_nothing_more(service: Service) -> None:
    first = _keyed(service.department_a1, "k1", [item("X1")])
    again = _keyed(service.department_a1, "k1", [item("X1")])
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert _count(service) == (1, 1)
    assert len(service.audit_log(action="plans.submit")) == 1
    service.clock.at = datetime(2026, 11, 1, tzinfo=UTC)  # closed by now, but it was taken
    assert _keyed(service.department_a1, "k1", [item("X1")]).json() == first.json()


def test_a_key_is_of_one_request_and_of_one_account(service: Service) -> None:
    _keyed(service.department_a1, "k1", [item("X1")])
    answer = _keyed(service.department_a1, "k1", [item("X2")])
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert _keyed(service.department_a2, "k1", [item("Y1")]).status_code == 201
    assert _keyed(service.department_a1, "k2", [item("X1")]).json()["plan"]["revision"] == 2
    assert _keyed(service.department_a1, "x" * 201, [item("X1")]).status_code == 422
    assert _count(service) == (3, 3)


def test_the_key_of_a_refused_request_may_be_used_again(service: Service) -> None:
    assert _keyed(service.department_a1, "k1", [item("X1", "nobody")]).status_code == 422
    assert _keyed(service.department_a1, "k1", [item("X1")]).status_code == 201


def test_ten_at_once_with_one_key_leave_one_plan(service: Service) -> None:
    start = Barrier(10)

    def send(_: int) -> httpx2.Response:
        start.wait()
        return _keyed(service.department_a1, "k1", [item("X1"), item("X2")])

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    assert [a.status_code for a in answers] == [201] * 10
    assert len({a.text for a in answers}) == 1
    assert sum("idempotent-replayed" not in a.headers for a in answers) == 1
    assert _count(service) == (1, 2)
    with service.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(idempotency)).scalar_one() == 1


def test_many_revisions_at_once_leave_one_live_plan(service: Service) -> None:
    start = Barrier(6)

    def send(_: int) -> int:
        start.wait()
        return service.department_a1.post("/plans", json=plan([item("X1"), item("X2")])).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(send, range(6)))
    assert set(codes) <= {201, 409}
    taken = service.department_a1.every("/plans")
    assert sorted(p["revision"] for p in taken) == list(range(1, codes.count(201) + 1))
    states = [p["state"] for p in sorted(taken, key=lambda p: int(p["revision"]))]
    assert states == ["superseded"] * (len(taken) - 1) + ["draft"]
    assert [i["item_id"] for i in service.department_a1.every("/plan-items")] == ["X1", "X2"]


def test_two_departments_that_take_one_id_at_once_do_not_both_get_it(service: Service) -> None:
    start = Barrier(2)

    def send(client: Client) -> int:
        start.wait()
        return client.post("/plans", json=plan([item("SAME")])).status_code

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(send, (service.department_a1, service.department_a2)))
    assert codes in ([201, 409], [201, 422])
    assert len(service.administrator.every("/plan-items")) == 1
