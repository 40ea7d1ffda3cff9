"""Advice to a department on the plan that it submits, item by item: caps, merging, and what can never be served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scheduler.availability import Slots
from scheduler.caps import cap_covers
from scheduler.domain.calendar import period_key
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import FrequencyCap
from scheduler.domain.schedule import Reason, Relaxation, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import relaxation_sentence, sentence
from scheduler.explain.alone import allowed_to, reasons_alone
from scheduler.explain.facts import period_name
from scheduler.explain.relaxing import relax_alone
from scheduler.explain.scene import Scene, set_scene
from scheduler.texts import Lang, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CapLeft:
    """What history leaves of a frequency cap in one period; nothing planned is counted.

    Parameters
    ----------
    authority_id : the authority counted; ``None`` for doors of all authorities together.
    period : (year, number of the period in the year from 0), as ``period_key`` gives it.
    used : visits of the past that count.
    """

    cap: FrequencyCap
    authority_id: str | None
    period: tuple[int, int]
    used: int

    @property
    def label(self) -> str:
        """Return the period's name, for example ``2026Q4``."""
        return period_name(self.cap.period, self.period)

    @property
    def max(self) -> int:
        """Return the visits that the cap allows."""
        return self.cap.max_visits

    @property
    def left(self) -> int:
        """Return the visits still allowed, 0 when used up or exceeded."""
        return max(0, self.cap.max_visits - self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Another authority's items at the same enterprise that have an inspection date in common with an item."""

    authority_id: str
    item_ids: tuple[str, ...]

    @property
    def num_items(self) -> int:
        """Return the number of its items."""
        return len(self.item_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAdvice:
    """What a department is told about one item at once.

    Parameters
    ----------
    caps : every cap and period that an inspection date of the item's window lies in; empty for exempt items.
    merges_with : partners of equal notice, in the order of authorities: they are to share a visit.
    kept_apart : partners of the other notice, which never share a visit with it.
    unservable : why it could not be served even if nothing else were planned; empty when it could.
    relaxation : the cheapest change that would let it be served; ``None`` when it can be.
    """

    item_id: str
    caps: tuple[CapLeft, ...]
    merges_with: tuple[Partner, ...]
    kept_apart: tuple[Partner, ...]
    unservable: tuple[Reason, ...]
    relaxation: Relaxation | None


def advise(snapshot: PlanningSnapshot, own: frozenset[str]) -> tuple[ItemAdvice, ...]:
    """Return advice on every submitted item, in the order of the snapshot's items.

    Only what concerns the submitted items is looked at, so that a large snapshot costs little more than a small one.

    Parameters
    ----------
    snapshot : the submitted items and the other departments' current items, with the history of their enterprises.
    own : ids of the submitted items; ids that the snapshot does not know are passed over.
    """
    scene = set_scene(_concerned(snapshot, own), (), ())
    at: dict[str, list[tuple[PlanItem, Slots]]] = defaultdict(list)
    for item in scene.snapshot.items:
        at[item.enterprise_id].append((item, scene.availability.window(item)))
    return tuple(_advice(scene, i, at[i.enterprise_id]) for i in scene.snapshot.items if i.item_id in own)


def _concerned(snapshot: PlanningSnapshot, own: frozenset[str]) -> PlanningSnapshot:
    """Return the snapshot with what concerns some items only; its tables stay in their order."""
    items = [i for i in snapshot.items if i.item_id in own]
    authorities, enterprises = {i.authority_id for i in items}, {i.enterprise_id for i in items}
    places = tuple(e for e in snapshot.enterprises if e.enterprise_id in enterprises)
    district_of = {s.street_id: s.district_id for s in snapshot.streets}
    areas = {WHOLE_CITY} | {e.street_id for e in places} | {district_of[e.street_id] for e in places}
    return replace(
        snapshot,
        enterprises=places,
        items=tuple(i for i in snapshot.items if i.enterprise_id in enterprises),
        history=tuple(h for h in snapshot.history if h.enterprise_id in enterprises),
        crew_pools=tuple(p for p in snapshot.crew_pools if p.authority_id in authorities and p.area_id in areas),
        pins=(),
    )


def _advice(scene: Scene, item: PlanItem, at_enterprise: Iterable[tuple[PlanItem, Slots]]) -> ItemAdvice:
    window = scene.availability.window(item)
    same: dict[str, list[str]] = defaultdict(list)
    other: dict[str, list[str]] = defaultdict(list)
    for mate, slots in at_enterprise:
        if mate.authority_id != item.authority_id and slots & window:
            (same if mate.notice is item.notice else other)[mate.authority_id].append(mate.item_id)
    allowed = allowed_to(scene, item)
    reasons = tuple(reasons_alone(scene, allowed))
    return ItemAdvice(
        item_id=item.item_id,
        caps=() if item.cap_exempt else tuple(_caps_left(scene, item, window)),
        merges_with=_partners(same),
        kept_apart=_partners(other),
        unservable=reasons,
        relaxation=relax_alone(scene, allowed) if reasons else None,
    )


def _partners(items_by_authority: Mapping[str, Sequence[str]]) -> tuple[Partner, ...]:
    return tuple(Partner(authority_id=a, item_ids=tuple(ids)) for a, ids in sorted(items_by_authority.items()))


def _caps_left(scene: Scene, item: PlanItem, window: Slots) -> Iterable[CapLeft]:
    """Yield what history leaves of the caps on doors and on the item's authority (R24, R25)."""
    credit_class = scene.enterprise_of(item).credit_class
    doors = scene.past.doors.get(item.enterprise_id, ())
    visits = scene.past.by_authority.get((item.authority_id, item.enterprise_id), ())
    for cap in scene.snapshot.policy.caps:
        for who, past in ((None, doors), (item.authority_id, visits)):
            if not cap_covers(cap, who, credit_class):
                continue
            for key, slots in scene.periods[cap.period]:
                if slots & window:
                    used = sum(period_key(day, cap.period) == key for day in past)
                    yield CapLeft(cap=cap, authority_id=who, period=key, used=used)


_SHOWN = 5
"""Item ids that a sentence names."""

_CANNOT = Text("不能安排：{why}", "It cannot be served. {why}")
_CHANGE = Text("最省的改动：{how}", "Cheapest change: {how}")
_MERGED = Text(
    "将与{who}的{n}项（{items}）合并为一次入企，以检查日、班组和各项上限许可为限。",
    "It will be merged with {n} item(s) of {who} ({items}) where dates, crews and limits allow.",
)
_APART = Text(
    "不会与{who}的{n}项（{items}）合并：告知方式不同。",
    "It will not be merged with {n} item(s) of {who} ({items}): one is announced, the other is not.",
)
_CAP = Text(
    "{label}：{who}入企上限{max}次，已用{used}次，剩余{left}次。",
    "{label}: of {max} visit(s) by {who}, {used} used, {left} left.",
)
_ALL_TOGETHER = Text("各部门合计", "all authorities together")


def advice_sentences(snapshot: PlanningSnapshot, advice: ItemAdvice, lang: Lang) -> list[str]:
    """Return what a department is told about an item; what it will be merged with only when it can be served."""
    names = {a.authority_id: a.name for a in snapshot.authorities}
    out = []
    if advice.unservable:
        said = Unserved(item_id=advice.item_id, reasons=advice.unservable, relaxation=advice.relaxation)
        out.append(_CANNOT.say(lang, why=sentence(snapshot, said, lang)))
        if advice.relaxation is not None:
            out.append(_CHANGE.say(lang, how=relaxation_sentence(snapshot, said, lang)))
    else:
        for text, partners in ((_MERGED, advice.merges_with), (_APART, advice.kept_apart)):
            for p in partners:
                who = names.get(p.authority_id, p.authority_id)
                out.append(text.say(lang, who=who, n=p.num_items, items=_listed(p.item_ids, lang)))
    for c in advice.caps:
        who = _ALL_TOGETHER.say(lang) if c.authority_id is None else names.get(c.authority_id, c.authority_id)
        out.append(_CAP.say(lang, label=c.label, who=who, max=c.max, used=c.used, left=c.left))
    return out


def _listed(item_ids: tuple[str, ...], lang: Lang) -> str:
    text = ("、" if lang == "zh" else ", ").join(item_ids[:_SHOWN])
    return text + ((" 等" if lang == "zh" else ", …") if len(item_ids) > _SHOWN else "")
