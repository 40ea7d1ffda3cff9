"""The digest tells snapshots apart, and fields that came later leave those of older cases as they are."""

from __future__ import annotations

from dataclasses import replace

from scheduler.domain.policy import StreetRules
from tests.builders import a_policy, a_snapshot


def test_a_case_without_limits_of_a_street_keeps_the_digest_that_it_had_before_there_were_any():
    assert a_snapshot().digest() == "5d93922dba9f05294a8e9ebd46f0316ef696ef9ca8525a16da5f3a82b6e57092"


def test_limits_of_a_street_are_part_of_the_digest():
    limits = (StreetRules(), StreetRules(max_days=2), StreetRules(max_visits=2), StreetRules(max_days=2, max_visits=2))
    digests = [a_snapshot(policy=replace(a_policy(), street=street)).digest() for street in limits]
    assert len(set(digests)) == len(limits)
