"""The stored form of a scenario: everything to rebuild it and run it again, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from scenarios.limits import StudyLimits
from scenarios.scenario import BASE, Scenario
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import OnevisitError
from scheduler.texts import Lang, Text

if TYPE_CHECKING:
    from scenarios.run import Run, Study


class StoredEdit(BaseModel):
    """What an edit touched when it was carried out, and in words what it does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str
    touched: dict[str, int]


class StoredRun(BaseModel):
    """What came of one seed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    status: str
    terms: dict[str, int]
    bounds: dict[str, int | None]
    schedule_digest: str


class StoredScenario(BaseModel):
    """A scenario with its base's digest, the applied difference, limits, seeds, versions and results.

    Parameters
    ----------
    scenario : ``None`` for the base itself.
    case_digest : of the edited case.
    difference : of the edited case from the base, a sentence a table, (zh, en).
    runs : by seed; none when it could not be planned, for the reason in `failure` (zh, en).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["onevisit-scenario/1"] = "onevisit-scenario/1"
    scenario: Scenario | None
    base_name: str
    base_digest: str
    case_digest: str
    applied: tuple[StoredEdit, ...]
    difference: tuple[tuple[str, str], ...]
    limits: StudyLimits
    versions: dict[str, str]
    runs: tuple[StoredRun, ...]
    failure: tuple[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return self.model_dump(mode="json", by_alias=True)


def store(study: Study, run: Run, versions: Mapping[str, str]) -> StoredScenario:
    """Return the stored form of a run of a study."""
    w = run.what_if
    difference: tuple[tuple[str, str], ...] = ()
    applied: tuple[StoredEdit, ...] = ()
    if w is not None:
        difference = tuple(zip(w.difference.sentences("zh"), w.difference.sentences("en"), strict=True))
        applied = tuple(
            StoredEdit(zh=a.edit.describe().zh, en=a.edit.describe().en, touched=a.touched.counts()) for a in w.applied
        )
    return StoredScenario(
        scenario=None if w is None else w.scenario,
        base_name=study.base.name,
        base_digest=study.base.digest(),
        case_digest=run.edited.snapshot.digest(),
        applied=applied,
        difference=difference,
        limits=study.limits,
        versions=dict(versions),
        runs=tuple(
            StoredRun(
                seed=seed,
                status=o.status.value,
                terms=o.score.as_dict(),
                bounds=dict(o.bounds),
                schedule_digest=o.schedule.digest(),
            )
            for seed, o in zip(run.seeds, run.outcomes, strict=False)
        ),
        failure=None if run.failure is None else (run.failure.zh, run.failure.en),
    )


class OtherBase(OnevisitError):
    """A stored scenario that was made from another case than the one given; `text` says so with `facts`."""

    code = "other_base"

    def __init__(self, stored: StoredScenario, base: PlanningSnapshot) -> None:
        self.text = _OTHER
        self.facts = {"stored": stored.base_digest[:12], "now": base.digest()[:12], "name": stored.base_name}
        super().__init__(_OTHER.say("en", **self.facts))


_OTHER = Text(
    "此方案的基准案例是“{name}”（摘要{stored}…），与所给案例（{now}…）不同",
    "this scenario was made from the case “{name}” (digest {stored}…), not from the one given ({now}…)",
)
_SAME = Text("{name}：与所存结果逐项一致。", "{name}: identical to what was stored.")
_DIFFERS = Text("{name}：与所存结果不同：{what}", "{name}: not what was stored: {what}")


def require_base(stored: StoredScenario, base: PlanningSnapshot) -> None:
    """Raise :class:`OtherBase` when the base is not the one that the scenario was made from."""
    if stored.base_digest != base.digest():
        raise OtherBase(stored, base)


class Repetition(BaseModel):
    """A stored scenario run again.

    Parameters
    ----------
    differences : (what, stored, now) wherever the two differ.
    versions : (library, stored, now) where versions differ, which may be why.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    differences: tuple[tuple[str, str, str], ...]
    versions: tuple[tuple[str, str, str], ...]

    @property
    def identical(self) -> bool:
        """Say whether every term, bound and schedule is the same."""
        return not self.differences

    def sentence(self, lang: Lang) -> str:
        """Return in words whether it is the same."""
        if self.identical:
            return _SAME.say(lang, name=self.name)
        what = "; ".join(f"{w}: {a} → {b}" for w, a, b in self.differences[:10])
        return _DIFFERS.say(lang, name=self.name, what=what)


def repetition_of(old: StoredScenario, new: StoredScenario) -> Repetition:
    """Return how a run that was repeated differs from what was stored."""
    found: list[tuple[str, str, str]] = []

    def note(what: str, a: object, b: object) -> None:
        if a != b:
            found.append((what, str(a), str(b)))

    note("case_digest", old.case_digest, new.case_digest)
    note("failure", old.failure, new.failure)
    note("runs", len(old.runs), len(new.runs))
    for a, b in zip(old.runs, new.runs, strict=False):
        for name in sorted(a.terms.keys() | b.terms.keys()):
            note(f"seed {a.seed} {name}", a.terms.get(name), b.terms.get(name))
        for name in sorted(a.bounds.keys() | b.bounds.keys()):
            note(f"seed {a.seed} bound {name}", a.bounds.get(name), b.bounds.get(name))
        note(f"seed {a.seed} schedule", a.schedule_digest[:12], b.schedule_digest[:12])
    names = sorted(old.versions.keys() | new.versions.keys())
    versions = ((n, old.versions.get(n, ""), new.versions.get(n, "")) for n in names)
    name = BASE if old.scenario is None else old.scenario.name
    return Repetition(name=name, differences=tuple(found), versions=tuple(v for v in versions if v[1] != v[2]))
