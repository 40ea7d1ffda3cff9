"""What cannot be asked about a schedule."""

from __future__ import annotations

from scheduler.errors import OnevisitError
from scheduler.texts import Text

UNKNOWN_ITEM = Text("案例中没有事项{id}", "the case has no item {id}")
SERVED = Text("事项{id}已办理：入企{visit}，{day} {shift}", "item {id} is served, by visit {visit} on {day} {shift}")
UNKNOWN_STREET = Text("案例中没有街道{id}", "the case has no street {id}")
UNKNOWN_AUTHORITY = Text("案例中没有部门{id}", "the case has no authority {id}")
NOBODY_THERE = Text(
    "{day} {shift}在{street}没有{authority}的班组",
    "{authority} has no crews in {street} on {day} {shift}",
)


class BadQuestion(OnevisitError):
    """A question that has no answer; `text` with `facts` says why."""

    code = "bad_question"

    def __init__(self, text: Text, **facts: object) -> None:
        self.text = text
        self.facts = facts
        super().__init__(text.say("en", **facts))
