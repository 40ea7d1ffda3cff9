"""Who may be invited, what keeps them away, and the joint days that somebody is to accompany."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from scheduler.draw.roster import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invited supervisor (特邀行政执法监督员).

    Parameters
    ----------
    active_from, active_to : day numbers, both inside.
    authority_ids, enterprise_ids : in which the person has an interest: their own unit, their own business.
    away : first and last day of absences, both inside.
    """

    invited_id: str
    name: str
    unit: str
    active_from: int
    active_to: int
    authority_ids: tuple[str, ...] = ()
    enterprise_ids: tuple[str, ...] = ()
    away: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JointDay:
    """A street on a day, with everybody whom the schedule brings together there."""

    street_id: str
    day: int
    authority_ids: tuple[str, ...]
    enterprise_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accompanied:
    """A joint day that somebody accompanied in an earlier horizon."""

    invited_id: str
    street_id: str
    authority_ids: tuple[str, ...]


def may_serve(person: Invited, joint: JointDay) -> bool:
    """Say whether a person may accompany a joint day: active, not away, and with no interest in whom they would meet.

    One enterprise or authority of theirs rules out the whole street that day: a person who walks along with the crews
    can't be kept from a single door without being told whose it is.
    """
    return (
        person.active_from <= joint.day <= person.active_to
        and not any(first <= joint.day <= last for first, last in person.away)
        and not set(person.authority_ids) & set(joint.authority_ids)
        and not set(person.enterprise_ids) & set(joint.enterprise_ids)
    )


def input_digest(people: Sequence[Invited], days: Sequence[JointDay], earlier: Sequence[Accompanied]) -> str:
    """Return the SHA-256 of everything that an assignment is made from; the order of rows does not matter."""
    return digest_of([sorted((asdict(r) for r in rows), key=digest_of) for rows in (people, days, earlier)])
