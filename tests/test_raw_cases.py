"""Snapshots of tests are snapshots that intake makes: written as a case and read again they are the same."""

from __future__ import annotations

from hypothesis import given, settings

from scheduler.intake.read import read_raw
from tests.raw_cases import to_raw_case
from tests.strategies import small_snapshots


@settings(max_examples=60, deadline=None)
@given(small_snapshots())
def test_a_small_snapshot_reads_back_from_its_case(snapshot):
    again = read_raw(to_raw_case(snapshot)).snapshot
    assert again == snapshot
    assert again.digest() == snapshot.digest()
