"""What happens to a published schedule: outcomes of visits, and changes of what a plan is made from."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import FrequencyCap
from scheduler.errors import OnevisitError
from scheduler.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDone:
    """A visit took place.

    Parameters
    ----------
    minutes : how long it lasted in fact, from the first start to the last leave, when known.
    left_item_ids : its items that the crews did not get round to; they come back.
    """

    visit_id: str
    minutes: int | None = None
    left_item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAccess:
    """Nobody opened the door; the items come back."""

    visit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The enterprise refused the visit, as it may where no code is shown; the items come back."""

    visit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseClosed:
    """An enterprise is closed from first to last day number, both inside."""

    enterprise_id: str
    first_day: int
    last_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewMissing:
    """Crews of an authority and area are not at work on a date; with an officer missing a crew is incomplete.

    Parameters
    ----------
    shift_id : the one shift concerned; every shift of the date when ``None``.
    crews : how many, at least 1; never more are taken than there are.
    """

    authority_id: str
    area_id: str
    day: int
    shift_id: str | None = None
    crews: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCancelled:
    """Nobody goes out on a date, for example because of a typhoon.

    Parameters
    ----------
    shift_id : the one shift concerned, which is then cancelled in the whole city; every shift when ``None``.
    area_id : a street, a district, or ``*``.
    """

    day: int
    shift_id: str | None = None
    area_id: str = WHOLE_CITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAdded:
    """A new plan item; an urgent case is one with a deadline that is exempt from caps and unannounced."""

    item: PlanItem


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWithdrawn:
    """A plan item is no longer wanted."""

    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapChanged:
    """A frequency cap has another number of visits, or is new.

    Parameters
    ----------
    cap : takes the place of the one of equal scope, period, authority and credit class.
    """

    cap: FrequencyCap


Outcome = VisitDone | NoAccess | Refused
"""What became of a visit."""

Event = Outcome | EnterpriseClosed | CrewMissing | ShiftCancelled | ItemAdded | ItemWithdrawn | CapChanged

UNKNOWN_VISIT = Text("排程中没有入企{id}", "the schedule has no visit {id}")
NOT_YET = Text(
    "入企{id}安排在{day}，晚于{today}，还不会有结果", "visit {id} is on {day}, after {today}: it can't have an outcome"
)
TWO_OUTCOMES = Text("入企{id}有两个结果", "visit {id} has two outcomes")
NOT_OF_VISIT = Text("事项{item}不属于入企{id}", "item {item} is not of visit {id}")
SERVED_TWICE = Text(
    "入企{id}的事项{item}已由{day}的入企{other}完成", "item {item} of visit {id} was served by visit {other} on {day}"
)
ONLY_DONE = Text("只有已完成的入企才有此项（入企{id}）", "only visits that are done have it (visit {id})")
UNKNOWN_ENTERPRISE = Text("没有企业{id}", "there is no enterprise {id}")
UNKNOWN_AUTHORITY = Text("没有部门{id}", "there is no authority {id}")
UNKNOWN_AREA = Text("没有街道或区{id}", "there is no street or district {id}")
UNKNOWN_SHIFT = Text("没有班次{id}", "there is no shift {id}")
UNKNOWN_ITEM = Text("没有事项{id}", "there is no item {id}")
KNOWN_ITEM = Text("已有事项{id}", "there is an item {id} already")
UNKNOWN_PRIORITY = Text("没有优先级{id}", "there is no priority {id}")
WRONG_SPAN = Text("{first}晚于{last}", "{first} is after {last}")
NOT_POSITIVE = Text("{name}应至少为1，现为{value}", "{name} must be at least 1, not {value}")
ONE_SHIFT_OF_AN_AREA = Text(
    "只能取消全市的某一班次，或某街道、某区的整日",
    "one shift is cancelled for the whole city, or an area for the whole date",
)
NOTHING_LEFT = Text("{today}之后计划期内没有检查日", "the horizon has no inspection date from {today} on")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFault:
    """Why an event cannot be: its place among the events from 0 (``None``: all of them), and the sentence."""

    position: int | None
    text: Text
    facts: tuple[tuple[str, str], ...] = ()

    def sentence(self, lang: str) -> str:
        """Return the sentence."""
        return self.text.say("zh" if lang == "zh" else "en", **dict(self.facts))


class BadEvents(OnevisitError):
    """Events that do not fit the schedule or its case; `faults` names every one of them, and nothing has changed."""

    code = "bad_events"

    def __init__(self, faults: tuple[EventFault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(f.sentence("en") for f in faults))
