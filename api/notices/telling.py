"""What enterprises are to be told now: found by comparing what is in force with what they know, and stored once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, insert, select, update

from api.cases.past import past_of
from api.clock import day
from api.errors import Refusal
from api.fieldwork.record import Happening, append
from api.horizons.service import read_horizon
from api.itemlists.service import names_and_papers
from api.notices.announced import IN_FORCE, announced, items_at
from api.notices.outbox import enqueue
from api.schedules.rows import read_visits
from api.settings import Settings
from api.store.fieldwork_tables import entries
from api.store.notices_tables import notices
from api.store.schema import authorities, enterprises, horizons, outcomes, streets
from api.store.work import SYSTEM, Store, Work
from scheduler.domain.fieldwork.kinds import EventKind
from scheduler.domain.plans import PastInspection, Trigger
from scheduler.domain.policy import FrequencyCap
from scheduler.domain.schedule import JointVisit
from scheduler.explain.facts import iso
from scheduler.export.wording import clock
from scheduler.notices.compare import Change, Step, Told, compare, digest_of
from scheduler.notices.counting import counts_of
from scheduler.notices.due import last_due_day, working_days_of
from scheduler.notices.notice import ItemTold, Notice, content_of

REPLACED, WITHDRAWN = "replaced", "withdrawn"
"""States of a notice beside :data:`api.notices.announced.IN_FORCE`."""
AT_ONCE = 250
"""Enterprises told in one transaction."""
_EVENTS: Mapping[Step, EventKind] = {
    Step.NEW: EventKind.NOTICE_SENT,
    Step.CHANGED: EventKind.NOTICE_CHANGED,
    Step.WITHDRAWN: EventKind.NOTICE_WITHDRAWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """A horizon on a day: day numbers, and the caps that notices show."""

    horizon_id: str
    today: int
    last_due: int
    caps: Sequence[FrequencyCap]


def tell(store: Store, settings: Settings, most: int) -> int:
    """Store a notice of everything that enterprises are to be told now; return how many.

    Several servers may do so at once: each change is told by one of them.

    Parameters
    ----------
    most : enterprises that are told in this round; the others have their turn in the next.
    """
    today = date.fromisoformat(day(store.instant())).toordinal()
    told = 0
    for horizon_id in _to_come(store, today):
        with store.reading() as connection:
            scene = _scene(connection, horizon_id, today, settings.notice_days)
            ids = [] if scene is None else _with_news(connection, scene)[: max(0, most)]
        most -= len(ids)
        for k in range(0, len(ids), AT_ONCE):
            assert scene is not None
            with store.writing(SYSTEM) as work:
                told += _tell_some(work, scene, ids[k : k + AT_ONCE], settings)
    return told


def _to_come(store: Store, today: int) -> list[str]:
    with store.reading() as connection:
        query = select(horizons.c.horizon_id).where(horizons.c.end >= iso(today)).order_by(horizons.c.horizon_id)
        return list(connection.scalars(query))


def _scene(connection: Connection, horizon_id: str, today: int, notice_days: int) -> _Scene | None:
    """Return what notices of a horizon need to know of it; ``None`` where its rules do not go together."""
    try:
        config = read_horizon(connection, horizon_id)
    except Refusal:
        return None
    assert config.calendar is not None
    last_due = last_due_day(today, notice_days, working_days_of(config.calendar))
    return _Scene(horizon_id=horizon_id, today=today, last_due=last_due, caps=config.caps)


def _with_news(connection: Connection, scene: _Scene) -> list[str]:
    """Return the enterprises that there is something to tell, sorted."""
    by_enterprise = _changes(connection, scene, None)
    return sorted(e for e, changes in by_enterprise.items() if changes)


def _changes(
    connection: Connection, scene: _Scene, enterprise_ids: Sequence[str] | None
) -> dict[str, tuple[Change, ...]]:
    settled = _settled(connection, scene)
    now: dict[str, list[JointVisit]] = defaultdict(list)
    for visit in announced(connection, scene.horizon_id, iso(scene.today), iso(scene.last_due), enterprise_ids):
        if (visit.visit_id, visit.day) not in settled:
            now[visit.enterprise_id].append(visit)
    known: dict[str, list[Told]] = defaultdict(list)
    query = select(notices.c.series_id, notices.c.sequence, notices.c.visit).where(
        notices.c.horizon_id == scene.horizon_id, notices.c.state == IN_FORCE, notices.c.date >= iso(scene.today)
    )
    if enterprise_ids is not None:
        query = query.where(notices.c.enterprise_id.in_(enterprise_ids))
    for row in connection.execute(query):
        (visit,) = read_visits([row.visit])
        if (visit.visit_id, visit.day) in settled:
            continue
        known[visit.enterprise_id].append(Told(series_id=row.series_id, sequence=row.sequence, visit=visit))
    return {e: compare(known[e], now[e], scene.today, scene.last_due) for e in {*now, *known}}


def _settled(connection: Connection, scene: _Scene) -> frozenset[tuple[str, int]]:
    """Return the visits of today, by id and day number, of which it is known already what became of them.

    A version that begins today may leave them out: that withdraws nothing.
    """
    out: set[tuple[str, int]] = set()
    for table in (outcomes, entries):
        query = select(table.c.visit_id).where(
            table.c.horizon_id == scene.horizon_id, table.c.date == iso(scene.today), table.c.visit_id.is_not(None)
        )
        out |= {(visit_id, scene.today) for visit_id in connection.scalars(query)}
    return frozenset(out)


def _tell_some(work: Work, scene: _Scene, enterprise_ids: Sequence[str], settings: Settings) -> int:
    """Tell some enterprises, each of which no other server tells meanwhile."""
    held = select(enterprises.c.enterprise_id).where(enterprises.c.enterprise_id.in_(enterprise_ids))
    work.connection.execute(held.order_by(enterprises.c.enterprise_id).with_for_update(key_share=True)).all()
    by_enterprise = _changes(work.connection, scene, enterprise_ids)
    changes = [c for e in sorted(by_enterprise) for c in by_enterprise[e]]
    if not changes:
        return 0
    words = _Words(work.connection, scene, changes, day(work.at))
    numbers = _series_so_far(work.connection, scene.horizon_id, enterprise_ids)
    for change in changes:
        _store(work, scene, change, words.notice(change), numbers, settings)
    return len(changes)


def _series_so_far(connection: Connection, horizon_id: str, enterprise_ids: Sequence[str]) -> dict[str, int]:
    query = (
        select(notices.c.enterprise_id, func.count())
        .where(notices.c.horizon_id == horizon_id, notices.c.enterprise_id.in_(enterprise_ids))
        .where(notices.c.sequence == 0)
        .group_by(notices.c.enterprise_id)
    )
    return {r[0]: r[1] for r in connection.execute(query)}


def _store(
    work: Work, scene: _Scene, change: Change, notice: Notice, numbers: dict[str, int], settings: Settings
) -> None:
    """Store a notice, put it on the record, and into the outbox.

    Its ids follow from what was told before, not from a counter of all: they say nothing of others.
    """
    visit, told = change.about, change.told
    if told is None:
        number = numbers.get(visit.enterprise_id, 0)
        numbers[visit.enterprise_id] = number + 1
        series_id, sequence = _id_of(scene.horizon_id, visit.enterprise_id, number), 0
    else:
        series_id, sequence = told.series_id, told.sequence + 1
        work.connection.execute(
            update(notices)
            .where(notices.c.series_id == series_id, notices.c.sequence == told.sequence)
            .values(state=REPLACED)
        )
    row = {
        "notice_id": _id_of(series_id, sequence),
        "series_id": series_id,
        "sequence": sequence,
        "step": change.step.value,
        "state": WITHDRAWN if change.step is Step.WITHDRAWN else IN_FORCE,
        "horizon_id": scene.horizon_id,
        "enterprise_id": visit.enterprise_id,
        "street_id": visit.street_id,
        "visit_id": visit.visit_id,
        "date": iso(visit.day),
        "visit": _plain(visit),
        "digest": digest_of(visit),
        "content": content_of(notice),
        "created_at": work.at,
    }
    work.connection.execute(insert(notices).values(**row))
    append(
        work,
        Happening(
            event_id=f"notice:{row['notice_id']}",
            kind=_EVENTS[change.step],
            enterprise_id=visit.enterprise_id,
            horizon_id=scene.horizon_id,
            visit_id=visit.visit_id,
            data={k: row[k] for k in ("notice_id", "series_id", "sequence", "date", "digest")},
        ),
    )
    enqueue(work, row, settings)


def _id_of(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:28]


def _plain(v: JointVisit) -> dict[str, str]:
    """Return a visit as it is stored, and :func:`api.schedules.rows.read_visits` reads it."""
    plain = {k: getattr(v, k) for k in ("visit_id", "enterprise_id", "street_id", "shift_id")}
    lists = {k: ";".join(getattr(v, k)) for k in ("authority_ids", "item_ids")}
    return {**plain, **lists, "date": iso(v.day), "start": clock(v.start), "end": clock(v.end)}


class _Words:
    """Names, items and counts for some changes, read at once."""

    def __init__(self, connection: Connection, scene: _Scene, changes: Sequence[Change], today: str) -> None:
        self._scene = scene
        about = [c.about for c in changes]
        ids = sorted({v.enterprise_id for v in about})
        of_enterprises = select(enterprises.c.enterprise_id, enterprises.c.name, enterprises.c.credit_class)
        found = connection.execute(of_enterprises.where(enterprises.c.enterprise_id.in_(ids)))
        self._enterprises = {r.enterprise_id: r for r in found}
        of_streets = select(streets.c.street_id, streets.c.name)
        self._streets = {r.street_id: r.name for r in connection.execute(of_streets)}
        of_authorities = select(authorities.c.authority_id, authorities.c.name)
        self._authorities = {r.authority_id: r.name for r in connection.execute(of_authorities)}
        self._items = items_at(connection, scene.horizon_id, ids)
        self._listed = names_and_papers(connection, {r["item_code"] for r in self._items.values() if r["item_code"]})
        self._past: dict[str, list[PastInspection]] = defaultdict(list)
        rows = past_of(connection, None, ids, today, known_on=today)
        for e, a, on, visit_id, trigger, exempt in zip(*rows.values(), strict=True):
            self._past[e].append(
                PastInspection(
                    enterprise_id=e,
                    authority_id=a,
                    day=date.fromisoformat(on).toordinal(),
                    visit_id=visit_id,
                    trigger=Trigger(trigger or Trigger.ROUTINE),
                    cap_exempt=bool(exempt),
                )
            )

    def notice(self, change: Change) -> Notice:
        """Return what is said of a change."""
        visit = change.about
        enterprise = self._enterprises[visit.enterprise_id]
        past, caps = self._past[visit.enterprise_id], self._scene.caps
        about = (visit.enterprise_id, enterprise.credit_class, visit.authority_ids, visit.day)
        return Notice(
            step=change.step,
            visit=visit,
            before=change.told.visit if change.told is not None and change.visit is not None else None,
            enterprise=enterprise.name,
            organiser=self._streets.get(visit.street_id, visit.street_id),
            authorities=tuple((a, self._authorities.get(a, a)) for a in visit.authority_ids),
            items=tuple(sorted(self._told_of(visit), key=lambda i: (i.authority_id, i.code or ""))),
            counts=counts_of(past, caps, *about),
        )

    def _told_of(self, visit: JointVisit) -> Iterator[ItemTold]:
        for row in (self._items[i] for i in visit.item_ids if i in self._items):
            name, papers = self._listed.get(row["item_code"], (None, ()))
            yield ItemTold(
                authority_id=row["authority_id"],
                code=row["item_code"],
                name=name,
                legal_basis=row["legal_basis"],
                papers=papers,
            )
