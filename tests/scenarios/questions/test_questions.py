"""Questions answered: small cases whose answers are known, every claim planned again."""

from __future__ import annotations

import pytest

from scenarios.edits.crews import Crews
from scenarios.edits.edit import Edited, EditFault
from scenarios.questions.ask import ask
from scenarios.questions.asked import CrewsQuestion, DaysQuestion, QuietQuestion, ServeQuestion
from scenarios.questions.crews import crews_needed
from scenarios.questions.joint_days import fewest_joint_days
from scenarios.questions.quiet import quiet_break_even
from scenarios.questions.serve import changes_needed
from scenarios.questions.trial import Effort, planned
from scheduler.answers.errors import BadQuestion
from scheduler.domain.calendar import Period
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.rules import check
from solver.parallel import InProcess
from tests.builders import a_calendar, a_policy, a_pool, a_snapshot, a_street, an_enterprise, an_item, day, day_of

EFFORT = Effort(iterations=400, seed=1)


def _busy(num: int, **parts):
    """One morning of three hours, and parts of two hours and a half: every crew serves one enterprise."""
    items = tuple(an_item(f"I{n}", "A1", f"E{n}", duration_min=140) for n in range(num))
    return a_snapshot(items, calendar=a_calendar(1), **parts)


def test_as_many_crews_are_missing_as_enterprises_are_left_out() -> None:
    answer = crews_needed(_busy(5, crew_pools=(a_pool("A1", "S1", 2),)), EFFORT)
    assert (answer.unserved, answer.lost, answer.complete) == (3, 0, True)
    assert answer.more == (("A1", "S1", 3),)
    [worth] = answer.worth
    assert (worth.authority_id, worth.area_id, worth.gained) == ("A1", "S1", 1)
    assert worth.price is not None
    assert worth.price == pytest.approx(1, abs=0.5)
    assert any("A1 S1 +3" in s for s in answer.sentences("en"))


def test_what_is_lost_anyway_is_not_laid_at_the_crews_door() -> None:
    late = an_item("L1", "A1", "E9", earliest=day(9), latest=day(9))
    s = _busy(3, crew_pools=(a_pool("A1", "S1", 3),))
    answer = crews_needed(s.replace(items=(*s.items, late), enterprises=(*s.enterprises, an_enterprise("E9"))), EFFORT)
    assert (answer.unserved, answer.lost, answer.more) == (1, 1, ())
    assert "crews suffice" in answer.sentences("en")[-1]


def test_an_authority_without_any_crew_gets_its_first_in_the_street() -> None:
    items = (an_item("I1", "A1", "E1"), an_item("I2", "A2", "E1"))
    answer = crews_needed(a_snapshot(items, crew_pools=(a_pool("A1", "S1", 1),)), EFFORT)
    assert answer.more == (("A2", "S1", 1),)
    assert [w.price for w in answer.worth] == [None]


def test_the_answer_serves_everything_and_no_crew_of_it_can_be_spared() -> None:
    items = tuple(an_item(f"I{n}{a}", a, f"E{n}", duration_min=70) for n in range(8) for a in ("A1", "A2"))
    base = a_snapshot(items, calendar=a_calendar(2), crew_pools=(a_pool("A1", "D1", 1), a_pool("A2", "S1", 1)))
    answer = crews_needed(base, EFFORT)
    assert answer.complete

    def unserved(less: int) -> int:
        case = Edited(snapshot=base)
        for k, (a, area, n) in enumerate(answer.more):
            change = n - (k == less)
            case = Crews(authority=a, area=area, change=change).apply(case) if change else case
        return planned(case.snapshot, EFFORT).score.unserved_weight

    assert unserved(-1) == 0
    assert all(unserved(k) > 0 for k in range(len(answer.more)))


def _month(*items, **parts):
    """October 2026: inspection dates on all its weekdays."""
    return a_snapshot(items, calendar=a_calendar(31, first=day_of("2026-10-01")), **parts)


def test_quiet_days_are_free_until_the_last_date_on_which_all_can_be_served() -> None:
    # Friday the 16th is the last date of the window.
    base = _month(an_item("I1", earliest=day_of("2026-10-05"), latest=day_of("2026-10-16")))
    answer = quiet_break_even(base, EFFORT)
    assert (answer.free, answer.costs) == (15, 16)
    assert [v.unserved for v in answer.levels] == sorted(v.unserved for v in answer.levels)
    assert "15" in answer.sentences("zh")[0]


def test_quiet_days_that_exempt_everything_cost_nothing() -> None:
    base = _month(an_item("I1", trigger=Trigger.CASE))
    answer = quiet_break_even(base, EFFORT, exempt_triggers=(Trigger.CASE,), port=InProcess(2))
    assert (answer.free, answer.costs) == (31, None)


def test_all_can_be_done_on_one_joint_day_where_crews_are_there() -> None:
    items = tuple(an_item(f"I{n}", "A1", f"E{n}", duration_min=100) for n in range(4))
    base = a_snapshot(items, streets=(a_street("S1"),), crew_pools=(a_pool("A1", "S1", 4),))
    answer = fewest_joint_days(base, EFFORT)
    assert (answer.fewest, answer.bound) == (1, 1)
    assert answer.now >= answer.fewest
    assert answer.streets[0][2] == 1
    assert answer.unserved == (0, 0)


QUARTERLY = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)


def test_one_change_that_serves_two_items_is_taken_once() -> None:
    early = [an_item(f"I{n}", "A1", f"E{n}", priority="high", latest=day(0)) for n in (1, 2)]
    late = [an_item(f"L{n}", "A2", f"E{n}", earliest=day(3)) for n in (1, 2)]
    base = a_snapshot((*early, *late), policy=a_policy(caps=(QUARTERLY,)))
    answer = changes_needed(base, ["L1", "L2"], EFFORT)
    assert (answer.served, answer.left, answer.confirmed) == (("L1", "L2"), (), True)
    assert len(answer.changes) <= 2
    assert answer.differences


def test_items_served_already_need_no_change() -> None:
    answer = changes_needed(a_snapshot(), ["I1"], EFFORT)
    assert (answer.served_already, answer.changes, answer.left) == (("I1",), (), ())


def test_an_unknown_item_cannot_be_asked_about() -> None:
    with pytest.raises(BadQuestion):
        changes_needed(a_snapshot(), ["nobody"], EFFORT)


@pytest.mark.parametrize(
    "question",
    [
        CrewsQuestion(iterations=100),
        DaysQuestion(iterations=100),
        QuietQuestion(iterations=100),
        ServeQuestion(iterations=100, item_ids=("I4",)),
    ],
)
def test_every_question_is_answered_in_both_languages_with_plain_values(question) -> None:
    import json

    base = _busy(5, crew_pools=(a_pool("A1", "S1", 2),))
    answer = ask(base, question)
    assert answer.question == question.question
    assert answer.zh
    assert answer.en
    assert json.loads(json.dumps(answer.values)) == answer.values


def test_a_question_about_what_is_not_there_says_so() -> None:
    with pytest.raises(EditFault, match="S9"):
        ask(a_snapshot(), QuietQuestion(scope="street", target="S9"))


def test_plans_of_answers_keep_every_rule() -> None:
    base = _busy(3, crew_pools=(a_pool("A1", "S1", 2),))
    assert check(base, planned(base, EFFORT).schedule) == ()
