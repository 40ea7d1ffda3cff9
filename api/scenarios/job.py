"""Runs of what-if: a study compared and kept, a kept one run again, a question answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from api import clock, machine
from api.access.keys import caller_of
from api.cases.area import Area, Level, find_area
from api.cases.service import snapshot_of
from api.dates import request_fault
from api.errors import invalid
from api.imports.archive import pack
from api.parallel import open_port
from api.runs.worker import Job, end_well, requester
from api.scenarios import service
from api.schedules.job import pack_case
from api.schedules.service import case_of
from api.store.schema import studies
from api.store.work import Work
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Lang
from solver.limits import Progress

_LANGUAGES: tuple[Lang, ...] = ("zh", "en")


def carry_out(job: Job, folder: Path) -> None:
    """Carry out a study: scenarios on the case as it is now, or a kept study once more."""
    if "repeat" in job.row["request"]:
        _repeat(job, folder)
    else:
        _compare(job, folder)


def _base(job: Job) -> tuple[Area, PlanningSnapshot]:
    job.tell("read")
    with job.store.reading() as connection:
        area = find_area(connection, Level(job.row["level"]), job.row["area_id"])
        return area, snapshot_of(connection, job.row["horizon_id"], area)


def _compare(job: Job, folder: Path) -> None:
    # Imported here: a server does not plan, and compiled code takes long to load.
    from scenarios.compare import compare
    from scenarios.folder import write_study
    from scenarios.limits import StudyLimits
    from scenarios.scenario import carry_out_all
    from scenarios.stored import store
    from scenarios.study_file import StudyFile, unfold

    request, caller = job.row["request"], caller_of(requester(job))
    area, base = _base(job)
    asked = StudyFile.model_validate({k: request[k] for k in ("library", "scenario", "grid", "sensitivity")})
    what_ifs = carry_out_all(base, unfold(base, [asked]))
    study = _run(job, base, what_ifs, StudyLimits.model_validate(request["limits"]))
    versions = machine.versions()
    comparison = compare(study, versions)
    job.tell("store")
    files = {"case": pack_case(base, folder)}
    for lang in _LANGUAGES:
        out = folder / f"report_{lang}"
        write_study(out, study, comparison, versions, lang=lang, stamp=clock.stamp(), with_plans=False)
        files[f"report_{lang}"] = folder / f"report_{lang}.zip"
        pack(out, files[f"report_{lang}"])
    stored = [store(study, run, versions).as_json() for run in study.runs]
    study_id = job.store.new_id()
    upload_ids = {name: job.store.new_id() for name in files}

    def kept(work: Work) -> None:
        service.store(
            work, study_id, upload_ids, files, run=job.row, area=area, comparison=comparison.as_plain(), stored=stored
        )
        end_well(work, job, result={"study_id": study_id, "scenarios": [r.name for r in study.runs]})

    job.conclude(caller.account_id, kept)


def _run(job: Job, base: PlanningSnapshot, what_ifs: Any, limits: Any) -> Any:
    from scenarios.run import StudyProgress, run_study

    def watch(progress: StudyProgress) -> bool:
        job.tell("runs", done=progress.done, total=progress.total, scenario=progress.name)
        return job.stop_asked

    machine.collect_less()
    with open_port(job.settings.cluster, job.settings.workers, len(base.enterprises)) as port:
        return run_study(base, what_ifs, limits, port=port, watch=watch)


def _repeat(job: Job, folder: Path) -> None:
    """Run a kept study again from its stored form, and say where it differs from what was kept."""
    from scenarios.scenario import carry_out_all
    from scenarios.stored import StoredScenario, repetition_of, store

    caller = caller_of(requester(job))
    job.tell("read")
    with job.store.reading() as connection:
        query = select(studies).where(studies.c.study_id == job.row["request"]["repeat"])
        row = connection.execute(query).mappings().one()
    base = case_of(job.store, row, folder)
    old = [StoredScenario.model_validate(s) for s in row["stored"]]
    what_ifs = carry_out_all(base, [s.scenario for s in old if s.scenario is not None])
    study = _run(job, base, what_ifs, old[0].limits)
    versions = machine.versions()
    found = [repetition_of(o, store(study, run, versions)) for o, run in zip(old, study.runs, strict=True)]
    result = {
        "study_id": row["study_id"],
        "identical": all(r.identical for r in found),
        "scenarios": [{**r.model_dump(mode="json"), "identical": r.identical} for r in found],
    }
    job.conclude(caller.account_id, lambda work: end_well(work, job, result=None if job.stop_asked else result))


def answer(job: Job, folder: Path) -> None:
    """Answer a question about a case."""
    from pydantic import TypeAdapter

    from scenarios.edits.edit import EditFault
    from scenarios.questions.ask import ask
    from scenarios.questions.asked import Question
    from scheduler.answers.errors import BadQuestion

    caller = caller_of(requester(job))
    _, base = _base(job)
    question: Question = TypeAdapter(Question).validate_python(job.row["request"]["ask"])

    def watch(progress: Progress) -> bool:
        job.tell("runs", iterations=progress.iterations)
        return job.stop_asked

    machine.collect_less()
    try:
        with open_port(job.settings.cluster, job.settings.workers, len(base.enterprises)) as port:
            found = ask(base, question, port=port, watch=watch)
    except (EditFault, BadQuestion) as error:
        said = error.text.filled(**error.facts)
        raise invalid([request_fault(error.code, "body", "ask", None, said)]) from error
    result = {"found": found.found, "values": found.values, "zh": found.zh, "en": found.en}
    job.conclude(caller.account_id, lambda work: end_well(work, job, result=None if job.stop_asked else result))
