"""Which plan items an edit is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from scenarios.edits.edit import require
from scheduler.domain.plans import PlanItem, Trigger
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Text


class Items(BaseModel):
    """Items that meet every condition given; all items when none is.

    Parameters
    ----------
    authority, item_code, priority, trigger : of the item.
    credit_class, industry, street, enterprise : of its enterprise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    authority: str | None = None
    item_code: str | None = None
    trigger: Trigger | None = None
    priority: str | None = None
    credit_class: Literal["A", "B", "C", "D"] | None = None
    industry: str | None = None
    street: str | None = None
    enterprise: str | None = None

    def chooser(self, s: PlanningSnapshot) -> Callable[[PlanItem], bool]:
        """Return the condition on a case's items.

        Raises
        ------
        EditFault : it names what the case does not have.
        """
        given = {f: v for f, v in self.model_dump(mode="json").items() if v is not None}
        for field, value in given.items():
            if field != "trigger":
                require(field, value, _values(s, field))
        of_item = [(_ITEM[f], v) for f, v in given.items() if f in _ITEM]
        of_place = [(_PLACE[f], v) for f, v in given.items() if f in _PLACE]
        here = {e.enterprise_id for e in s.enterprises if all(getattr(e, f) == v for f, v in of_place)}

        def chosen(item: PlanItem) -> bool:
            if of_place and item.enterprise_id not in here:
                return False
            return all(getattr(item, f) == v for f, v in of_item)

        return chosen

    def describe(self) -> Text:
        """Return the words for these items."""
        given = self.model_dump(mode="json", exclude_none=True)
        if not given:
            return Text("全部事项", "all items")
        zh = "，".join(f"{_ZH[k]}{v}" for k, v in given.items())
        en = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in given.items())
        return Text(f"事项（{zh}）", f"items ({en})")


def _values(s: PlanningSnapshot, field: str) -> set[str | None]:
    """Return what a case has in a field."""
    match field:
        case "authority":
            return {a.authority_id for a in s.authorities}
        case "priority":
            return {name for name, _ in s.policy.priority_weights}
        case "street":
            return {t.street_id for t in s.streets}
        case _:
            return {getattr(r, _PLACE.get(field, field)) for r in (s.enterprises if field in _PLACE else s.items)}


_ITEM = {"authority": "authority_id", "item_code": "item_code", "trigger": "trigger", "priority": "priority"}
_PLACE = {
    "credit_class": "credit_class",
    "industry": "industry",
    "street": "street_id",
    "enterprise": "enterprise_id",
}
_ZH = {
    "authority": "部门",
    "item_code": "代码",
    "trigger": "检查类型",
    "priority": "优先级",
    "credit_class": "信用等级",
    "industry": "行业",
    "street": "街道",
    "enterprise": "企业",
}
