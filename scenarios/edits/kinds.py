"""Every kind of edit, as one type that reads TOML and JSON by its `kind`."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from scenarios.edits.crews import Crews, MoveCrews
from scenarios.edits.days import Dates, ShiftHours
from scenarios.edits.demand import Demand, DropItems, Durations, Priority, VisitEvery
from scenarios.edits.quiet import DropQuiet, Quiet, RotateQuiet
from scenarios.edits.rules import Cap, StreetLimits, Tiers, Travel, Visit, Weights
from scenarios.edits.scheme import Delegate, LeaveScheme, MergeStreets, NoMerging

AnyEdit = Annotated[
    Crews
    | MoveCrews
    | ShiftHours
    | Dates
    | Cap
    | Quiet
    | DropQuiet
    | RotateQuiet
    | VisitEvery
    | NoMerging
    | LeaveScheme
    | Delegate
    | MergeStreets
    | Visit
    | Travel
    | StreetLimits
    | Durations
    | DropItems
    | Demand
    | Priority
    | Weights
    | Tiers,
    Field(discriminator="kind"),
]

KINDS = frozenset(str(kind.model_fields["kind"].default) for kind in get_args(get_args(AnyEdit)[0]))
"""Names of all kinds."""
