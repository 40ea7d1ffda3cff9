"""The process of one run: ``python -m api.runs.worker RUN TOKEN``. It holds the lease and writes the result."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api import clock
from api.errors import body_of, refusal_of
from api.operations.observe import set_up_logs
from api.runs.queue import CANCELLED, FAILED, SUCCEEDED, Claim, LostLease, beat, finish, release
from api.settings import Settings
from api.store.database import open_engine
from api.store.schema import accounts, runs
from api.store.work import SYSTEM, Store, Work

LOST, GIVEN_BACK = 3, 4
"""Exit codes of a process that wrote no result."""
MAX_PROBLEMS = 1000


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
        self._ended, self._told = threading.Event(), None
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

    def _beat(self) -> None:
        """Renew the lease a few times within its length, write progress sooner; when it is lost, end at once."""
        wait = min(1.0, self.settings.lease_s / 5)
        last_renewed, written = clock.seconds(), None
        while not self._ended.wait(wait):
            now, said = clock.seconds(), self.progress
            try:
                found = beat(self.store, self.held, self.settings.lease_s, said if said != written else None)
            except SQLAlchemyError:
                if now - last_renewed > self.settings.lease_s:
                    os._exit(LOST)  # somebody else has it by now
                continue
            if found is None:
                os._exit(LOST)
            self.stop_asked = self.stop_asked or found
            last_renewed, written = now, said


def main() -> int:
    """Carry out one run; return the exit code."""
    settings, held = Settings(), Claim(run_id=sys.argv[1], token=sys.argv[2])
    set_up_logs(as_json=settings.log_json)
    structlog.contextvars.bind_contextvars(run_id=held.run_id)
    store = Store(engine=open_engine(settings.database, wait_s=settings.database_wait_s))
    with store.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.run_id == held.run_id)).mappings().one()
    job = Job(settings, store, held, row)

    def give_back(number: int, frame: object) -> None:
        release(store, held)
        os._exit(GIVEN_BACK)

    signal.signal(signal.SIGTERM, give_back)
    log = structlog.get_logger("onevisit.runs")
    try:
        with job.heart():
            log.info("run begins", kind=row["kind"], attempt=row["attempts"])
            _carry_out(job)
    except LostLease:
        return LOST
    except Exception as error:
        log.error("run failed", exc_info=error)
        return _fail(job, error)
    log.info("run ended")
    return 0


def _carry_out(job: Job) -> None:
    temporary = job.settings.data_dir / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=temporary) as folder:
        if job.row["kind"] == "import":
            from api.imports.job import carry_out
        else:
            from api.schedules.job import carry_out
        carry_out(job, Path(folder))


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
