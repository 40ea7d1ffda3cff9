"""What violations and rules say of themselves."""

from __future__ import annotations

from scheduler.rules import RULES, check
from tests.builders import (
    a_schedule,
    a_snapshot,
    an_item,
    day,
)
from tests.scheduler.rules.samples import ONE


def test_violations_name_the_rule_the_ids_and_the_figures_in_both_languages():
    snapshot = a_snapshot([an_item(earliest=day(1), latest=day(2))])
    schedule = a_schedule(snapshot, ONE)
    (violation,) = check(snapshot, schedule)
    assert violation.ids == ("I1", schedule.visits[0].visit_id)
    assert violation.sentence("en") == (
        "R03 Item I1 may be served from 2026-10-13 to 2026-10-14, but is served on 2026-10-12."
    )
    assert violation.sentence("zh") == "R03 事项I1应在2026-10-13至2026-10-14办理，却排在2026-10-12。"


def test_codes_of_rules_are_in_order_and_every_rule_speaks_both_languages():
    assert [r.code for r in RULES] == [f"R{n:02d}" for n in range(1, len(RULES) + 1)]
    for rule in RULES:
        for text in (rule.name, rule.statement):
            assert text.zh
            assert text.en
