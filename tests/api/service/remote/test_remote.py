"""``onevisit remote``: plans, lists, and servers that do not answer, over a socket that may be cut."""

from __future__ import annotations

import csv
import json
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from api.remote import client
from tests.api.conftest import Onevisit, Said
from tests.api.service.processes import running_server
from tests.api.service.remote.conftest import IMPORTED, SOON, City, as_csv
from tests.api.service.wire import Wire


def _json(said: Said) -> Any:
    return json.loads(said.out)


# --- plans -----------------------------------------------------------------------------------------------------------


def test_a_plan_is_submitted_and_told_about(onevisit: Onevisit, city: City, plan: Path) -> None:
    horizon, rows = city.horizon(), city.rows(city.authority)
    rest = as_csv(plan.with_name("rest.csv"), city.rows(next(a for a in sorted({r["authority_id"] for r in city.rows()})
                                                         if a != city.authority)))  # fmt: skip
    other = next(csv.DictReader(rest.open(encoding="utf-8")))["authority_id"]
    assert onevisit("remote", "submit", rest, "--horizon", horizon, "--authority", other).code == 0
    said = onevisit("remote", "submit", plan, "--horizon", horizon, "--authority", city.authority)
    assert said.code == 0
    stored = next(p for p in city.plans(horizon) if p["authority_id"] == city.authority)
    assert f"revision 1, {len(rows)} item(s), draft" in said.out
    assert stored["plan_id"] in said.out
    assert stored["digest"] in said.out
    advice = city.ask("GET", f"/plans/{stored['plan_id']}/advice", headers={"Accept-Language": "en"})["items"]
    for title, found in (
        ("cannot be served:", [a for a in advice if not a["servable"]]),
        ("Frequency caps are used up for", [a for a in advice if any(not c["left"] for c in a["caps"])]),
        ("will be merged with", [a for a in advice if a["merges_with"] and a["servable"]]),
    ):
        assert (title in said.out) == bool(found), title
        assert all(a["item_id"] in said.out for a in found)
    assert any(a["merges_with"] for a in advice)


def test_the_same_file_is_stored_once_until_it_is_meant_again(onevisit: Onevisit, city: City, plan: Path) -> None:
    words = ("remote", "submit", plan, "--horizon", city.horizon(), "--authority", city.authority, "--json")
    first = _json(onevisit(*words))
    again = _json(onevisit(*words))
    assert (first["received_before"], again["received_before"]) == (False, True)
    assert again["plan"] == first["plan"]
    plan_id = first["plan"]["plan_id"]
    assert onevisit("remote", "approve", plan_id, "--number", "12").code == 0
    assert _json(onevisit(*words))["plan"]["state"] == "approved"
    assert onevisit("remote", "withdraw", plan_id, "--reason", "mistake").code == 0
    meant = [_json(onevisit(*words)) for _ in range(2)]
    assert [m["received_before"] for m in meant] == [False, True]
    assert [m["plan"]["revision"] for m in meant] == [2, 2]


def test_a_file_that_came_back_after_another_is_a_new_revision(onevisit: Onevisit, city: City, plan: Path) -> None:
    other = as_csv(plan.with_name("other.csv"), city.rows(city.authority)[1:])
    horizon = city.horizon()
    words = ("--horizon", horizon, "--authority", city.authority, "--json")
    told = [_json(onevisit("remote", "submit", p, *words)) for p in (plan, other, plan, other, plan, plan)]
    assert [t["plan"]["revision"] for t in told] == [1, 2, 3, 4, 5, 5]
    assert [p["state"] for p in city.plans(horizon)].count("draft") == 1


def test_a_plan_comes_as_workbook_or_json_too(onevisit: Onevisit, city: City, tmp_path: Path) -> None:
    rows = city.rows(city.authority)
    pd.DataFrame(rows).to_excel(tmp_path / "plan.xlsx", index=False)
    whole = ("duration_min", "crews")
    values = [{k: int(v) if k in whole else v for k, v in r.items() if v and k != "cap_exempt"} for r in rows]
    (tmp_path / "list.json").write_text(json.dumps(values), "utf-8")
    horizons = [city.horizon() for _ in range(3)]
    body = {"horizon_id": horizons[2], "authority_id": city.authority, "code": "second", "items": values}
    (tmp_path / "whole.json").write_text("\ufeff" + json.dumps(body), "utf-8")
    for horizon, name in zip(horizons, ("plan.xlsx", "list.json", "whole.json"), strict=True):
        said = onevisit("remote", "submit", tmp_path / name, "--horizon", horizon, "--authority", city.authority)
        assert said.code == 0, said.err
        assert [p["num_items"] for p in city.plans(horizon)] == [len(rows)]
    assert city.plans(horizons[2])[0]["code"] == "second"


def test_every_bad_row_is_told_and_nothing_stored(onevisit: Onevisit, city: City, plan: Path) -> None:
    horizon, rows = city.horizon(), city.rows(city.authority)
    rows[0]["duration_min"], rows[1]["enterprise_id"] = "soon", "NOBODY"
    words = ("remote", "submit", as_csv(plan, rows), "--horizon", horizon, "--authority", city.authority)
    said = onevisit(*words)
    assert (said.code, said.out) == (1, "")
    assert "2 error(s), 0 warning(s).\n\n[items]\n" in said.err
    assert "error bad_whole_number row 2 column duration_min: found 'soon'; expected: a whole number" in said.err
    assert "error unknown_reference row 3 column enterprise_id: found 'NOBODY'" in said.err
    assert "【items 检查事项】" in onevisit(*words, "--lang", "zh").err
    found = _json(onevisit(*words, "--json"))
    assert [(p["row"], p["column"]) for p in found["problems"]] == [(2, "duration_min"), (3, "enterprise_id")]
    assert city.plans(horizon) == []


def test_an_answer_that_is_lost_does_no_harm(onevisit: Onevisit, city: City, plan: Path, wire: Wire) -> None:
    horizon = city.horizon()
    wire.lose(2)
    said = onevisit("remote", "submit", plan, "--horizon", horizon, "--authority", city.authority, "--json")
    found = _json(said)
    assert (said.code, wire.lost) == (0, 2)
    assert "trying again in 0.05 s" in said.err
    assert [p["plan_id"] for p in city.plans(horizon)] == [found["plan"]["plan_id"]]
    assert found["received_before"] is False
    wire.lose(1)
    assert onevisit("remote", "approve", found["plan"]["plan_id"], "--number", "12").code == 0
    said = onevisit("remote", "approve", found["plan"]["plan_id"], "--number", "12")
    assert (said.code, "is approved" in said.err) == (1, True)
    wire.lose(1)
    assert onevisit("remote", "withdraw", found["plan"]["plan_id"], "--reason", "x").code == 0
    assert [p["state"] for p in city.plans(horizon)] == ["withdrawn"]


def test_what_may_not_be_repeated_is_not(onevisit: Onevisit, city: City, wire: Wire) -> None:
    before = len(city.ask("GET", "/runs")["items"])
    wire.lose(1)
    said = onevisit("remote", "run", "--horizon", city.horizon(), "--area", city.street, *SOON, "--detach")
    assert said.code == 1
    assert "it is not known whether the request was carried out" in said.err
    assert len(city.ask("GET", "/runs")["items"]) == before + 1
    for run in city.ask("GET", "/runs", params={"state": "queued"})["items"]:
        assert onevisit("remote", "stop", run["run_id"]).code == 0


# --- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lists_are_shown_in_either_language(onevisit: Onevisit, city: City, lang: str) -> None:
    for words in (
        ("plans", "--horizon", IMPORTED, "--state", "approved"),
        ("runs", "--state", "succeeded"),
        ("schedules",),
        ("missing", "--horizon", IMPORTED, "--street", city.street),
        ("alerts", "--horizon", IMPORTED, "--street", city.street),
    ):
        said = onevisit("remote", *words, "--lang", lang)
        assert (said.code, said.err) == (0, ""), words
        assert said.out.strip()
        value = _json(onevisit("remote", *words, "--lang", lang, "--json"))
        assert value["ok"] is True
        if "items" in value:
            path = "/plans" if words[0] == "plans" else f"/{words[0]}"
            assert value["items"] or path == "/schedules"


def test_who_has_not_submitted_is_shown(onevisit: Onevisit, city: City, plan: Path) -> None:
    horizon = city.horizon()
    words = ("remote", "missing", "--horizon", horizon, "--street", city.street)
    assert city.authority in _json(onevisit(*words, "--json"))["missing"]
    assert onevisit("remote", "submit", plan, "--horizon", horizon, "--authority", city.authority).code == 0
    found = _json(onevisit(*words, "--json"))
    assert city.authority not in found["missing"]
    assert found["unapproved"] == [city.authority]
    said = onevisit(*words)
    assert "closes on 2099-12-31" in said.out
    assert "Submitted, not approved: " in said.out


def test_what_a_role_may_not_do_is_told(onevisit: Onevisit, city: City, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(city.key_of(role="department", authority_id=city.authority) + "\n", "ascii")
    said = onevisit("remote", "plans", "--json", "--key-file", key)
    assert {p["authority_id"] for p in _json(said)["items"]} == {city.authority}
    said = onevisit("remote", "run", "--horizon", IMPORTED, "--area", city.street, "--key-file", key)
    assert (said.code, said.out) == (1, "")
    assert "Not permitted: the role department may not start runs" in said.err
    found = onevisit("remote", "run", "--horizon", IMPORTED, "--area", city.street, "--key-file", key, "--json")
    assert _json(found)["error"]["code"] == "forbidden"


# --- servers that do not answer --------------------------------------------------------------------------------------


def test_a_server_that_is_started_again_is_waited_for(
    onevisit: Onevisit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(tmp_path / "data") as first:
        pass
    monkeypatch.setattr(client, "Pace", partial(client.Pace, first_s=0.2, longest_s=0.5, attempts=200))
    told: list[Said] = []
    words = ("remote", "plans", "--server", first.url, "--json")
    monkeypatch.setenv("ONEVISIT_KEY", first.key)
    asking = threading.Thread(target=lambda: told.append(onevisit(*words)))
    asking.start()
    time.sleep(0.5)
    with running_server(tmp_path / "data", port=first.port):
        asking.join(60)
    assert told[0].code == 0
    assert "cannot be reached" in told[0].err


def test_too_many_requests_wait_as_long_as_they_are_told(
    onevisit: Onevisit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(tmp_path / "data", environ={"ONEVISIT_RATE_LIMIT": "2 per 2 second"}) as server:
        monkeypatch.setenv("ONEVISIT_KEY", server.key)
        began = time.monotonic()
        said = [onevisit("remote", "plans", "--server", server.url) for _ in range(4)]
    assert [s.code for s in said] == [0] * 4
    assert time.monotonic() - began > 1
    assert any("busy or unavailable (HTTP 429); trying again in " in s.err for s in said)


def test_a_server_that_is_none_is_told_of(onevisit: Onevisit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "Pace", partial(client.Pace, first_s=0.01, attempts=2))
    said = onevisit("remote", "plans", "--server", "http://127.0.0.1:1")
    assert (said.code, said.out) == (1, "")
    assert "cannot reach http://127.0.0.1:1" in said.err


# --- usage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "server", ["127.0.0.1", "ftp://host", "http://", "http://u:p@host", "http://h:x", "http://h?q"]
)
def test_an_address_that_is_none_is_a_usage_fault(onevisit: Onevisit, server: str) -> None:
    said = onevisit("remote", "plans", "--server", server)
    assert (said.code, "--server must be" in said.err) == (2, True)


def test_the_key_comes_from_a_file_or_the_environment(
    onevisit: Onevisit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEVISIT_KEY", "ov_wrong")
    assert "Authentication required" in onevisit("remote", "plans").err
    monkeypatch.delenv("ONEVISIT_KEY")
    said = onevisit("remote", "plans")
    assert (said.code, "no API key" in said.err) == (2, True)
    for content in (b"", b"two words", b"\xff\xfe", b"a\nb"):
        (tmp_path / "key").write_bytes(content)
        said = onevisit("remote", "plans", "--key-file", tmp_path / "key")
        assert (said.code, "holds no API key" in said.err) == (2, True)
    assert onevisit("remote", "plans", "--key", "x").code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("submit", "{case}/case.toml", "--horizon", "H"), "a plan comes as .csv, .xlsx, .json"),
        (("submit", "{case}/none.csv", "--horizon", "H"), "No such file"),
        (("submit", "{case}/items.csv"), "missing --horizon"),
        (("import", "{case}"), "a whole case needs --horizon"),
        (("import", "{case}", "--table", "crews"), "a case folder goes without --table"),
        (("import", "{case}/crews.csv", "--horizon", "H"), "a CSV file needs --table"),
        (("import", "{case}/case.toml", "--table", "crews"), "must be a case folder or .csv, .xlsx, .zip"),
        (("import", "{case}/crews.csv", "--table", "nothing"), "--table"),
        (("run", "--horizon", "H", "--level", "world"), "--level"),
        (("download", "x"), "missing --out"),
        (("approve", "x"), "missing --number"),
    ],
)
def test_faults_of_usage_are_told_before_anything_is_sent(
    onevisit: Onevisit, case: Path, words: tuple[str, ...], message: str
) -> None:
    said = onevisit("remote", *(w.format(case=case) for w in words), "--server", "http://127.0.0.1:1")
    assert said.code == (1 if "No such" in message else 2)
    assert message in said.err


def test_a_plan_for_another_horizon_is_not_sent(onevisit: Onevisit, tmp_path: Path) -> None:
    for name, body in (("a", {"horizon_id": "X", "items": []}), ("b", {"items": []}), ("c", 3)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(body), "utf-8")
        assert onevisit("remote", "submit", path, "--horizon", "H", "--server", "http://127.0.0.1:1").code == 2
