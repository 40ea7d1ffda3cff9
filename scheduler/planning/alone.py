"""The case in which authorities have enterprises to themselves: today's practice, and departments that left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from scheduler.domain.policy import QuietPeriod, StreetRules
from scheduler.domain.snapshot import PlanningSnapshot, make_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """A case in which authorities have enterprises to themselves.

    Parameters
    ----------
    twins : (name of an enterprise for one authority, the enterprise that it stands for).
    """

    snapshot: PlanningSnapshot
    twins: Mapping[str, str]


def each_authority_alone(
    snapshot: PlanningSnapshot, authority_ids: Set[str] | None = None, between: str = "\x1f"
) -> Alone:
    """Return the case in which every authority (or only those given) has the enterprises to itself.

    An enterprise becomes one for each such authority with items there, at the same place and with the same hours,
    closed days and quiet periods; it remains for the others. Caps hold for each authority's own visits and history.
    Pins of the joint visit and limits of a street do not hold where every authority goes alone: they are about joint
    visits and joint days.

    Parameters
    ----------
    between : stands between the names of enterprise and authority; in no enterprise's name.
    """
    alone = {a.authority_id for a in snapshot.authorities} if authority_ids is None else authority_ids
    twins: dict[str, dict[str, str]] = {}
    remaining: set[str] = set()
    for item in snapshot.items:
        if item.authority_id in alone:
            name = f"{item.enterprise_id}{between}{item.authority_id}"
            twins.setdefault(item.enterprise_id, {})[item.authority_id] = name
        else:
            remaining.add(item.enterprise_id)
    if authority_ids is not None:  # enterprises without items stay as they are
        remaining |= {e.enterprise_id for e in snapshot.enterprises} - twins.keys()

    def names_of(enterprise_id: str) -> Iterator[str]:
        if enterprise_id in remaining:
            yield enterprise_id
        yield from twins.get(enterprise_id, {}).values()

    enterprises = (replace(e, enterprise_id=n) for e in snapshot.enterprises for n in names_of(e.enterprise_id))
    quiet: list[QuietPeriod] = []
    for q in snapshot.policy.quiet_periods:
        if q.scope == "enterprise" and q.target is not None:
            quiet.extend(replace(q, target=name) for name in names_of(q.target))
        else:
            quiet.append(q)

    def theirs(enterprise_id: str, authority_id: str) -> str | None:
        """Return the name under which an authority visits an enterprise, if it does."""
        if authority_id in alone:
            return twins.get(enterprise_id, {}).get(authority_id)
        return enterprise_id if enterprise_id in remaining else None

    history = ((h, theirs(h.enterprise_id, h.authority_id)) for h in snapshot.history)
    everybody = authority_ids is None
    made = make_snapshot(
        replace(
            snapshot,
            enterprises=tuple(enterprises),
            items=tuple(
                replace(i, enterprise_id=twins[i.enterprise_id][i.authority_id]) if i.authority_id in alone else i
                for i in snapshot.items
            ),
            history=tuple(replace(h, enterprise_id=name) for h, name in history if name is not None),
            pins=() if everybody else tuple(p for p in snapshot.pins if p.enterprise_id in remaining),
            policy=replace(
                snapshot.policy,
                quiet_periods=tuple(quiet),
                street=StreetRules() if everybody else snapshot.policy.street,
            ),
        )
    )
    return Alone(snapshot=made, twins={n: e for e, names in twins.items() for n in names.values()})
