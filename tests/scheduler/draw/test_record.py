"""Verification: a true record is true, and every tampering is found."""

from __future__ import annotations

import copy
from fractions import Fraction

import pytest

from scheduler.draw.officers import draw_officers
from scheduler.draw.record import (
    officers_record,
    targets_record,
    verify_officers,
    verify_targets,
)
from scheduler.draw.stream import BadSeed, Stream, commitment_of, seed_of
from scheduler.draw.targets import Stratum, draw_targets
from tests.scheduler.draw.test_officers import _schedule, a_roster, an_officer, seed
from tests.scheduler.draw.test_targets import _snapshot, a_plan

PURPOSE = "Matian, 2026 Q4"


def _record(public: str = ""):
    schedule, roster = _schedule(days=3, crews=2), a_roster(9)
    draw = draw_officers(schedule, roster, seed(7), public)
    return officers_record(schedule, roster, draw, seed(7), PURPOSE, public), schedule, roster


def test_a_true_record_is_true_also_with_a_public_value():
    for public in ("", "lottery 08 13 21"):
        record, schedule, roster = _record(public)
        assert verify_officers(record, schedule, roster, commitment_of(seed(7), PURPOSE)) == ()
    assert _record("a")[0]["teams"] != _record("b")[0]["teams"]


@pytest.mark.parametrize("field", ["purpose", "commitment", "seed", "public", "schedule_digest", "roster_digest"])
def test_every_field_that_is_tampered_with_is_found(field):
    record, schedule, roster = _record()
    wrong = record[field] + "0" if field in ("purpose", "public") else "0" * 63 + "1"
    assert verify_officers({**record, field: wrong}, schedule, roster)


def test_a_changed_team_another_roster_and_another_commitment_are_found_and_named():
    record, schedule, roster = _record()
    other = copy.deepcopy(record)
    crew_id = sorted(other["teams"])[1]
    other["teams"][crew_id] = ["P1", "P9"] if other["teams"][crew_id] != ["P1", "P9"] else ["P1", "P8"]
    (finding,) = verify_officers(other, schedule, roster)
    assert crew_id in finding.sentence("en")
    assert verify_officers(record, schedule, type(roster)(officers=(*roster.officers, an_officer(10))))
    (finding,) = verify_officers(record, schedule, roster, "0" * 64)
    assert "0" * 64 in finding.sentence("zh")


def test_what_is_no_record_is_said_so():
    _, schedule, roster = _record()
    for value in ({}, {"format": "onevisit-draw/1", "kind": "officers"}, {"format": "x"}):
        assert len(verify_officers(value, schedule, roster)) == 1


def test_a_record_of_targets_is_verified_with_its_log():
    snapshot = _snapshot(8)
    plan = a_plan(Stratum(credit_class="*", industry="*", ratio=Fraction(1, 3)))
    draw = draw_targets(snapshot, (), plan, seed(7))
    record = targets_record(snapshot, (), plan, draw, seed(7), PURPOSE, "")
    assert verify_targets(record, snapshot, ()) == ()
    assert verify_targets(record, _snapshot(9), ())
    other = copy.deepcopy(record)
    other["strata"][0]["targets"][0] = "E1" if other["strata"][0]["targets"][0] != "E1" else "E2"
    assert verify_targets(other, snapshot, ())
    assert verify_targets({**record, "plan": {}}, snapshot, ())


def test_the_stream_is_the_documented_one():
    """Two values from the definition in docs/draw.md, so that others can check their own programs."""
    import hashlib

    first = hashlib.sha256(b"onevisit-draw/1\ndraw\n" + seed(1) + b"\npublic\ncontext\n0").digest()
    stream = Stream(seed(1), "public", "context")
    assert stream.below(1 << 64) == int.from_bytes(first[:8], "big")
    assert stream.below(10) == int.from_bytes(first[8:16], "big") % 10


def test_a_seed_is_64_hexadecimal_digits():
    assert seed_of(" " + "ab" * 32 + "\n") == b"\xab" * 32
    for text in ("", "ab" * 31, "zz" * 32):
        with pytest.raises(BadSeed):
            seed_of(text)
