"""Whatever file is sent, however malformed: a problem says what is wrong, nothing is stored, memory is bounded.

No database has a part in what is refused here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.bodies import CSV, XLSX, ZIP
from tests.api.service.bad import archives, tables
from tests.api.service.bad.cases import Bad
from tests.api.service.bad.sending import (
    Houses,
    check_failed,
    check_refused,
    open_houses,
    peak_mb,
    reset_peak_mb,
    rows_of,
)
from tests.api.service.conftest import ON_ONE_DATABASE, Prepared
from tests.api.service.world import HORIZON, Service

MB = 1 << 20
GROUPS = (
    tables.csv_plans, tables.workbook_plans, tables.media_types, tables.register_files, archives.cases,
    archives.schedules,
)  # fmt: skip
CASES = [pytest.param(case, id=case.name[:90]) for group in GROUPS for case in group()]


@pytest.fixture(scope="module")
def houses(prepare: Callable[..., Prepared], request: pytest.FixtureRequest) -> Iterator[Houses]:
    yield from open_houses(prepare, request)


@pytest.mark.parametrize("bad", CASES)
def test_a_bad_file_is_refused_and_nothing_stored(houses: Houses, bad: Bad) -> None:
    check_refused(houses("sqlite"), bad)


# --- files without end -----------------------------------------------------------------------------------------------


def _endless(size_mb: int, piece: bytes) -> Iterator[bytes]:
    block = piece * (MB // len(piece))
    return (block for _ in range(size_mb))


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("url", "media_type", "params"),
    [
        ("/imports", CSV, {"table": "districts"}),
        ("/imports", XLSX, {"table": "districts"}),
        ("/imports", ZIP, {"horizon_id": "2027Q1"}),
        ("/schedules", ZIP, {"horizon_id": HORIZON, "area_id": "S1"}),
        ("/plans", CSV, {"horizon_id": HORIZON}),
        ("/plans", "application/json", {}),
        ("/districts", "application/json", {}),
    ],
)
def test_a_file_of_100_mb_is_refused_as_it_comes(
    make_service: Callable[..., Service], url: str, media_type: str, params: dict[str, str], tmp_path: Path
) -> None:
    service = make_service(max_upload_mb=64, data_dir=tmp_path)
    client, before, memory = service.administrator, rows_of(service.store), reset_peak_mb()
    for headers in ({}, {"Content-Length": str(100 * MB)}):
        content = _endless(100, b"PK\x03\x04,a\nx" * 2)
        answer = client.post(url, params=params, content=content, headers={"Content-Type": media_type, **headers})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert rows_of(service.store) == before
    files = [p.name for p in tmp_path.rglob("*") if p.is_file() and p.stat().st_size]
    assert files == ["session.secret"], "what the server drew when it began"
    assert peak_mb() - memory < 40


@ON_ONE_DATABASE
def test_a_file_of_100_mb_that_is_taken_in_is_read_without_much_more(make_service: Callable[..., Service]) -> None:
    service = make_service(max_upload_mb=128)
    before, memory = rows_of(service.store), reset_peak_mb()
    sent = {"params": {"table": "districts"}, "headers": {"Content-Type": CSV}}
    answer = service.administrator.post("/imports", content=_endless(100, b"district_id,name\n"), **sent)
    assert answer.status_code == 202
    assert peak_mb() - memory < 40  # it went to the disk, and to the database
    bad = Bad(name="", url="/imports", place=("districts", None, None))
    check_failed(service, bad, answer.json()["run_id"], before)
    assert peak_mb() - memory < 600
