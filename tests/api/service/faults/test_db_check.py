"""``onevisit db check`` finds what must not be; nothing is wrong before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, text, update

from api.operations.backup import findings
from api.store.schema import audit, audit_head, plan_items, plans, publications, runs, schedules, upload_pieces
from api.store.work import Store
from tests.api.conftest import Onevisit
from tests.api.service.faults.drafts import publish_and_draft
from tests.api.service.faults.site import Site

NEWEST = select(audit_head.c.number).scalar_subquery()


def alter_record(connection: Connection) -> None:
    connection.execute(update(audit).where(audit.c.number == 2).values(actor="somebody"))


def lose_last_record(connection: Connection) -> None:
    connection.execute(delete(audit).where(audit.c.number == NEWEST))


def lose_head(connection: Connection) -> None:
    connection.execute(delete(audit_head))


def end_plan_halfway(connection: Connection) -> None:
    plan_id = connection.scalars(select(plans.c.plan_id).where(plans.c.state == "approved")).first()
    connection.execute(update(plans).where(plans.c.plan_id == plan_id).values(state="withdrawn"))


def end_items_halfway(connection: Connection) -> None:
    connection.execute(update(plan_items).where(plan_items.c.row == 1).values(live=False))


def lose_items(connection: Connection) -> None:
    connection.execute(delete(plan_items).where(plan_items.c.row == 1))


def repeat_version(connection: Connection) -> None:
    connection.execute(update(publications).values(version=0))


def forget_publication(connection: Connection) -> None:
    connection.execute(update(schedules).where(schedules.c.state == "published").values(state="draft"))


def lose_piece(connection: Connection) -> None:
    connection.execute(delete(upload_pieces))


def leave_run(connection: Connection) -> None:
    row = {"run_id": "r", "kind": "plan", "state": "running", "request": {}, "requested_by": "admin", "created_at": ""}
    connection.execute(insert(runs).values(**row, lease_until="2020"))


def lose_table(connection: Connection) -> None:
    connection.execute(text("DROP TABLE quiet"))


def other_revision(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))


FAULTS = {
    alter_record: "audit chain broken at 2",
    lose_last_record: "audit chain broken at",
    lose_head: "audit head missing",
    end_plan_halfway: "items of ended plans still live: ",
    end_items_halfway: "items of live plans not live: ",
    lose_items: "plans with other items than they say: ",
    repeat_version: "publications out of order: 1",
    forget_publication: "schedules in another state than their publications say: 1",
    lose_piece: "files with pieces missing: ",
    leave_run: "runs without a worker: 1",
    lose_table: "table missing: quiet",
    other_revision: "revision 0000, wanted ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Store):
    """A store that is read within a transaction that is not committed."""

    connection: Connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self.connection


def test_every_fault_is_found(site: Site, onevisit: Onevisit, tmp_path: Path) -> None:
    store = site.store
    publish_and_draft(store, tmp_path)
    assert onevisit("db", "check", "--database", site.database).code == 0
    for fault, said in FAULTS.items():
        with store.engine.connect() as connection:
            fault(connection)
            found = findings(Within(engine=store.engine, connection=connection))
            assert [line[: len(said)] for line in found] == [said], found
    with store.engine.begin() as connection:
        alter_record(connection)
        end_plan_halfway(connection)
    said_all = onevisit("db", "check", "--database", site.database)
    assert said_all.code == 1
    assert [FAULTS[f] in said_all.out for f in (alter_record, end_plan_halfway, lose_table)] == [True, True, False]
    with store.engine.begin() as connection:
        lose_table(connection)
    said_all = onevisit("db", "check", "--database", site.database)
    assert (said_all.code, FAULTS[lose_table] in said_all.out) == (1, True)
    store.engine.dispose()
