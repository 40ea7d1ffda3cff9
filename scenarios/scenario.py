"""A scenario: a named list of edits on a base, and the case that it makes; nothing else is what-if about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, field_validator

from scenarios.edits.edit import Edit, Edited, EditFault
from scenarios.edits.kinds import AnyEdit
from scenarios.edits.touched import Place, Touched, touched
from scheduler.diff import SnapshotDiff, compare_snapshots
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import InvalidFile, Problem, Severity
from scheduler.texts import Lang, Text

BASE = "base"
"""Name of the base among scenarios."""

_NAME = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._-]{0,79}")

_NOTHING = Text("第{number}项（{what}）没有改变任何内容", "edit {number} ({what}) touches nothing")
_CONFLICT = Text(
    "第{number}项（{what}）与第{earlier}项（{other}）冲突：都改变{place}",
    "edit {number} ({what}) conflicts with edit {earlier} ({other}): both change {place}",
)
_BAD = Text("第{number}项（{what}）：{why}", "edit {number} ({what}): {why}")


class Scenario(BaseModel):
    """A named list of edits, carried out in their order.

    Parameters
    ----------
    name : of letters, digits, Chinese characters, dots, hyphens and underscores; ``base`` is the base's.
    title : for readers, in Chinese and English; what its edits do when absent.
    edits : at least one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    name: str
    title: Title | None = None
    edits: tuple[AnyEdit, ...] = Field(min_length=1, alias="edit")

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("letters, digits, Chinese characters, dots, hyphens and underscores, 80 at most")
        if value == BASE:
            raise ValueError("base is the name of the base")
        return value

    def heading(self) -> Text:
        """Return the title, or what the edits do."""
        if self.title is not None:
            return Text(self.title.zh, self.title.en)
        return joined(e.describe() for e in self.edits)


class Title(BaseModel):
    """A title in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    zh: str
    en: str


Scenario.model_rebuild()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedEdit:
    """An edit, and what it touched."""

    edit: Edit
    touched: Touched

    def sentence(self) -> Text:
        """Return what the edit does and what it touched."""
        what, counts = self.edit.describe(), self.touched.describe()
        return Text(f"{what.zh}（涉及{counts.zh}）", f"{what.en} [{counts.en}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A scenario carried out on its base.

    Parameters
    ----------
    edited : the case after all edits, with notes.
    difference : of the edited case from the base.
    """

    scenario: Scenario
    edited: Edited
    applied: tuple[AppliedEdit, ...]
    difference: SnapshotDiff

    @property
    def snapshot(self) -> PlanningSnapshot:
        """The edited case."""
        return self.edited.snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFault:
    """What is wrong with a scenario; `edit` is the number of the edit, from 1."""

    scenario: str
    edit: int
    text: Text

    def sentence(self, lang: Lang) -> str:
        """Return it with the name of the scenario."""
        return f"{self.scenario}: {self.text[0 if lang == 'zh' else 1]}"

    def problem(self) -> Problem:
        """Return it as a problem of the input: the scenario is the table, the edit the column."""
        return Problem(
            severity=Severity.ERROR,
            code="bad_scenario",
            table=self.scenario,
            column=f"edit[{self.edit}]" if self.edit else None,
            hint=self.text,
        )


class BadScenarios(InvalidFile):
    """Scenarios that do not fit their base; `faults` names every one of them, and nothing has been run."""

    code = "bad_scenarios"

    def __init__(self, faults: Sequence[ScenarioFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(tuple(f.problem() for f in faults))

    def __str__(self) -> str:
        return "; ".join(f.sentence("en") for f in self.faults)


def carry_out(base: PlanningSnapshot, scenario: Scenario) -> WhatIf:
    """Return the scenario carried out on its base, which stays as it is.

    Raises
    ------
    BadScenarios : an edit names what the case does not have, touches nothing, or changes what another one changed.
        Each fault of it is named; edits after one that is at fault are tried as if that one were not there.
    """
    case = Edited(snapshot=base)
    applied: list[AppliedEdit] = []
    faults: list[ScenarioFault] = []
    changed_by: dict[Place, int] = {}
    for number, edit in enumerate(scenario.edits, 1):

        def fault(text: Text, number: int = number, edit: Edit = edit, **facts: object) -> None:
            said = text.filled(number=number, what=edit.describe(), **facts)
            faults.append(ScenarioFault(scenario=scenario.name, edit=number, text=said))

        try:
            after = edit.apply(case)
        except EditFault as error:
            fault(_BAD, why=error.text.filled(**error.facts))
            continue
        counts, places = touched(case.snapshot, after.snapshot)
        if not places:
            fault(_NOTHING)
            continue
        twice = min((p for p in places if p in changed_by), default=None)
        if twice is not None:
            earlier = changed_by[twice]
            other = scenario.edits[earlier - 1].describe()
            fault(_CONFLICT, earlier=earlier, other=other, place=" ".join(twice))
            continue
        changed_by |= dict.fromkeys(places, number)
        applied.append(AppliedEdit(edit=edit, touched=counts))
        case = after
    if faults:
        raise BadScenarios(faults)
    return WhatIf(
        scenario=scenario, edited=case, applied=tuple(applied), difference=compare_snapshots(base, case.snapshot)
    )


def carry_out_all(base: PlanningSnapshot, scenarios: Iterable[Scenario]) -> tuple[WhatIf, ...]:
    """Return every scenario carried out on the base.

    Raises
    ------
    BadScenarios : with the faults of all scenarios, and names that are there twice.
    """
    out: list[WhatIf] = []
    faults: list[ScenarioFault] = []
    names: set[str] = set()
    for scenario in scenarios:
        if scenario.name in names:
            faults.append(ScenarioFault(scenario=scenario.name, edit=0, text=_TWICE))
            continue
        names.add(scenario.name)
        try:
            out.append(carry_out(base, scenario))
        except BadScenarios as error:
            faults += error.faults
    if faults:
        raise BadScenarios(faults)
    return tuple(out)


_TWICE = Text("名称重复", "there are two scenarios of this name")


def joined(texts: Iterable[Text]) -> Text:
    """Return texts as one."""
    both = tuple(texts)
    return Text("；".join(t.zh for t in both), "; ".join(t.en for t in both))
