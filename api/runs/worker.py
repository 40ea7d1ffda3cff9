"""The process of one run: ``python -m api.runs.worker RUN TOKEN``. It holds the lease and writes the result."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api import clock
from api.errors import body_of, refusal_of
from api.operations.observe import set_up_logs
from api.runs.queue import ATTEMPTS, CANCELLED, FAILED, SUCCEEDED, Claim, LostLease, beat, finish
from api.settings import Settings
from api.store.database import open_engine
from api.store.schema import accounts, runs
from api.store.work import SYSTEM, Store, Work
from api.temporary import own_folder, remove_own

LOST, GIVEN_BACK = 3, 4
"""Exit codes of a process that wrote no result."""
MAX_PROBLEMS = 1000
AWAY_S, PAUSE_S = 60.0, 1.0
"""So long a result is kept while the database is away, and between two attempts to store it."""


class Job:
    """A run at work: tells how far it is, and is told to stop.

    Parameters
    ----------
    row : of ``runs``, as it was when the run began.
    """

    def __init__(self, settings: Settings, store: Store, held: Claim, row: Mapping[Any, Any]) -> None:
        self.settings, self.store, self.held, self.row = settings, store, held, row
        self.progress: dict[str, Any] = {"stage": "start"}
        self.stop_asked = False
        self._ended, self._concluding = threading.Event(), False
        self._written: dict[str, Any] | None = None
        self._began = clock.seconds()

    def tell(self, stage: str, **facts: Any) -> None:
        """Say how far the run is; written with the next heartbeat."""
        self.progress = {"stage": stage, "elapsed_s": round(clock.seconds() - self._began, 1), **facts}

    @contextmanager
    def heart(self) -> Iterator[None]:
        """Keep the lease for as long as the block runs."""
        beats = threading.Thread(target=self._beat, daemon=True)
        beats.start()
        try:
            yield
        finally:
            self._ended.set()
            beats.join(self.settings.lease_s)

    def conclude(self, actor: str, step: Callable[[Work], None]) -> None:
        """Store the result and end the run, in one transaction; begun again when the database is away for a while.

        Parameters
        ----------
        step : carries it out, and calls :func:`end_well` last.

        Raises
        ------
        LostLease : another worker has the run now; nothing was stored.
        """
        with suppress(SQLAlchemyError):
            self._renew()  # on SQLite nobody writes progress until the result is stored
        self._concluding = True
        began = clock.seconds()
        while True:
            try:
                with self.store.writing(actor) as work:
                    step(work)
                return
            except SQLAlchemyError as error:
                if refusal_of(error).code != "unavailable" or clock.seconds() - began > AWAY_S:
                    raise
            self._ended.wait(PAUSE_S)

    def _beat(self) -> None:
        """Renew the lease a few times within its length, write progress sooner; when it is lost, end at once.

        While the result is stored a lost lease ends nothing: that transaction looks whose the run is by itself, and on
        SQLite no heartbeat can be written beside it.
        """
        wait = min(1.0, self.settings.lease_s / 5)
        last_renewed = clock.seconds()
        while not self._ended.wait(wait):
            now = clock.seconds()
            try:
                held = self._renew()
            except SQLAlchemyError:
                held = now - last_renewed <= self.settings.lease_s  # else somebody else has it by now
            else:
                last_renewed = now
            if not held and self._concluding:
                return
            if not held:
                _leave(self.settings, LOST)

    def _renew(self) -> bool:
        """Renew the lease and write how far the run is, if that is news; say whether the lease was held still."""
        said = self.progress
        found = beat(self.store, self.held, self.settings.lease_s, said if said != self._written else None)
        self._written = said
        self.stop_asked = self.stop_asked or bool(found)
        return found is not None


CarryOut = Callable[[Job, Path], None]
"""Carries a run out, with a folder of its own."""


def main() -> int:
    """Carry out one run; return the exit code."""
    settings, held = Settings(), Claim(run_id=sys.argv[1], token=sys.argv[2])
    set_up_logs(as_json=settings.log_json)
    structlog.contextvars.bind_contextvars(run_id=held.run_id)
    store = Store(engine=open_engine(settings.database, wait_s=settings.database_wait_s))
    with store.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.run_id == held.run_id)).mappings().one()
    job = Job(settings, store, held, row)

    # Whoever started us gives the run back; from within whatever was interrupted here, that could wait for ever.
    signal.signal(signal.SIGTERM, lambda number, frame: _leave(settings, GIVEN_BACK))
    return carry_out(job)


def _leave(settings: Settings, code: int) -> None:
    """End this process at once; the database undoes what is not committed."""
    remove_own(settings.data_dir)
    os._exit(code)


def carry_out(job: Job) -> int:
    """Carry out a run under its lease, write down how it ended, and return the exit code."""
    log = structlog.get_logger("onevisit.runs")
    try:
        with job.heart():
            log.info("run begins", kind=job.row["kind"], attempt=job.row["attempts"])
            _carry_out(job)
    except LostLease:
        return LOST
    except Exception as error:
        log.error("run failed", exc_info=error)
        if refusal_of(error).code == "unavailable" and job.row["attempts"] < ATTEMPTS:
            return LOST  # it is queued again
        return _fail(job, error)
    log.info("run ended")
    return 0


def _carry_out(job: Job) -> None:
    with tempfile.TemporaryDirectory(prefix="run-", dir=own_folder(job.settings.data_dir)) as folder:
        JOBS[job.row["kind"]]()(job, Path(folder))


def _plan() -> CarryOut:
    from api.schedules.job import carry_out

    return carry_out


def _import() -> CarryOut:
    from api.imports.job import carry_out

    return carry_out


def _replan() -> CarryOut:
    from api.schedules.replan_job import carry_out

    return carry_out


def _explain() -> CarryOut:
    from api.schedules.explaining import carry_out

    return carry_out


def _whatif() -> CarryOut:
    from api.scenarios.job import carry_out

    return carry_out


def _question() -> CarryOut:
    from api.scenarios.job import answer

    return answer


JOBS: Mapping[str, Callable[[], CarryOut]] = {
    "plan": _plan,
    "replan": _replan,
    "explain": _explain,
    "whatif": _whatif,
    "question": _question,
    "import": _import,
}
"""What carries out a run, by its kind; loaded only when it is needed."""


def _fail(job: Job, error: Exception) -> int:
    """Write down why a run failed, in both languages."""
    refusal = refusal_of(error)
    refusal.problems = refusal.problems[:MAX_PROBLEMS]
    problem = {"zh": body_of(refusal, "zh"), "en": body_of(refusal, "en")}
    if refusal.code == "internal":
        for body in problem.values():
            body["detail"] += f" ({type(error).__name__})"
    try:
        with job.store.writing(SYSTEM) as work:
            finish(work, job.held, FAILED, problem=problem)
    except (SQLAlchemyError, LostLease):
        return LOST
    return 0


def end_well(work: Work, job: Job, **values: Any) -> None:
    """End a run with its result, in the transaction that stores it: cancelled when it was asked to stop."""
    finish(work, job.held, CANCELLED if job.stop_asked else SUCCEEDED, **values)


def requester(job: Job) -> Any:
    """Return the row of the account that asked for a run."""
    with job.store.reading() as connection:
        query = select(accounts).where(accounts.c.account_id == job.row["requested_by"])
        return connection.execute(query).mappings().one()


if __name__ == "__main__":
    sys.exit(main())
