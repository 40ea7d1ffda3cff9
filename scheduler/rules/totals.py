"""Rules over the whole schedule: R24 to R28."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from scheduler.caps import CapUse, cap_uses, past_visits
from scheduler.domain.calendar import Period
from scheduler.ledger import Ledger
from scheduler.rules.rule import Fault, fault, on_day, rule
from scheduler.texts import Text

_PERIOD_ZH = {Period.MONTH: "月", Period.QUARTER: "季度", Period.HALF_YEAR: "半年", Period.YEAR: "年"}


def _over(use: CapUse) -> Fault:
    who = use.authority_id
    return fault(
        "企业{id}在同一{period_zh}内{who_zh}已有{past}次、计划{planned}次入企（{days}），上限{limit}次。",
        "Enterprise {id} has {past} visits of the past and {planned} planned ({days}) by {who_en} "
        "in one {period_en}, at most {limit} are allowed.",
        use.enterprise_id,
        *([] if who is None else [who]),
        period_zh=_PERIOD_ZH[use.cap.period],
        period_en=use.cap.period.value.replace("_", " "),
        who_zh="各部门合计" if who is None else f"部门{who}",
        who_en="all authorities together" if who is None else who,
        past=len(use.past),
        planned=len(use.planned),
        days=", ".join(on_day(d) for d in use.planned),
        limit=use.cap.max_visits,
    )


@rule(
    "R24",
    Text("企业频次上限", "cap on doors"),
    Text(
        "各部门合计入企次数连同已发生的不超过频次上限。",
        "Visits of all authorities together, with those of the past, stay within the cap.",
    ),
)
def cap_on_doors(ledger: Ledger) -> Iterator[Fault]:
    """R24: doors with an item that is not exempt, and those of the past, are at most the cap in every period."""
    caps = ledger.snapshot.policy.caps
    planned: dict[str, list[int]] = defaultdict(list)
    for entry in ledger.visits if caps else ():
        if entry.counted and entry.enterprise is not None:
            planned[entry.enterprise.enterprise_id].append(entry.visit.day)
    past = past_visits(ledger.snapshot.history) if caps else None
    for enterprise_id, days in planned.items():
        old = past.doors.get(enterprise_id, ()) if past else ()
        for use in cap_uses(caps, enterprise_id, ledger.enterprises[enterprise_id].credit_class, None, old, days):
            if use.broken:
                yield _over(use)


@rule(
    "R25",
    Text("部门频次上限", "cap on an authority"),
    Text(
        "同一部门对同一企业的入企次数连同已发生的不超过频次上限。",
        "Visits of one authority to one enterprise, with those of the past, stay within the cap.",
    ),
)
def cap_on_authority(ledger: Ledger) -> Iterator[Fault]:
    """R25: visits with an item of the authority that is not exempt, and those of the past, are at most the cap."""
    caps = ledger.snapshot.policy.caps
    planned: dict[tuple[str, str], list[int]] = defaultdict(list)
    for entry in ledger.visits if caps else ():
        if entry.enterprise is not None:
            for authority in entry.counted:
                planned[authority, entry.enterprise.enterprise_id].append(entry.visit.day)
    past = past_visits(ledger.snapshot.history) if caps else None
    for (authority, enterprise_id), days in sorted(planned.items()):
        old = past.by_authority.get((authority, enterprise_id), ()) if past else ()
        credit_class = ledger.enterprises[enterprise_id].credit_class
        for use in cap_uses(caps, enterprise_id, credit_class, authority, old, days):
            if use.broken:
                yield _over(use)


@rule(
    "R31",
    Text("最小间隔", "least gap"),
    Text(
        "同一企业的两次计频次入企之间至少相隔规定天数，已发生的也计入。",
        "From one visit that counts to the next at an enterprise there are at least the days of the case.",
    ),
)
def least_gap(ledger: Ledger) -> Iterator[Fault]:
    """R31: counted visits of an enterprise are `min_gap_days` apart or more; the past alone never breaks it."""
    gap = ledger.snapshot.policy.visit.min_gap_days
    if gap <= 0:
        return
    past = past_visits(ledger.snapshot.history)
    planned: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for entry in ledger.visits:
        if entry.counted and entry.enterprise is not None:
            planned[entry.enterprise.enterprise_id].append((entry.visit.day, entry.visit.visit_id))
    for enterprise_id, visits in sorted(planned.items()):
        rows = sorted([*((d, "") for d in past.doors.get(enterprise_id, ())), *visits])
        for (one, first), (other, second) in pairwise(rows):
            if other - one < gap and (first or second):
                yield fault(
                    "企业{id}在{one}和{other}的入企相隔{days}天，至少应相隔{gap}天。",
                    "Enterprise {id} has visits on {one} and {other}, {days} day(s) apart, at least {gap} are wanted.",
                    enterprise_id,
                    *(v for v in (first, second) if v),
                    one=on_day(one),
                    other=on_day(other),
                    days=other - one,
                    gap=gap,
                )


@rule(
    "R26",
    Text("固定日期", "pin"),
    Text("固定了日期的企业在该日（该班次）有一次入企。", "A pinned enterprise has a visit on its date (and shift)."),
)
def pins(ledger: Ledger) -> Iterator[Fault]:
    """R26: for every pin there is a visit of the enterprise on the day, in the shift when one is given."""
    if not ledger.snapshot.fixed_pins:
        return
    where: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for entry in ledger.visits:
        where[entry.visit.enterprise_id].add((entry.visit.day, entry.visit.shift_id))
    for pin in ledger.snapshot.fixed_pins:
        slots = where.get(pin.enterprise_id, set())
        if not any(day == pin.day and pin.shift_id in (None, shift) for day, shift in slots):
            yield fault(
                "企业{id}固定在{day}{shift}，排程未遵守。",
                "Enterprise {id} is pinned to {day}{shift}, but has no visit then.",
                pin.enterprise_id,
                day=on_day(pin.day),
                shift="" if pin.shift_id is None else f" {pin.shift_id}",
            )


@rule(
    "R27",
    Text("未办清单", "unserved list"),
    Text("未办清单恰为未排入任何入企的事项。", "The unserved items are exactly the items in no visit."),
)
def unserved_list(ledger: Ledger) -> Iterator[Fault]:
    """R27: the ids listed as unserved are those of the items in no visit."""
    listed = {u.item_id for u in ledger.schedule.unserved}
    missing = ledger.items.keys() - ledger.served
    for item_id in sorted(missing - listed):
        yield fault(
            "事项{id}未排入，也未列入未办清单。",
            "Item {id} is in no visit and not listed as unserved.",
            item_id,
        )
    for item_id in sorted(listed - missing):
        yield fault(
            "未办清单列有事项{id}，它已排入或不存在。",
            "Item {id} is listed as unserved, but is served or does not exist.",
            item_id,
        )


@rule(
    "R28",
    Text("未办原因", "reasons"),
    Text("每个未办事项至少有一条原因。", "Every unserved item has at least one reason."),
)
def reasons(ledger: Ledger) -> Iterator[Fault]:
    """R28: every unserved item has a reason."""
    for unserved in ledger.schedule.unserved:
        if not unserved.reasons:
            yield fault("未办事项{id}没有原因。", "Unserved item {id} has no reason.", unserved.item_id)
