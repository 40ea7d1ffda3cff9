"""Who may be drawn: officers with their certificates, absences, recusals, and who came last time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """An officer of one authority; the certificate holds from `valid_from` to `valid_to` (day numbers, both inside)."""

    officer_id: str
    authority_id: str
    name: str
    certificate_no: str
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """An officer is not on duty from first to last day, both inside; in every shift when `shift_id` is ``None``."""

    officer_id: str
    first_day: int
    last_day: int
    shift_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recusal:
    """An officer never inspects this enterprise (回避)."""

    officer_id: str
    enterprise_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTeam:
    """An officer of an authority was at an enterprise on a day."""

    enterprise_id: str
    authority_id: str
    day: int
    officer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everything that a draw of officers is made from, apart from the schedule."""

    officers: tuple[Officer, ...]
    absences: tuple[Absence, ...] = ()
    recusals: tuple[Recusal, ...] = ()
    past_teams: tuple[PastTeam, ...] = ()

    def digest(self) -> str:
        """Return the SHA-256 of the roster's content as 64 hexadecimal digits; the order of rows does not matter."""
        tables = (self.officers, self.absences, self.recusals, self.past_teams)
        return digest_of([sorted(json.dumps(astuple(r), ensure_ascii=False) for r in table) for table in tables])

    def last_teams(self) -> dict[tuple[str, str], frozenset[str]]:
        """Return by (enterprise, authority) the officers of the latest day."""
        latest: dict[tuple[str, str], int] = {}
        for p in self.past_teams:
            key = p.enterprise_id, p.authority_id
            latest[key] = max(latest.get(key, p.day), p.day)
        teams: dict[tuple[str, str], set[str]] = {}
        for p in self.past_teams:
            key = p.enterprise_id, p.authority_id
            if p.day == latest[key]:
                teams.setdefault(key, set()).add(p.officer_id)
        return {key: frozenset(team) for key, team in teams.items()}


_ROWS: Mapping[str, Any] = {"officers": Officer, "absences": Absence, "recusals": Recusal, "past_teams": PastTeam}


def roster_values(roster: Roster) -> dict[str, Any]:
    """Return a roster as plain JSON values by table; dates are day numbers."""
    return {table: [asdict(row) for row in getattr(roster, table)] for table in _ROWS}


def roster_of_values(values: Mapping[str, Any]) -> Roster:
    """Return the roster of what :func:`roster_values` gave.

    Raises
    ------
    TypeError, KeyError : it is nothing of the kind.
    """
    return Roster(**{table: tuple(row(**r) for r in values[table]) for table, row in _ROWS.items()})


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a plain JSON value as 64 hexadecimal digits."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
