"""Homes: slots where visits are wanted rather than elsewhere, as they are published or as preferred pins say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.availability import Availability, Slots
from scheduler.domain.plans import PinKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a visit is wanted.

    Parameters
    ----------
    slots : any of these is its home.
    item_ids : items of the published visit that it still has, sorted; none for a preferred pin.
    starts : (authority, minute at which its part is wanted).
    fixed : the visit stands, and stays as it is.
    """

    slots: Slots
    item_ids: tuple[str, ...] = ()
    starts: tuple[tuple[str, int], ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Homes by enterprise, in order of time.

    Parameters
    ----------
    announced : slots on which announced items may be served away from home; all when ``None``.
    """

    by_enterprise: Mapping[str, tuple[Home, ...]] = field(default_factory=dict)
    announced: Slots | None = None

    def of(self, enterprise_id: str) -> tuple[Home, ...]:
        """Return the homes of an enterprise."""
        return self.by_enterprise.get(enterprise_id, ())

    def of_those(self, enterprise_ids: Iterable[str]) -> Homes:
        """Return the homes of some enterprises."""
        mine = {e: self.by_enterprise[e] for e in enterprise_ids if e in self.by_enterprise}
        return Homes(by_enterprise=mine, announced=self.announced)

    def allowed_to_announced(self, enterprise_id: str, slots: Slots) -> Slots:
        """Return those of the slots on which an announced item of the enterprise may be served."""
        if self.announced is None:
            return slots
        home = 0
        for h in self.of(enterprise_id):
            home |= h.slots
        return slots & (self.announced | home)


NO_HOMES = Homes()


def with_preferred_pins(availability: Availability, homes: Homes | None = None) -> Homes:
    """Return the homes with those that preferred pins want and no published visit is at already."""
    homes = homes or NO_HOMES
    wanted: dict[str, tuple[Home, ...]] = dict(homes.by_enterprise)
    for pin in availability.snapshot.pins:
        if pin.kind is PinKind.PREFERRED:
            slots = availability.pin_slots(pin)
            here = wanted.get(pin.enterprise_id, ())
            if slots and not any(h.slots & slots for h in here):
                wanted[pin.enterprise_id] = (*here, Home(slots=slots))
    return Homes(by_enterprise=wanted, announced=homes.announced)


def by_place(homes: Sequence[Home], pins: Sequence[Slots], places: int) -> dict[int, Home]:
    """Return which place for a visit each home belongs to; the first places are those of the pins.

    A home that keeps a pin goes to the pin's place, every other one to a place of its own, as long as there are any.
    """
    free = list(range(places))
    out: dict[int, Home] = {}
    for home in homes:
        pinned = [k for k in free if k < len(pins) and pins[k] & home.slots]
        chosen = (pinned or [k for k in free if k >= len(pins)])[:1]
        for k in chosen:
            free.remove(k)
            out[k] = home
    return out
