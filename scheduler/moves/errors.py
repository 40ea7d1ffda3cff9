"""What cannot be asked of a move: ids that nothing answers to, times that no shift has."""

from __future__ import annotations

from scheduler.errors import OnevisitError
from scheduler.texts import Text

UNKNOWN_VISIT = Text("排程中没有入企{id}", "the schedule has no visit {id}")
SEVERAL_VISITS = Text(
    "“{id}”对应多次入企，请给出其中一个入企编号：{found}", "{id} means several visits, name one of them: {found}"
)
NO_VISIT = Text("企业{id}在排程中没有入企", "enterprise {id} has no visit in the schedule")
NOT_OF_VISIT = Text("入企{visit}没有事项{id}", "visit {visit} has no item {id}")
NOTHING_LEFT = Text("入企{visit}至少要留下一项", "an item of visit {visit} must be left")
UNKNOWN_SHIFT = Text("没有班次{id}；可用：{known}", "there is no shift {id}; known: {known}")
OUTSIDE_HORIZON = Text("{day}不在计划期{first}至{last}之内", "{day} is outside the horizon from {first} to {last}")
START_OUTSIDE = Text(
    "开始时间{start}不在班次{shift}（{first}至{last}）之内",
    "start {start} is outside shift {shift} from {first} to {last}",
)
STALE = Text("排程已经变化，此改动不再适用", "the schedule has changed, this change no longer fits it")


class BadMove(OnevisitError):
    """A move that cannot be asked for; `text` with `facts` says why."""

    code = "bad_move"

    def __init__(self, text: Text, **facts: object) -> None:
        self.text = text
        self.facts = facts
        super().__init__(text.say("en", **facts))
