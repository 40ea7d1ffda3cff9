"""The rule of crews that ride together: R32."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scheduler.ledger import Ledger, VisitEntry
from scheduler.rules.rule import Fault, at, fault, rule
from scheduler.texts import Text
from scheduler.travel import leg_min


@rule(
    "R32",
    Text("全程同行", "riding together"),
    Text(
        "要求全程同行时，相遇的班组（及其所遇班组）依次同行：每次入企不早于上一次结束加路途和缓冲，每个部门只有一组班组。",
        "Where crews ride together, those that meet (and whom those meet) go from visit to visit together: each visit "
        "begins no earlier than the last ended plus leg and buffer, and an authority has one set of crews among them.",
    ),
)
def ride_together(ledger: Ledger) -> Iterator[Fault]:
    """R32: a caravan is what crews connect in a street shift; its visits follow each other as though all crews rode."""
    if not ledger.snapshot.policy.visit.ride_together:
        return
    for caravan in _caravans(ledger):
        yield from _order(ledger, caravan)
        yield from _crews(caravan)


def _caravans(ledger: Ledger) -> list[list[VisitEntry]]:
    """Return the visits that crews connect, in order of time."""
    entries = {e.visit.visit_id: e for e in ledger.visits if e.stops}
    neighbours: dict[str, set[str]] = defaultdict(set)
    for route in ledger.routes:
        known = [s.visit_id for s in route.crew.stops if s.visit_id in entries]
        for visit_id in known:
            neighbours[visit_id].update(known)
    out: list[list[VisitEntry]] = []
    left = dict.fromkeys(entries)
    while left:
        reached, todo = {next(iter(left))}, [next(iter(left))]
        while todo:
            new = neighbours[todo.pop()] - reached
            reached |= new
            todo += sorted(new)
        for visit_id in reached:
            left.pop(visit_id, None)
        out.append(sorted((entries[v] for v in reached), key=lambda e: (e.visit.start, e.visit.visit_id)))
    return out


def _order(ledger: Ledger, caravan: Sequence[VisitEntry]) -> Iterator[Fault]:
    first = caravan[0].visit
    street, shift = ledger.streets.get(first.street_id), ledger.shifts.get(first.shift_id)
    if street is None or shift is None or any(e.enterprise is None for e in caravan):
        return  # other rules tell of it
    travel = ledger.snapshot.policy.travel
    office = street.lon, street.lat
    now, here = shift.start_min, office
    for k, entry in enumerate(caravan):
        assert entry.enterprise is not None
        there = entry.enterprise.lon, entry.enterprise.lat
        now += leg_min(travel, here, there) + (travel.buffer_min if k else 0)
        if entry.visit.start < now:
            yield fault(
                "入企{id}在{start}开始，同行的班组最早{earliest}可到。",
                "Visit {id} begins at {start}; the crews that ride together are there at {earliest} at the earliest.",
                entry.visit.visit_id,
                start=at(entry.visit.start),
                earliest=at(now),
            )
        now, here = entry.visit.end, there
    back = now + leg_min(travel, here, office)
    if back > shift.end_min:
        last = caravan[-1].visit
        yield fault(
            "同行的班组在入企{id}之后{back}才回到街道办，晚于班次结束{end}。",
            "The crews that ride together are back at {back} after visit {id}, later than the shift ends at {end}.",
            last.visit_id,
            back=at(back),
            end=at(shift.end_min),
        )


def _crews(caravan: Sequence[VisitEntry]) -> Iterator[Fault]:
    needed: dict[str, int] = defaultdict(int)
    coming: dict[str, set[str]] = defaultdict(set)
    for entry in caravan:
        for authority, crews in entry.crews.items():
            needed[authority] = max(needed[authority], crews)
        for crew, _ in entry.stops:
            coming[crew.authority_id].add(crew.crew_id)
    for authority in sorted(coming):
        if len(coming[authority]) > needed[authority]:
            yield fault(
                "与入企{id}同行的部门{authority}有{crews}个班组，只需{needed}个。",
                "{authority} has {crews} crews in the caravan of visit {id}, {needed} are needed.",
                caravan[0].visit.visit_id,
                authority=authority,
                crews=len(coming[authority]),
                needed=needed[authority],
            )
