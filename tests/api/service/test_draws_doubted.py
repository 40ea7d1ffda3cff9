"""Draws that somebody forged, may not carry out, or asks for wrongly; and whoever doubts one draws again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from api.operations.pruning import prune
from api.store.database import WRITES
from api.store.schema import draw_targets, draw_teams, draws
from tests.api.service.carrying import carry_out_all
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.drawing import (
    ENGLISH,
    RUN,
    TARGETS,
    committed,
    drawn_for,
    publish_s1,
    said,
    verdict,
    verified,
)
from tests.api.service.world import Service


@pytest.fixture
def published(service: Service) -> str:
    return publish_s1(service)


@contextmanager
def _behind_our_back(service: Service) -> Iterator[Connection]:
    with service.engine.connect() as plain:
        connection = plain.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


def test_whoever_has_the_archive_of_a_draw_verifies_it_without_the_service(
    service: Service, published: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # --- Monday: both draws are carried out, with all that may be said of officers
    past = [{"enterprise_id": "E1", "authority_id": "A1", "date": "2026-05-11", "officer_id": "P1"}]
    recusals = [{"officer_id": "P2", "enterprise_id": "E1"}]
    absences = [{"officer_id": "P4", "from": "2026-10-01", "to": "2026-10-09", "shift_id": "PM"}]
    known = {"absences": absences, "recusals": recusals, "past_teams": past}
    teams, targets = drawn_for(service.office_s1, published, **known), committed(service.office_s1, "targets")
    asked = {**TARGETS, "exclude_days": 30, "schedule_id": published}
    said(service.office_s1.post(f"/draws/{targets}/targets", json=asked))
    commitment = said(service.supervisor.get(f"/draws/{teams}"))["commitment"]
    # --- Tuesday: a citizen gets the archives of the supervisor, and has the commitment from the newspaper
    for draw in (teams, targets):
        archive = service.supervisor.get(f"/draws/{draw}/export")
        assert archive.status_code == 200
        zipfile.ZipFile(io.BytesIO(archive.content)).extractall(tmp_path / draw)
        assert service.department_a1.get(f"/draws/{draw}/export").status_code == 403
    of = tmp_path / teams
    roster = ["--roster", str(of / "roster"), "--commitment", commitment]
    assert verified(of, *roster) == 0
    # --- a draw that somebody touched is found out
    table = of / "roster" / "recusals.csv"
    table.write_text(table.read_text("utf-8").replace("E1", "E2"), "utf-8")
    assert verified(of, *roster) == 1
    assert verified(tmp_path / targets) == 0
    capsys.readouterr()


def _seed_of_another(draw: Any) -> dict[str, Any]:
    return {"record": {**draw["record"], "seed": "00" * 32}}


def _other_commitment(draw: Any) -> dict[str, Any]:
    return {"commitment": "0" * 64}


def _other_roster(draw: Any) -> dict[str, Any]:
    return {"roster": {**draw["roster"], "officers": draw["roster"]["officers"][1:]}}


def _other_teams(draw: Any) -> dict[str, Any]:
    teams = draw["record"]["teams"]
    return {"record": {**draw["record"], "teams": {**teams, min(teams): ["P1", "P9"]}}}


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        (_seed_of_another, "the seed is not that of the commitment"),
        (_other_commitment, "the commitment is not what the audit log says"),
        (_other_roster, "the roster is not that of the draw"),
        (_other_teams, "drawn again"),
    ],
)
def test_a_forged_record_is_found(service: Service, published: str, forged: Any, words: str) -> None:
    draw = drawn_for(service.office_s1, published)
    of = draws.c.draw_id == draw
    with _behind_our_back(service) as connection:
        row = connection.execute(select(draws).where(of)).mappings().one()
        connection.execute(update(draws).where(of).values(**forged(row)))
    found = verdict(service.supervisor, draw)
    assert not found["true"]
    assert words in " ".join(found["findings"]["en"])
    assert len(found["findings"]["zh"]) == len(found["findings"]["en"])
    assert "P9" not in str(verdict(service.department_a2, draw)), "officers of another authority"


def test_forged_rows_of_a_draw_are_found(service: Service, published: str) -> None:
    teams, targets = drawn_for(service.office_s1, published), committed(service.office_s1, "targets")
    said(service.office_s1.post(f"/draws/{targets}/targets", json=TARGETS))
    with _behind_our_back(service) as connection:
        connection.execute(update(draw_teams).where(draw_teams.c.draw_id == teams).values(name="他人"))
        connection.execute(update(draw_targets).values(enterprise_id="E6"))
    for draw in (teams, targets):
        words = "the result that is stored is not that of the record"
        assert verdict(service.supervisor, draw)["findings"]["en"] == [words]


def test_the_case_of_a_draw_is_kept_as_long_as_the_draw(service: Service) -> None:
    draw = committed(service.office_s1, "targets")
    said(service.office_s1.post(f"/draws/{draw}/targets", json=TARGETS))
    service.clock.at += timedelta(days=400)
    prune(service.store, keep_days=30)
    assert verdict(service.supervisor, draw)["true"]


def test_who_may_draw_and_what(service: Service, published: str) -> None:
    asked = {"schedule_id": published}
    draw = committed(service.office_s1)
    for client in (service.department_a1, service.planner, service.supervisor):
        assert client.post(f"/draws/{draw}/officers", json=asked).status_code == 403
    # another office: neither with the seed of this one, nor for its street
    assert said(service.office_s2.post(f"/draws/{draw}/officers", json=asked), 403)["code"] == "not_yours"
    other = committed(service.office_s2)
    assert service.office_s2.post(f"/draws/{other}/officers", json=asked).status_code == 404
    targets = committed(service.office_s2, "targets")
    assert service.office_s2.post(f"/draws/{targets}/targets", json=TARGETS).status_code == 403
    # the wrong kind, and a schedule that is not published
    assert said(service.office_s1.post(f"/draws/{draw}/targets", json=TARGETS), 409)["code"] == "conflict"
    said(service.administrator.post("/pins", json={"enterprise_id": "E2", "date": "2026-12-01"}), 201)
    run_id = said(service.office_s1.post("/runs", json=RUN), 202)["run_id"]
    carry_out_all(service)
    draft = said(service.office_s1.get(f"/runs/{run_id}"))["schedule_id"]
    refused = said(service.office_s1.post(f"/draws/{draw}/officers", json={"schedule_id": draft}), 409)
    assert refused["code"] == "wrong_state"
    # the administrator carries out what the office committed to; a draft is as fresh as before
    said(service.administrator.post(f"/draws/{draw}/officers", json=asked))
    said(service.office_s1.post(f"/schedules/{draft}/publication"), 201)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"schedule_id": "none"}, 404, "schedules/none"),
        ({"absences": [{"officer_id": "P99", "from": "2026-10-01", "to": "2026-10-02"}]}, 422, "P99"),
        ({"absences": [{"officer_id": "P1", "from": "2026-10-02", "to": "2026-10-01"}]}, 422, "dates_reversed"),
        ({"absences": [{"officer_id": "P1", "from": "2026-02-31", "to": "2026-10-01"}]}, 422, "2026-02-31"),
        ({"absences": [{"officer_id": "P1", "from": "2026-10-01", "to": "2026-10-01", "x": 1}]}, 422, "unknown_field"),
        ({"recusals": [{"officer_id": "P1"}]}, 422, "enterprise_id"),
        ({"past_teams": ["P1"]}, 422, "past_teams"),
        ({"officers": []}, 422, "officers"),
        ({"public": 5}, 422, "public"),
    ],
)
def test_what_officers_cannot_be_drawn_from_is_placed(
    service: Service, published: str, change: dict[str, Any], status: int, words: str
) -> None:
    draw = committed(service.office_s1)
    body = {"schedule_id": published, **change}
    answer = service.office_s1.post(f"/draws/{draw}/officers", json=body, headers=ENGLISH)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert said(service.office_s1.get(f"/draws/{draw}"))["state"] == "committed"


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"area_id": "S9"}, 404, "S9"),
        ({"authority_id": "A9"}, 422, "A9"),
        ({"strata": []}, 422, "strata"),
        ({"strata": [{"ratio": 0}]}, 422, "ratio"),
        ({"strata": [{"ratio": 1.01}]}, 422, "ratio"),
        ({"strata": [{"ratio": 0.1}, {"ratio": 0.2}]}, 422, "duplicate_id"),
        ({"strata": [{"credit_class": "Z", "ratio": 0.1}]}, 422, "credit_class"),
        ({"earliest": "2026-12-19"}, 422, "is after"),
        ({"latest": "2026-02-31"}, 422, "a date YYYY-MM-DD"),
        ({"priority": "urgent"}, 422, "urgent"),
        ({"duration_min": 0}, 422, "duration_min"),
        ({"schedule_id": "none"}, 404, "schedules/none"),
        ({"item_prefix": "a;b"}, 422, "item_prefix"),
    ],
)
def test_what_targets_cannot_be_drawn_from_is_placed(
    service: Service, change: dict[str, Any], status: int, words: str
) -> None:
    draw = committed(service.administrator, "targets")
    answer = service.administrator.post(f"/draws/{draw}/targets", json={**TARGETS, **change}, headers=ENGLISH)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert service.administrator.every(f"/draws/{draw}/targets") == []
