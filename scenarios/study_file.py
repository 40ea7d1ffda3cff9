"""Files of scenarios, TOML or JSON: read with every fault collected, and unfolded into scenarios of a base."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from scenarios.edits.edit import Edit, Edited, EditFault
from scenarios.edits.kinds import KINDS, AnyEdit
from scenarios.library import LIBRARY
from scenarios.scenario import BadScenarios, Scenario, ScenarioFault, Title, joined
from scenarios.stored import StoredScenario
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import InvalidFile, Problem, Severity
from scheduler.texts import Text

MAX_SCENARIOS = 1_000
"""Scenarios of one study, at most: grids grow fast."""

_EDIT: TypeAdapter[Edit] = TypeAdapter(AnyEdit)


class Axis(BaseModel):
    """An edit with one field that takes several values.

    Parameters
    ----------
    edit : the fields that stay as they are, among them `kind`.
    field : the name of the field that changes.
    values : at least one; a value that touches nothing on the base is the level as now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    edit: dict[str, Any]
    field: str
    values: tuple[Any, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_value_is_right(self) -> Axis:
        for value in self.values:
            _EDIT.validate_python({**self.edit, self.field: value})
        return self

    def levels(self) -> list[tuple[str, Edit]]:
        """Return (value as text, edit) for every value."""
        return [(_short(v), _EDIT.validate_python({**self.edit, self.field: v})) for v in self.values]


class Grid(BaseModel):
    """Every combination of the values of some axes ("fire crews 4 to 10 by cap 1 to 3")."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    name: str
    axes: tuple[Axis, ...] = Field(min_length=1, alias="axis")


class Sensitivity(Axis):
    """One scenario for every value of one field, all else as it is: one at a time."""

    name: str


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


class StudyFile(BaseModel):
    """What a file of scenarios holds: scenarios, grids, one-at-a-time series, and names of the library.

    A file may also be one scenario: then its keys are those of :class:`scenarios.scenario.Scenario`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    library: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = ()
    scenarios: tuple[Scenario, ...] = Field((), alias="scenario")
    grids: tuple[Grid, ...] = Field((), alias="grid")
    series: tuple[Sensitivity, ...] = Field((), alias="sensitivity")

    @model_validator(mode="after")
    def _not_empty(self) -> StudyFile:
        if not (self.library or self.scenarios or self.grids or self.series):
            raise ValueError("a scenario, a grid, a sensitivity or a name of the library")
        return self


class InvalidStudy(InvalidFile):
    """Files of scenarios that cannot be read; `problems` holds every place."""

    code = "invalid_study"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file as it was given: its name for reports, and its bytes."""

    name: str
    data: bytes


def read_files(files: Iterable[NamedFile]) -> tuple[StudyFile, ...]:
    """Return what files of scenarios hold; `.json` is JSON, all else TOML.

    Raises
    ------
    InvalidStudy : with every fault of every file.
    """
    out: list[StudyFile] = []
    problems: list[Problem] = []
    for file in files:
        try:
            out.append(parse_study(_parsed(file), file.name))
        except InvalidStudy as error:
            problems += error.problems
    if problems:
        raise InvalidStudy(tuple(problems))
    return tuple(out)


def read_stored(file: NamedFile) -> StoredScenario:
    """Return a stored scenario.

    Raises
    ------
    InvalidStudy : with every fault of the file.
    """
    try:
        return StoredScenario.model_validate(_parsed(file))
    except ValidationError as error:
        raise InvalidStudy(tuple(problems_of(error, file.name))) from error


def parse_study(values: Any, name: str) -> StudyFile:
    """Return plain values of a file or a request as scenarios.

    Raises
    ------
    InvalidStudy : with every fault.
    """
    if isinstance(values, Mapping) and ("edit" in values or "name" in values):
        values = {"scenario": [values]}
        prefix = 2
    else:
        prefix = 0
    try:
        return StudyFile.model_validate(values)
    except ValidationError as error:
        raise InvalidStudy(tuple(problems_of(error, name, prefix))) from error


def _parsed(file: NamedFile) -> Any:
    try:
        text = file.data.decode("utf-8-sig")
        return json.loads(text) if file.name.lower().endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, no JSON
        raise InvalidStudy((_problem("unreadable_study", file.name, "", None, _READABLE, str(error)),)) from error


def problems_of(error: ValidationError, name: str, prefix: int = 0) -> list[Problem]:
    """Return what a model found wrong as problems, each with its place (``scenario[2].edit[1].factor``)."""
    out = []
    faults = error.errors(include_url=False)
    within = {f["loc"][:k] for f in faults for k in range(len(f["loc"]))}
    for fault in faults:
        if fault["type"] == "too_short" and fault["loc"] in within:
            continue  # too few are right, because those told of are wrong
        place = _place(fault["loc"][prefix:])
        zh = _EXPECTED.get(fault["type"])
        message = str(fault["msg"]).removeprefix("Value error, ")
        facts = {k: v for k, v in (fault.get("ctx") or {}).items() if isinstance(v, str | int | float)}
        said = message if zh is None else zh.format(**facts)
        if fault["type"] in ("model_type", "model_attributes_type"):
            message = "a table"  # the model's own name says nothing to whoever wrote the file
        value = fault.get("input")
        shown = None if fault["type"] == "missing" or isinstance(value, Mapping) else _shown(value)
        out.append(_problem("bad_scenario_file", name, place, shown, Text(said, message), ""))
    return out


def _place(loc: Iterable[int | str]) -> str:
    """Return the place of a fault; the kind of an edit, which only says which model was meant, is left out."""
    out = ""
    for part in loc:
        if isinstance(part, int):
            out += f"[{part + 1}]"
        elif not (out.endswith("]") and part in KINDS):
            out += f".{part}" if out else part
    return out


def _problem(code: str, table: str, column: str, value: str | None, expected: Text, hint: str) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        code=code,
        table=table,
        column=column or None,
        value=value,
        expected=expected,
        hint=(hint, hint),
    )


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


_READABLE = Text("UTF-8的TOML或JSON文件", "a TOML or JSON file in UTF-8")
_EXPECTED = {
    "missing": "必填",
    "extra_forbidden": "此处没有这个键",
    "union_tag_invalid": "kind须为以下之一：{expected_tags}",
    "union_tag_not_found": "每项须有kind",
    "literal_error": "须为以下之一：{expected}",
    "enum": "须为以下之一：{expected}",
    "int_type": "整数",
    "int_parsing": "整数",
    "int_from_float": "整数",
    "float_type": "数值",
    "float_parsing": "数值",
    "bool_type": "true或false",
    "bool_parsing": "true或false",
    "string_type": "文字",
    "string_too_short": "不能为空",
    "list_type": "列表",
    "tuple_type": "列表",
    "dict_type": "表",
    "model_type": "表",
    "model_attributes_type": "表",
    "too_short": "至少{min_length}项",
    "greater_than": "大于{gt}",
    "greater_than_equal": "至少{ge}",
    "less_than": "小于{lt}",
    "less_than_equal": "至多{le}",
}
"""What was expected, in Chinese, by type of the model's fault; other faults are told in English."""


def unfold(base: PlanningSnapshot, files: Iterable[StudyFile]) -> tuple[Scenario, ...]:
    """Return all scenarios of the files for a base: the library's made for it, grids and series written out.

    Raises
    ------
    BadScenarios : names that are not in the library or make no sense for this base; too many scenarios.
    """
    out: list[Scenario] = []
    faults: list[ScenarioFault] = []
    for file in files:
        for name in file.library:
            made = () if name not in LIBRARY else LIBRARY[name].make(base)
            if not made:
                text = _UNKNOWN if name not in LIBRARY else _NOT_HERE
                known = ", ".join(LIBRARY)
                needs = LIBRARY[name].needs if name in LIBRARY else Text("", "")
                faults.append(ScenarioFault(scenario=name, edit=0, text=text.filled(known=known, needs=needs)))
            out += made
        out += file.scenarios
        for grid in file.grids:
            out += _combinations(base, grid.name, grid.axes)
        for series in file.series:
            out += _combinations(base, series.name, (series,))
        if len(out) > MAX_SCENARIOS:
            raise _too_many("")
    if faults:
        raise BadScenarios(faults)
    return tuple(out)


_UNKNOWN = Text("方案库中没有此名称；有：{known}", "the library has no such scenario; it has: {known}")
_NOT_HERE = Text("此案例不适用：{needs}", "it makes no sense for this case: {needs}")
_TOO_MANY = Text("方案多于{n}个", "more than {n} scenarios")


def _combinations(base: PlanningSnapshot, name: str, axes: Sequence[Axis]) -> Iterable[Scenario]:
    """Yield a scenario for every combination of levels, save the one at which nothing differs from the base."""
    if _size(axes) > MAX_SCENARIOS:
        raise _too_many(name)
    levels = [[(text, edit, _differs(base, edit)) for text, edit in axis.levels()] for axis in axes]
    for chosen in product(*levels):
        edits = [edit for _, edit, differs in chosen if differs]
        if not edits:
            continue
        texts = [e.describe() if differs else _as_now(e.describe()) for _, e, differs in chosen]
        title = joined(texts)
        full = "-".join((name, *(text for text, _, _ in chosen)))
        yield Scenario.model_validate(
            {"name": full, "title": Title(zh=title.zh, en=title.en), "edit": [e.model_dump(mode="json") for e in edits]}
        )


def _too_many(name: str) -> BadScenarios:
    return BadScenarios([ScenarioFault(scenario=name, edit=0, text=_TOO_MANY.filled(n=MAX_SCENARIOS))])


def _size(axes: Sequence[Axis]) -> int:
    size = 1
    for axis in axes:
        size *= len(axis.values)
    return size


def _differs(base: PlanningSnapshot, edit: Edit) -> bool:
    """Say whether an edit touches anything of the base; what does not fit it is told when scenarios are carried out."""
    try:
        return edit.apply(Edited(snapshot=base)).snapshot != base
    except EditFault:
        return True


def _as_now(text: Text) -> Text:
    return Text(f"{text.zh}（同现状）", f"{text.en} (as now)")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else value
    kept = "".join(c if c.isalnum() or c in "._-" else "_" for c in text).strip("_")
    return kept[:24] or "_"
