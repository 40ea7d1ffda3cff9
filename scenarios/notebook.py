"""What-if from a notebook: a case and scenarios in, tables and a report out. See docs/whatif.md for a worked study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from scenarios.compare import compare
from scenarios.comparison import Comparison, Mark
from scenarios.folder import write_study
from scenarios.limits import StudyLimits
from scenarios.questions.ask import Answer, ask
from scenarios.questions.asked import Question
from scenarios.report.wording import key_metrics
from scenarios.run import Run, Study, StudyWatcher, run_study
from scenarios.scenario import Scenario, carry_out_all
from scenarios.study_file import NamedFile, StudyFile, parse_study, read_files, unfold
from scenarios.versions import installed
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_case
from scheduler.texts import Lang
from solver.parallel import InProcess, Port

Asked = str | Path | Mapping[str, Any] | Scenario | StudyFile
"""A name of the library, a file of scenarios, a scenario, or what such a file holds (grids and series, too)."""

STAMP = datetime(2000, 1, 1, tzinfo=UTC)
"""Date of creation in a report's workbook unless one is given: equal studies give equal bytes."""


def load(case: str | Path) -> PlanningSnapshot:
    """Return a case folder or workbook, read and checked.

    Raises
    ------
    InvalidCase : with every problem of the case.
    """
    return read_case(Path(case)).snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A study that was run, and its comparison; shown as a table where it stands last in a cell."""

    study: Study
    comparison: Comparison

    def table(self, lang: Lang = "en", *, whole: bool = False) -> pd.DataFrame:
        """Return the values, metric by scenario; the key metrics, or the `whole` of them."""
        return self._frame(lang, whole, lambda cell: cell.value)

    def differences(self, lang: Lang = "en", *, whole: bool = False) -> pd.DataFrame:
        """Return the differences to the base that there is evidence for; the others are absent."""
        evidence = (Mark.PROVEN, Mark.MEASURED)
        return self._frame(lang, whole, lambda cell: cell.difference if cell.mark in evidence else None)

    def marks(self, lang: Lang = "en", *, whole: bool = False) -> pd.DataFrame:
        """Return what each difference is worth: proven, measured, no_evidence, equal."""
        return self._frame(lang, whole, lambda cell: cell.mark.value)

    def _frame(self, lang: Lang, whole: bool, value: Any) -> pd.DataFrame:
        metrics = self.comparison.metrics if whole else key_metrics(self.comparison)
        columns = {
            c.name: [value(self.comparison.cell(m.name, c.name)) for m in metrics] for c in self.comparison.columns
        }
        return pd.DataFrame(columns, index=[m.label.say(lang) for m in metrics])

    def schedule(self, name: str) -> Schedule:
        """Return the best schedule of a scenario, or of ``base``."""
        run = self._run(name)
        return run.outcomes[run.best].schedule

    def case(self, name: str) -> PlanningSnapshot:
        """Return the case of a scenario, or of ``base``."""
        return self._run(name).edited.snapshot

    def _run(self, name: str) -> Run:
        return next(r for r in self.study.runs if r.name == name)

    def report(self, folder: str | Path, lang: Lang = "zh", *, stamp: datetime = STAMP, plans: bool = False) -> Path:
        """Write the report folder as ``onevisit whatif --report`` does, and return the page's path."""
        out = Path(folder)
        write_study(out, self.study, self.comparison, installed(), lang=lang, stamp=stamp, with_plans=plans)
        return out / "report.html"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(float_format=lambda v: f"{v:,.3g}" if v < 1 else f"{v:,.0f}"))


def what_if(
    base: PlanningSnapshot | str | Path,
    scenarios: Iterable[Asked],
    *,
    iterations: int = 200_000,
    seeds: Sequence[int] = (1, 2, 3),
    workers: int = 2,
    port: Port | None = None,
    watch: StudyWatcher | None = None,
) -> Compared:
    """Return scenarios carried out, run and compared; equal input gives equal results bit for bit.

    Parameters
    ----------
    base : a snapshot, or the path of a case.
    iterations, seeds : see :class:`scenarios.limits.StudyLimits`.
    workers : threads, where no `port` is given.

    Raises
    ------
    BadScenarios, InvalidStudy : scenarios that are none, or do not fit; every fault is named.
    """
    snapshot = base if isinstance(base, PlanningSnapshot) else load(base)
    asked = [s for a in scenarios for s in _unfolded(snapshot, a)]
    limits = StudyLimits(iterations=iterations, seeds=tuple(seeds))
    study = run_study(snapshot, carry_out_all(snapshot, asked), limits, port=port or InProcess(workers), watch=watch)
    return Compared(study=study, comparison=compare(study, installed()))


def question(base: PlanningSnapshot | str | Path, asked: Question, *, workers: int = 2) -> Answer:
    """Return the answer to a question of :mod:`scenarios.questions.asked`."""
    snapshot = base if isinstance(base, PlanningSnapshot) else load(base)
    return ask(snapshot, asked, port=InProcess(workers))


def _unfolded(base: PlanningSnapshot, asked: Asked) -> Sequence[Scenario]:
    if isinstance(asked, Scenario):
        return (asked,)
    if isinstance(asked, Path):
        return unfold(base, read_files([NamedFile(name=str(asked), data=asked.read_bytes())]))
    if isinstance(asked, str):
        asked = StudyFile(library=(asked,))
    elif not isinstance(asked, StudyFile):
        asked = parse_study(asked, "scenario")
    return unfold(base, [asked])
