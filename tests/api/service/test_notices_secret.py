"""Unannounced visits never show: worlds with and without them give an enterprise the same bytes, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from api.notices.sending import carry_out_round
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.noticing import plan, put_in_force, set_clock, visit
from tests.api.service.receiving import Mailbox, Platform, city_platform, mail_server
from tests.api.service.world import Service

FIRST = date(2026, 10, 9)
OPEN, HIDDEN = ("X1", "X2", "Y1"), ("Z1", "Z2")
DAYS = st.sampled_from((None, *range(-2, 9)))
"""Days from the day of a publication to a visit; some lie before it and count no more."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A publication: the days until it, to each open visit (``None``: it is never announced again), to hidden ones."""

    wait: int
    open_days: tuple[int | None, ...]
    hidden_days: tuple[int | None, ...]
    start: str


STEPS = st.lists(
    st.builds(
        Step,
        wait=st.integers(0, 3),
        open_days=st.tuples(*(DAYS for _ in OPEN)),
        hidden_days=st.tuples(*(DAYS for _ in HIDDEN)),
        start=st.sampled_from(("09:00", "09:30")),
    ),
    min_size=3,
    max_size=5,
)


def _live(service: Service, steps: list[Step], box: Mailbox, platform: Platform, *, hides: bool) -> list[Any]:
    """Live through publications, and return all that the enterprise gets to see, round by round.

    Parameters
    ----------
    hides : hidden visits are published, and those that are never announced again become unannounced; else there are
        no hidden visits, and the others are taken out.
    """
    for item_id in OPEN:
        plan(service.store, item_id)
    for item_id in HIDDEN if hides else ():
        plan(service.store, item_id, notice="unannounced")
    set_clock(service.store, FIRST.isoformat(), 0)
    service.administrator.put("/contacts/E1", json={"email": "e1@example.com", "language": "en"})
    calendar = service.enterprise_e1.post("/my/calendar").json()["path"]
    out, gone, today = [], set[str](), FIRST
    for version, step in enumerate(steps, 1):
        for _ in range(step.wait):  # every day has its round
            today += timedelta(days=1)
            out.append(_seen(service, today, calendar, box, platform))
        found = []
        for item_id, days in zip(OPEN, step.open_days, strict=True):
            if days is None and item_id not in gone:
                gone.add(item_id)
                if hides:
                    plan(service.store, item_id, notice="unannounced", revision=2)
            on = (today + timedelta(days=4 if days is None else days)).isoformat()
            if hides or item_id not in gone:
                found.append(visit(on, item_id, start=step.start))
        for item_id, days in zip(HIDDEN, step.hidden_days, strict=True):
            if hides and days is not None:
                found.append(visit((today + timedelta(days=days)).isoformat(), item_id))
        put_in_force(service.store, version, found, today.isoformat())
        out.append(_seen(service, today, calendar, box, platform))
    return out


def _seen(service: Service, today: date, calendar: str, box: Mailbox, platform: Platform) -> Any:
    set_clock(service.store, today.isoformat())
    counts = carry_out_round(service.store, service.app.state.services.settings)
    answers = [
        service.enterprise_e1.get(path, headers={"Accept-Language": lang, "X-Request-ID": "same"})
        for path, lang in (("/my/notices", "zh"), ("/my/notices?limit=1", "en"), ("/my/notices?state=withdrawn", "en"))
    ]
    answers.append(service.anonymous.get(calendar, headers={"X-Request-ID": "same"}))
    sent, asked = [*box.raw], [*platform.requests]
    box.raw.clear()
    platform.requests.clear()
    own = [(a.status_code, sorted(a.headers.items()), a.content) for a in answers]
    return counts, own, sent, asked


@ON_ONE_DATABASE
def test_no_unannounced_visit_shows_in_anything_that_an_enterprise_gets(make_service: Callable[..., Service]) -> None:
    with mail_server() as box, city_platform() as platform:
        sending = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "plain", "smtp_from": "n@e.cn"}
        sending |= {"webhook_url": platform.url, "webhook_secret": "a secret of the city", "session_secret": "s" * 16}
        told = []

        @seed(7)
        @settings(
            max_examples=10,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # a world takes a second: a failure is not made smaller
            suppress_health_check=list(HealthCheck),
        )
        @given(steps=STEPS)
        def live(steps: list[Step]) -> None:
            plain = _live(make_service(**sending), steps, box, platform, hides=False)
            hiding = _live(make_service(**sending), steps, box, platform, hides=True)
            assert plain == hiding
            told.extend(json.loads(own[0][2])["items"] for _, own, _, _ in plain)

        live()
        steps_told = {n["step"] for items in told for n in items}
        assert steps_told == {"new", "changed", "withdrawn"}  # there was something to hide it among
