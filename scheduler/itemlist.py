"""The published lists (清单): which body may carry out which inspection item in which street on which day.

国办发〔2024〕54号: only published bodies inspect, and items that were not published must not be carried out. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scheduler.explain.facts import iso
from scheduler.texts import Text


class BodyKind(StrEnum):
    """The three kinds of body that may inspect (行政检查主体)."""

    ORGAN = "organ"  # 行政机关
    AUTHORISED = "authorised"  # 法律法规授权组织
    ENTRUSTED = "entrusted"  # 依法受委托组织


class Reason(StrEnum):
    """Why an item must not be carried out."""

    NO_CODE = "no_code"
    UNKNOWN_ITEM = "unknown_item"
    BODY_NOT_LISTED = "body_not_listed"
    ACTS_FOR_NOBODY = "acts_for_nobody"
    NOT_PUBLISHED = "not_published"
    WITHDRAWN = "withdrawn"
    DELEGATED = "delegated"
    DELEGATION_NOT_IN_FORCE = "delegation_not_in_force"
    NOT_OF_AUTHORITY = "not_of_authority"


_WORDS: Mapping[Reason, Text] = {
    Reason.NO_CODE: Text("没有事项代码", "it has no item code"),
    Reason.UNKNOWN_ITEM: Text("不在行政检查事项清单中", "it is not on the published list of items"),
    Reason.BODY_NOT_LISTED: Text("检查主体未公告", "the body is not announced as an inspecting body"),
    Reason.ACTS_FOR_NOBODY: Text("受委托组织没有委托机关", "the entrusted body acts for nobody"),
    Reason.NOT_PUBLISHED: Text("事项尚未公布", "the item is not published yet"),
    Reason.WITHDRAWN: Text("事项已取消", "the item is withdrawn"),
    Reason.DELEGATED: Text(
        "已赋权街道，由 {to} 实施（{first} 至 {last}）", "it is delegated to the street's {to} ({first} to {last})"
    ),
    Reason.DELEGATION_NOT_IN_FORCE: Text(
        "赋权不在有效期（{first} 至 {last}）", "its delegation is not in force ({first} to {last})"
    ),
    Reason.NOT_OF_AUTHORITY: Text("不是该部门的事项", "it is no item of this authority"),
}
_GOOD = Text("{why}；窗口内可实施的日期：{days}", "{why}; days of its window on which it may be: {days}")
_NO_DAY = Text("无", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body; it is on the published list from `announced` (day number) on, and not at all when that is ``None``."""

    authority_id: str
    announced: int | None
    kind: BodyKind = BodyKind.ORGAN
    acts_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """An item, good from day number `published` until the day before `withdrawn`."""

    code: str
    published: int | None
    withdrawn: int | None = None
    remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An item of an authority; day numbers, both inside, no limit when ``None``."""

    authority_id: str
    item_code: str
    first_day: int | None = None
    last_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """An item delegated to a street's own authority; day numbers, both inside, `last_day` open when ``None``."""

    item_code: str
    from_authority: str
    street_id: str
    to_authority: str
    first_day: int
    last_day: int | None
    document_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why an item must not be carried out on `day`.

    Parameters
    ----------
    delegation : the one that takes the item away, or that is not in force.
    good : of a window, the spans of day numbers (both inside) on which it may be.
    """

    reason: Reason
    day: int
    delegation: Delegation | None = None
    good: tuple[tuple[int, int], ...] = ()

    def text(self) -> Text:
        """Return the sentence that says it."""
        d = self.delegation
        if d is None:
            return _WORDS[self.reason]
        last = "…" if d.last_day is None else iso(d.last_day)
        return _WORDS[self.reason].filled(to=d.to_authority, first=iso(d.first_day), last=last)

    def of_window(self) -> Text:
        """Return the sentence with the days of the window that are good."""
        spans = ", ".join(iso(a) if a == b else f"{iso(a)}..{iso(b)}" for a, b in self.good)
        return _GOOD.filled(why=self.text(), days=spans or _NO_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """The lists in force; narrow ones (a few codes) answer for their codes as whole ones do."""

    bodies: Mapping[str, Body] = field(default_factory=dict)
    items: Mapping[str, ListedItem] = field(default_factory=dict)
    holdings: Mapping[tuple[str, str], tuple[Holding, ...]] = field(default_factory=dict)
    delegations: Mapping[tuple[str, str], tuple[Delegation, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        bodies: Iterable[Body],
        items: Iterable[ListedItem],
        holdings: Iterable[Holding],
        delegations: Iterable[Delegation] = (),
    ) -> ItemList:
        """Return the lists of rows."""
        held: dict[tuple[str, str], list[Holding]] = {}
        for h in holdings:
            held.setdefault((h.authority_id, h.item_code), []).append(h)
        given: dict[tuple[str, str], list[Delegation]] = {}
        for d in delegations:
            given.setdefault((d.item_code, d.street_id), []).append(d)
        return cls(
            bodies={b.authority_id: b for b in bodies},
            items={i.code: i for i in items},
            holdings={k: tuple(v) for k, v in held.items()},
            delegations={k: tuple(v) for k, v in given.items()},
        )

    def fault(self, authority_id: str, item_code: str | None, street_id: str, day: int) -> Fault | None:
        """Return why an authority must not carry out an item in a street on a day number, ``None`` when it may."""
        if not item_code:
            return Fault(reason=Reason.NO_CODE, day=day)
        item, body = self.items.get(item_code), self.bodies.get(authority_id)
        if item is None:
            return Fault(reason=Reason.UNKNOWN_ITEM, day=day)
        if body is None or body.announced is None or day < body.announced:
            return Fault(reason=Reason.BODY_NOT_LISTED, day=day)
        if body.kind is BodyKind.ENTRUSTED and body.acts_for is None:
            return Fault(reason=Reason.ACTS_FOR_NOBODY, day=day)
        if item.published is None or day < item.published:
            return Fault(reason=Reason.NOT_PUBLISHED, day=day)
        if item.withdrawn is not None and day >= item.withdrawn:
            return Fault(reason=Reason.WITHDRAWN, day=day)
        return self._whose(authority_id, item_code, street_id, day)

    def _whose(self, authority_id: str, item_code: str, street_id: str, day: int) -> Fault | None:
        given = self.delegations.get((item_code, street_id), ())
        now = [d for d in given if _holds(d, day)]
        if any(d.to_authority == authority_id for d in now):
            return None
        for d in now:
            if d.from_authority == authority_id:
                return Fault(reason=Reason.DELEGATED, day=day, delegation=d)
        if any(_holds(h, day) for h in self.holdings.get((authority_id, item_code), ())):
            return None
        for d in given:
            if d.to_authority == authority_id:
                return Fault(reason=Reason.DELEGATION_NOT_IN_FORCE, day=day, delegation=d)
        return Fault(reason=Reason.NOT_OF_AUTHORITY, day=day)

    def faults_between(
        self, authority_id: str, item_code: str | None, street_id: str, earliest: int, latest: int
    ) -> Fault | None:
        """Return the first fault in a window of day numbers (both inside) with the days that are good in it.

        An item may be planned only when it is good on every day of its window. The answer is that of asking for each
        day, but only days on which something changes are asked for.
        """
        edges = sorted(
            {earliest, *(d for d in self._changes(authority_id, item_code, street_id) if earliest < d <= latest)}
        )
        first: Fault | None = None
        good: list[tuple[int, int]] = []
        for day, following in zip(edges, [*edges[1:], latest + 1], strict=True):
            found = self.fault(authority_id, item_code, street_id, day)
            if found is not None:
                first = first or found
            elif good and good[-1][1] == day - 1:
                good[-1] = (good[-1][0], following - 1)
            else:
                good.append((day, following - 1))
        if first is None:
            return None
        return Fault(reason=first.reason, day=first.day, delegation=first.delegation, good=tuple(good))

    def _changes(self, authority_id: str, item_code: str | None, street_id: str) -> Iterable[int]:
        item, body = self.items.get(item_code or ""), self.bodies.get(authority_id)
        if item is None or body is None:
            return
        yield from (d for d in (item.published, item.withdrawn, body.announced) if d is not None)
        spans: list[Holding | Delegation] = [*self.holdings.get((authority_id, item.code), ())]
        spans += self.delegations.get((item.code, street_id), ())
        for span in spans:
            if span.first_day is not None:
                yield span.first_day
            if span.last_day is not None:
                yield span.last_day + 1


def _holds(span: Holding | Delegation, day: int) -> bool:
    return (span.first_day is None or span.first_day <= day) and (span.last_day is None or day <= span.last_day)
