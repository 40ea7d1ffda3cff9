"""What carries out runs on a server: takes them from the queue and starts a process for each."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from api import clock
from api.ids import new_id
from api.notices.sending import carry_out_round
from api.operations.pruning import prune
from api.runs.queue import Claim, claim, holds, lost_by, release, sweep
from api.runs.worker import GIVEN_BACK
from api.settings import Settings
from api.store.work import Store
from api.supervision.warnings.sweeping import sweep as sweep_warnings

LOG = logging.getLogger("onevisit.runs")
GRACE_S = 10.0
PRUNES_S = 3600.0
"""Seconds between two looks for what need not be kept any longer."""
TELLS_S = 60.0
"""Seconds between two rounds of notices, at least."""
WARNS_S = 300.0
"""Seconds between two looks for warnings that time alone causes."""


class Dispatcher:
    """A thread that keeps at most `max_runs` processes at work; one per server, any number per database."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._children: dict[subprocess.Popen[bytes], Claim] = {}
        self._useless_since: dict[subprocess.Popen[bytes], float] = {}
        self._prunes_at = self._warns_at = clock.seconds()
        self._tells_at = clock.seconds() + TELLS_S
        self._telling: threading.Thread | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin to take runs."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more runs, give back those at work, and end."""
        self._stop.set()
        self._thread.join(GRACE_S)
        children = list(self._children.items())
        for child, _ in children:
            child.terminate()
        until = clock.seconds() + GRACE_S
        for child, held in children:
            try:
                child.wait(max(0.1, until - clock.seconds()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            self._try(release, self._store, held)

    def _work(self) -> None:
        while not self._stop.is_set():
            self._try(self._round)
            self._stop.wait(self._settings.poll_s)

    def _round(self) -> None:
        for child in [c for c in self._children if c.poll() is not None]:
            step = release if child.returncode in (GIVEN_BACK, -signal.SIGTERM) else lost_by
            step(self._store, self._children[child])
            del self._children[child]
            self._useless_since.pop(child, None)
        sweep(self._store)
        if clock.seconds() >= self._prunes_at:
            self._prunes_at = clock.seconds() + PRUNES_S
            prune(self._store, self._settings.keep_days)
        self._tell()
        if clock.seconds() >= self._warns_at:
            self._warns_at = clock.seconds() + WARNS_S
            self._try(sweep_warnings, self._store)
        self._end_hung()
        while len(self._children) < self._settings.max_runs and not self._stop.is_set():
            taken = claim(self._store, new_id(), self._settings.lease_s)
            if taken is None:
                return
            try:
                self._children[self._begin(taken)] = taken
            except OSError:  # no process could be started
                lost_by(self._store, taken)
                raise

    def _tell(self) -> None:
        """Have a round of notices carried out beside the runs: mail servers may be slow."""
        if clock.seconds() < self._tells_at or (self._telling is not None and self._telling.is_alive()):
            return
        self._tells_at = clock.seconds() + TELLS_S
        step = (carry_out_round, self._store, self._settings)
        self._telling = threading.Thread(target=self._try, args=step, name="notices", daemon=True)
        self._telling.start()

    def _end_hung(self) -> None:
        """Kill processes that lost their runs long ago and do not end: others wait for their places."""
        now = clock.seconds()
        for child, held in self._children.items():
            if holds(self._store, held):
                self._useless_since.pop(child, None)
            elif now - self._useless_since.setdefault(child, now) > self._settings.lease_s:
                child.kill()

    def _begin(self, held: Claim) -> subprocess.Popen[bytes]:
        LOG.info("run begins", extra={"run_id": held.run_id})
        command = [sys.executable, "-m", "api.runs.worker", held.run_id, held.token]
        environment = {**os.environ, **self._settings.as_environment()}
        return subprocess.Popen(command, env=environment, start_new_session=True)

    @staticmethod
    def _try(step: Any, *arguments: Any) -> None:
        """Carry out a step; whatever goes wrong in it, the dispatcher goes on, and tries again later."""
        try:
            step(*arguments)
        except SQLAlchemyError as error:
            LOG.warning("the database does not answer: %s", type(error).__name__)
        except Exception:
            LOG.exception("the dispatcher goes on after an error")
