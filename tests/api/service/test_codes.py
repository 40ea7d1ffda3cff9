"""Supervision codes: what they hold, who gets them, and what becomes of forged, replaced, expired and used ones."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.codes.service import OFFICER_CODE_MIN, enterprise_of, printable
from api.codes.tokens import LENGTH, CodeKind, code_id_of, new_code_id, token_in, token_of
from api.errors import Refusal
from api.settings import Settings
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import NOW, Service

SETTINGS = Settings(session_secret="a secret of sixteen characters")  # type: ignore[arg-type]
OTHER = Settings(session_secret="another secret of sixteen letters")  # type: ignore[arg-type]


def _token(service: Service, enterprise_id: str = "E1") -> str:
    """Return the good code of an enterprise, as its printed sheet holds it."""
    settings = service.app.state.services.settings
    caller = _caller(service)
    with service.store.reading() as connection:
        (found,) = printable(connection, settings, caller, enterprise_id, None)
    return found.token


def _caller(service: Service) -> Any:
    from api.access.caller import Caller, Role

    return Caller(account_id="administrator", name="", role=Role.ADMINISTRATOR)


def _owner(service: Service, token: str) -> str:
    with service.store.reading() as connection:
        return enterprise_of(connection, service.app.state.services.settings, token)


# --- the text of a code ---


@given(st.binary(min_size=16, max_size=16), st.sampled_from(CodeKind))
def test_a_code_is_read_back_and_only_under_its_key_and_kind(data: bytes, kind: CodeKind) -> None:
    code_id = new_code_id()
    token = token_of(SETTINGS, kind, code_id)
    assert len(token) == LENGTH
    assert code_id_of(SETTINGS, kind, token.upper()) == code_id
    other = next(k for k in CodeKind if k is not kind)
    for settings, read_as in ((OTHER, kind), (SETTINGS, other)):
        with pytest.raises(Refusal) as refused:
            code_id_of(settings, read_as, token)
        assert refused.value.code == "bad_code"


@given(st.integers(0, LENGTH - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_code_with_one_other_letter_is_forged(place: int, letter: str) -> None:
    token = token_of(SETTINGS, CodeKind.ENTERPRISE, "abcdefghijklmnopqrstuvwxyz")
    forged = token[:place] + letter + token[place + 1 :]
    if forged != token:
        with pytest.raises(Refusal):
            code_id_of(SETTINGS, CodeKind.ENTERPRISE, forged)


@given(st.text(max_size=80))
def test_whatever_is_scanned_is_a_code_of_ours_or_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        code_id_of(SETTINGS, CodeKind.ENTERPRISE, token_in(text))
    assert refused.value.code == "bad_code"


def test_the_secret_of_codes_alone_seals_them() -> None:
    own = Settings(session_secret="whatever the sessions have", code_secret="the secret of the codes")  # type: ignore[arg-type]
    token = token_of(own, CodeKind.OFFICER, "abcdefghijklmnopqrstuvwxyz")
    changed = own.model_copy(update={"session_secret": None})
    assert code_id_of(changed, CodeKind.OFFICER, token) == "abcdefghijklmnopqrstuvwxyz"


# --- codes of enterprises ---


def test_every_enterprise_gets_one_code_and_no_second(service: Service) -> None:
    issue = service.office_s1.post("/codes", json={"street_id": "S1"})
    assert (issue.status_code, issue.json()) == (200, {"issued": 2})
    assert service.office_s1.post("/codes", json={}).json() == {"issued": 0}
    assert service.administrator.post("/codes", json={}).json() == {"issued": 4}
    rows = service.supervisor.every("/codes")
    assert [(r["enterprise_id"], r["serial"]) for r in rows] == [(f"E{n}", 1) for n in range(1, 7)]
    assert service.office_s2.post("/codes", json={"enterprise_id": "E1"}).status_code == 404
    assert [r["enterprise_id"] for r in service.office_s2.every("/codes")] == ["E3", "E4"]


def test_no_answer_or_log_holds_a_code(service: Service) -> None:
    service.administrator.post("/codes", json={})
    token = _token(service)
    code_id = token[1:27]
    told = [service.administrator.get(p).text for p in ("/codes", "/audit", "/enterprises/E1")]
    assert not any(code_id in text for text in told)


def test_a_replaced_code_is_refused_and_the_new_one_is_good(service: Service) -> None:
    service.administrator.post("/codes", json={})
    former = _token(service)
    assert _owner(service, former) == "E1"
    answer = service.office_s1.post("/codes/E1/rotation", json={"reason": "二维码牌遗失"})
    assert answer.json() == {"enterprise_id": "E1", "revoked": 1, "serial": 2}
    with pytest.raises(Refusal) as refused:
        _owner(service, former)
    assert refused.value.code == "code_ended"
    assert _owner(service, _token(service)) == "E1"
    history = service.administrator.every("/codes", enterprise_id="E1")
    assert [(r["serial"], r["revoked_reason"]) for r in history] == [(1, "二维码牌遗失"), (2, None)]
    assert service.office_s2.post("/codes/E1/rotation", json={"reason": "x"}).status_code == 404


@ON_ONE_DATABASE
def test_a_sheet_shows_the_enterprise_and_a_street_has_one_for_each(service: Service) -> None:
    service.administrator.post("/codes", json={})
    answer = service.office_s1.get("/codes/sheets?street_id=S1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) == 2
    assert "企业1" in pages[0]
    assert "行政执法监督码" in pages[0]
    own = service.enterprise_e1.get("/codes/own/sheet", headers={"Accept-Language": "en"})
    assert "Supervision code" in pypdf.PdfReader(io.BytesIO(own.content)).pages[0].extract_text()
    assert service.enterprise_e1.get("/codes/sheets?street_id=S1").status_code == 403
    assert service.office_s1.get("/codes/sheets").status_code == 400
    assert service.office_s2.get("/codes/sheets?street_id=S1").status_code == 404


@ON_ONE_DATABASE
def test_an_enterprise_sees_its_own_code_as_a_picture(service: Service) -> None:
    assert service.enterprise_e1.get("/codes/own/picture").status_code == 404
    service.administrator.post("/codes", json={})
    answer = service.enterprise_e1.get("/codes/own/picture")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.content.startswith(b"<svg")
    assert service.enterprise_e3.get("/codes/own/picture").content != answer.content


# --- codes of officers ---


def _shown(service: Service) -> str:
    answer = service.officer_p1.post("/officer-codes")
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["address"].endswith(f"/o/{found['token']}")
    return str(found["address"])


def test_an_enterprise_sees_who_shows_the_code_and_whether_the_certificate_holds(service: Service) -> None:
    found = service.enterprise_e1.post("/officer-codes/reading", json={"token": _shown(service)}).json()
    assert (found["authority"], found["name"], found["certificate_no"]) == ("市场监管局", "人员1", "粤B00001")
    assert (found["valid"], found["valid_to"], found["items"]) == (True, "2028-12-31", [])
    service.clock.at = NOW.replace(year=2029)
    late = service.enterprise_e1.post("/officer-codes/reading", json={"token": _shown(service)}).json()
    assert late["valid"] is False


def test_an_officers_code_is_good_for_minutes(service: Service) -> None:
    address = _shown(service)
    service.clock.at = NOW + timedelta(minutes=OFFICER_CODE_MIN) - timedelta(microseconds=1)
    assert service.enterprise_e1.post("/officer-codes/reading", json={"token": address}).status_code == 200
    service.clock.at = NOW + timedelta(minutes=OFFICER_CODE_MIN)
    answer = service.enterprise_e1.post("/officer-codes/reading", json={"token": address})
    assert (answer.status_code, answer.json()["code"]) == (410, "code_ended")


def test_an_officers_code_that_was_read_is_no_other_enterprises(service: Service) -> None:
    address = _shown(service)
    for _ in range(2):
        assert service.enterprise_e1.post("/officer-codes/reading", json={"token": address}).status_code == 200
    answer = service.enterprise_e3.post("/officer-codes/reading", json={"token": address})
    assert (answer.status_code, answer.json()["code"]) == (410, "code_ended")


def test_a_code_of_another_kind_or_of_nobody_is_none_of_ours(service: Service) -> None:
    service.administrator.post("/codes", json={})
    settings = service.app.state.services.settings
    unknown = token_of(settings, CodeKind.OFFICER, new_code_id())
    for token in (_token(service), unknown, "https://example.com/o/", "钥匙"):
        answer = service.enterprise_e1.post("/officer-codes/reading", json={"token": token})
        assert (answer.status_code, answer.json()["code"]) == (404, "bad_code"), token
