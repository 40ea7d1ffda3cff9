"""What every edit is: a frozen model that turns a case into another, says what it does, and finds what is wrong."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import OnevisitError
from scheduler.texts import Lang, Text

_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A case on its way through the edits of a scenario.

    Parameters
    ----------
    twins : (enterprise made by an edit, the enterprise of the base whose premises it stands for).
    taken_out, put_in : items that edits removed from, and added to the demand.
    notes : what a reader must know before comparing.
    """

    snapshot: PlanningSnapshot
    twins: Mapping[str, str] = field(default_factory=dict)
    taken_out: int = 0
    put_in: int = 0
    notes: tuple[Text, ...] = ()

    def change(self, **changes: Any) -> Edited:
        """Return it with fields of the snapshot changed."""
        return replaced(self, snapshot=self.snapshot.replace(**changes))

    def change_policy(self, **changes: Any) -> Edited:
        """Return it with fields of the policy changed."""
        return self.change(policy=replaced(self.snapshot.policy, **changes))

    def premises(self, enterprise_id: str) -> str:
        """Return the enterprise of the base that an enterprise of this case stands for."""
        return self.twins.get(enterprise_id, enterprise_id)


class EditFault(OnevisitError):
    """An edit that does not fit the case; `text` with `facts` says why."""

    code = "bad_edit"

    def __init__(self, text: Text, **facts: object) -> None:
        self.text = text
        self.facts = facts
        super().__init__(text.say("en", **facts))

    def sentence(self, lang: Lang) -> str:
        """Return the reason in a language."""
        return self.text.say(lang, **self.facts)


_UNKNOWN = {
    "authority": Text("案例中没有部门{id}", "the case has no authority {id}"),
    "street": Text("案例中没有街道{id}", "the case has no street {id}"),
    "area": Text("案例中没有街道或区{id}", "the case has no street or district {id}"),
    "shift": Text("案例中没有班次{id}", "the case has no shift {id}"),
    "priority": Text("案例中没有优先级{id}", "the case has no priority {id}"),
    "enterprise": Text("案例中没有企业{id}", "the case has no enterprise {id}"),
    "industry": Text("案例中没有行业{id}", "the case has no industry {id}"),
    "credit_class": Text("案例中没有信用等级{id}", "the case has no credit class {id}"),
    "item_code": Text("案例中没有事项代码{id}", "the case has no item code {id}"),
}


def require(kind: str, value: str, known: Iterable[str | None]) -> None:
    """Raise :class:`EditFault` when a name is none of the known ones."""
    if value not in known:
        raise EditFault(_UNKNOWN[kind], id=value)


class Edit(BaseModel, ABC):
    """One change of a case.

    Every kind of edit is a class with a literal `kind`; its fields are the keys of its TOML table and JSON object.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    kind: str

    @abstractmethod
    def apply(self, case: Edited) -> Edited:
        """Return the case after the edit.

        Raises
        ------
        EditFault : it names what the case does not have.
        """

    @abstractmethod
    def describe(self) -> Text:
        """Return in one sentence, without a full stop, what it does."""


def _span(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise ValueError("a date or dates as YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD")
    found = _SPAN.fullmatch(value.strip())
    if found is None:
        raise ValueError("a date or dates as YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD")
    first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2] or found[1])
    if last < first:
        raise ValueError("the last date lies before the first")
    return value.strip()


def _clock(value: object) -> object:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError("a time as HH:MM")
    return value


Span = Annotated[str, BeforeValidator(_span)]
"""A date, or first and last date: ``2026-10-12`` or ``2026-10-12..2026-10-16``."""

Clock = Annotated[str, BeforeValidator(_clock)]
"""A time of the day, ``09:00``; ``24:00`` ends a day."""


def days_of(span: str) -> tuple[int, int]:
    """Return the first and the last day number of a span, both inside."""
    first, _, last = span.partition("..")
    return date.fromisoformat(first).toordinal(), date.fromisoformat(last or first).toordinal()


def minute_of(clock: str) -> int:
    """Return a time of the day in minutes after midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def when(span: str | None, shift: str | None, weekdays: tuple[int, ...] = ()) -> Text:
    """Return the words for dates, shift and weekdays, led by a space in English; empty when there are none."""
    zh, en = [], []
    if span is not None:
        zh.append(span.replace("..", "至"))
        en.append(span.replace("..", " to "))
    if weekdays:
        names = "一二三四五六日"
        zh.append("周" + "、".join(names[w - 1] for w in weekdays))
        en.append("weekdays " + ", ".join(map(str, weekdays)))
    if shift is not None:
        zh.append(f"班次{shift}")
        en.append(f"shift {shift}")
    if not zh:
        return Text("", "")
    return Text(f"（{'，'.join(zh)}）", f" ({', '.join(en)})")
