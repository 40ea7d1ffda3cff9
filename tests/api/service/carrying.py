"""Runs carried out in the process of the tests: by the steps of a process of their own, without starting one."""

from __future__ import annotations

from sqlalchemy import select

from api.runs.queue import claim
from api.runs.worker import Job, carry_out
from api.store.schema import runs
from tests.api.service.world import Service


def carry_out_all(service: Service) -> None:
    """Carry out every queued run, the oldest first."""
    settings = service.app.state.services.settings
    while (held := claim(service.store, service.store.new_id(), settings.lease_s)) is not None:
        with service.store.reading() as connection:
            row = connection.execute(select(runs).where(runs.c.run_id == held.run_id)).mappings().one()
        assert carry_out(Job(settings, service.store, held, row)) == 0
