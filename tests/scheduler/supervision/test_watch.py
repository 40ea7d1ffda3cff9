"""Everything at once: which rules are looked at from when on, and what is said of every kind in both languages."""

from __future__ import annotations

from dataclasses import replace

from scheduler.domain.calendar import Period
from scheduler.domain.fieldwork.kinds import EntryPath
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.supervision.area import ComplaintCount, complaint_clusters
from scheduler.supervision.at_door import CapsOfTime, Enterprise
from scheduler.supervision.raised import RaisedWarning
from scheduler.supervision.rules import DEFAULT_RULES, WarningKind
from scheduler.supervision.scans import unpublished
from scheduler.supervision.sentences import warning_sentence
from scheduler.supervision.watch import watch_all
from tests.scheduler.supervision.builders import D, enterprise, entry, missing, rule

TODAY = D + 30


def _busy(enterprise_id: str) -> Enterprise:
    """Return an enterprise at which everything went wrong."""
    crowd = entry(D + 5, officer_ids=tuple(f"P{n}" for n in range(11)), path=EntryPath.OFF_PLAN)
    caps = tuple(FrequencyCap(scope=s, period=Period.YEAR, max_visits=2) for s in CapScope)
    at = enterprise(entry(D), crowd, caps=(CapsOfTime(start=D - 10, end=D + 60, caps=caps),))
    return replace(at, enterprise_id=enterprise_id)


def _everything() -> list[RaisedWarning]:
    scans = [missing(D, ref="H/V1/A1"), missing(D + 1, ref="H/V2/A1")]
    found = list(watch_all(DEFAULT_RULES, [_busy(e) for e in ("E1", "E2", "E3")], scans, TODAY))
    found += unpublished(rule("unpublished_30"), "L1", "A1", D, D + 31)
    filed = [ComplaintCount(authority_id="A1", street_id="S1", kind="other", day=D, count=9)]
    for rule_id in ("complaints_authority", "complaints_street"):
        found += complaint_clusters(rule(rule_id), filed, [], D, {})
    return found


def test_every_rule_that_comes_with_the_program_finds_something_where_everything_went_wrong() -> None:
    found = _everything()
    assert {w.rule.kind for w in found} == set(WarningKind)
    assert len({w.warning_id for w in found}) == len(found)


def test_every_kind_has_a_sentence_in_both_languages_with_names_for_ids() -> None:
    names = {"E1": "企业一", "A1": "市场监管局", "S1": "马田街道", "D1": "光明区"}
    for w in _everything():
        who = {"enterprise_id": w.enterprise_id, "authority_ids": w.authority_ids}
        for lang in ("zh", "en"):
            said = warning_sentence(w.form, dict(w.facts), names, lang, **who)  # type: ignore[arg-type]
            assert "{" not in said, said
            assert "A1" not in said, said
            assert any(name in said for name in names.values()) or w.enterprise_id in ("E2", "E3"), said


def test_the_third_repeat_of_a_district_is_found_from_the_repeats_of_its_enterprises() -> None:
    found = watch_all(DEFAULT_RULES, [_busy("E1"), _busy("E2")], (), TODAY)
    assert WarningKind.REPEAT_DISTRICT not in {w.rule.kind for w in found}
    (of_district,) = [w for w in _everything() if w.rule.kind is WarningKind.REPEAT_DISTRICT]
    assert len(of_district.evidence) == 3


def test_a_rule_looks_at_nothing_before_its_first_day() -> None:
    late = [replace(r, since=D + 6) for r in DEFAULT_RULES]
    assert watch_all(late, [_busy("E1")], [missing(D)], TODAY) == ()
    on_time = [replace(r, since=D + 5) for r in DEFAULT_RULES]
    assert WarningKind.CROWD in {w.rule.kind for w in watch_all(on_time, [_busy("E1")], (), TODAY)}
