"""Wire schemas of the overview and of the record behind it."""

from __future__ import annotations

from pydantic import BaseModel


class RateOut(BaseModel):
    """A share with what it is made of; no value where there is nothing to divide by."""

    numerator: int
    denominator: int
    value: float | None


class FiguresOut(BaseModel):
    """Figures by name, and rates of them."""

    figures: dict[str, int]
    rates: dict[str, RateOut]


class GroupOut(FiguresOut):
    """Figures of a group, in the order of the groups' ids: no ranking."""

    group: str
    name: str


class OverviewOut(BaseModel):
    """Figures of a period; `words` say what each counts."""

    first: str
    last: str
    by: str
    total: FiguresOut
    groups: list[GroupOut]
    words: dict[str, str]


class RecordOut(BaseModel):
    """An entry behind a figure; `counts` is what it adds."""

    entry_id: str
    enterprise_id: str
    street_id: str
    authority_id: str
    visit_id: str | None
    date: str
    path: str
    scan_status: str
    state: str
    entered_at: str
    left_at: str | None
    item_ids: str
    trigger: str
    counts: int


class RecordPage(BaseModel):
    """A page of entries."""

    items: list[RecordOut]
    next_cursor: str | None


class WeakLinkOut(BaseModel):
    """A body compared with the whole city; `is_named` puts it on the list for targeted supervision."""

    measure: str
    body: str
    name: str
    num: int
    of: int
    pooled: float
    spread: float
    chance: float
    limit_95: int
    limit_998: int
    shrunk: float
    is_named: bool
    why: str


class WeakLinksOut(BaseModel):
    """Bodies in the order of measure and id: no ranking."""

    first: str
    last: str
    by: str
    items: list[WeakLinkOut]
