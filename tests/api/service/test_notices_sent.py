"""Notices on their way: to a real mail server and a real platform, tried again, given up, lost and sent by several."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from api import clock
from api.notices import outbox, sending
from api.notices.outbox import LEASE_S
from api.notices.sending import PATIENCE, carry_out_round
from api.notices.telling import tell
from api.store.notices_tables import deliveries
from api.store.schema import streets
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.noticing import plan, put_in_force, set_clock, visit
from tests.api.service.receiving import Mailbox, Platform, certificate, city_platform, knows, mail_server, tls
from tests.api.service.world import Service

SECRET = "whsec_" + base64.b64encode(b"a secret of the city").decode()
MakeService = Callable[..., Service]


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def platform() -> Iterator[Platform]:
    with city_platform() as found:
        yield found


def by_mail(box: Mailbox, **more: Any) -> dict[str, Any]:
    """Return settings with which mail goes to a box."""
    asked = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "plain"}
    return {**asked, "smtp_from": "notices@example.gov.cn", "delivery_timeout_s": 5, **more}


def by_webhook(platform: Platform, **more: Any) -> dict[str, Any]:
    """Return settings with which notices go to a platform."""
    return {"webhook_url": platform.url, "webhook_secret": SECRET, "delivery_timeout_s": 5, **more}


def send(service: Service) -> dict[str, int]:
    """Carry out a round."""
    return carry_out_round(service.store, service.app.state.services.settings)


def due(service: Service, *item_ids: str, email: str | None = "safety@example.com", language: str = "zh") -> None:
    """Have a visit of every item due at E1, which has an address or none."""
    for item_id in item_ids:
        plan(service.store, item_id)
    put_in_force(service.store, 1, [visit("2026-10-20", item_id) for item_id in item_ids])
    set_clock(service.store, "2026-10-15")
    if email is not None:
        body = {"email": email, "language": language}
        assert service.enterprise_e1.put("/contacts/E1", json=body).status_code == 201


def later(service: Service, seconds: float) -> None:
    service.clock.at += timedelta(seconds=seconds)


def the_delivery(service: Service) -> dict[str, Any]:
    (found,) = service.administrator.every("/deliveries")
    return found


# --- mail ------------------------------------------------------------------------------------------------------------


@ON_ONE_DATABASE
def test_a_mail_has_the_text_and_a_calendar_entry(make_service: MakeService, box: Mailbox) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1", language="en")
    assert send(service) == {"told": 1, "sent": 1, "failed": 0, "expired": 0}
    (mail,) = box.messages
    assert mail["To"] == "safety@example.com"
    assert mail["Subject"] == "Notice of inspection: Tuesday, 20 October 2026 AM 09:00–10:00"
    assert "市场监管局: SC-X1" in mail.get_body().get_content()  # type: ignore[union-attr]
    (entry,) = mail.iter_attachments()
    assert (entry.get_content_type(), entry.get_param("method")) == ("text/calendar", "PUBLISH")
    (event,) = Calendar.from_ical(entry.get_content()).walk("VEVENT")
    assert (event["SEQUENCE"], event["ORGANIZER"]) == (0, "mailto:notices@example.gov.cn")
    put_in_force(service.store, 2, [], "2026-10-16")
    assert send(service)["sent"] == 1
    gone = box.messages[1]
    assert gone["In-Reply-To"] == mail["Message-ID"] != gone["Message-ID"]
    (entry,) = gone.iter_attachments()
    (cancelled,) = Calendar.from_ical(entry.get_content()).walk("VEVENT")
    assert (cancelled["UID"], cancelled["STATUS"], cancelled["SEQUENCE"]) == (event["UID"], "CANCELLED", 1)
    assert [d["state"] for d in service.administrator.every("/deliveries")] == ["sent", "sent"]


@ON_ONE_DATABASE
def test_mail_in_chinese_comes_through_whole(make_service: MakeService, box: Mailbox) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1")
    send(service)
    (mail,) = box.messages
    assert mail["Subject"] == "检查预告：2026年10月20日（星期二） 上午 09:00–10:00"
    assert "五个严禁" in mail.get_body().get_content()  # type: ignore[union-attr]
    assert mail["From"].addresses[0].display_name == "街道1"


@ON_ONE_DATABASE
def test_names_with_line_ends_add_no_headers(make_service: MakeService, box: Mailbox) -> None:
    service = make_service(**by_mail(box))
    with service.store.writing("system") as work:
        name = "街道\r\nBcc: someone@example.com\r\n\r\nhello\x00\u2028x"
        work.connection.execute(update(streets).where(streets.c.street_id == "S1").values(name=name.replace("\0", "")))
    due(service, "X1")
    send(service)
    (mail,) = box.messages
    assert mail["Bcc"] is None
    assert mail["To"] == "safety@example.com"
    assert mail.get_content_type() == "multipart/mixed"


@ON_ONE_DATABASE
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_over_tls_to_a_server_that_is_trusted_and_to_no_other(
    make_service: MakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    path = certificate(tmp_path)
    more: dict[str, Any] = {"ssl_context": tls(path), "auth_require_tls": False}
    if security == "starttls":
        more = {"tls_context": tls(path), "require_starttls": True, "auth_required": True}
    with mail_server(authenticator=knows("onevisit", "right"), **more) as box:
        login = {"smtp_user": "onevisit", "smtp_password": "right", "smtp_security": security}
        service = make_service(**by_mail(box, **login))
        due(service, "X1")
        assert send(service)["failed"] == 1
        assert "CERTIFICATE_VERIFY_FAILED" in the_delivery(service)["last_error"]
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        later(service, 60)
        assert send(service)["sent"] == 1
        wrong = make_service(**by_mail(box, **{**login, "smtp_password": "wrong"}))
        due(wrong, "X1")
        assert send(wrong)["failed"] == 1
        assert the_delivery(wrong)["state"] == "pending"
        assert "535" in the_delivery(wrong)["last_error"]
        assert len(box.raw) == 1


@ON_ONE_DATABASE
def test_starttls_never_falls_back_to_the_clear(make_service: MakeService, box: Mailbox) -> None:
    service = make_service(**by_mail(box, smtp_security="starttls"))
    due(service, "X1")
    assert send(service)["failed"] == 1
    assert box.raw == []


@ON_ONE_DATABASE
def test_a_mail_that_is_put_off_comes_later_and_one_that_is_refused_is_given_up(
    make_service: MakeService, box: Mailbox
) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1")
    box.rcpt_says = ["450 later"]
    assert send(service)["failed"] == 1
    assert (the_delivery(service)["state"], the_delivery(service)["attempts"]) == ("pending", 1)
    assert send(service)["sent"] == 0  # a minute has not passed
    later(service, 60)
    box.rcpt_says = ["550 nobody"]
    assert send(service)["failed"] == 1
    found = the_delivery(service)
    assert (found["state"], found["attempts"], found["last_error"]) == ("failed", 2, "recipient refused: 550")
    later(service, 86_000)
    assert send(service)["sent"] == 0
    assert service.administrator.post(f"/deliveries/{found['delivery_id']}/retry").status_code == 200
    assert send(service)["sent"] == 1
    assert service.administrator.post(f"/deliveries/{found['delivery_id']}/retry").status_code == 409


@ON_ONE_DATABASE
def test_nothing_is_sent_to_an_address_that_was_taken_back_or_of_a_visit_that_is_past(
    make_service: MakeService, box: Mailbox
) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1", "X2")
    box.rcpt_says = ["450 later"] * 2
    assert send(service)["failed"] == 2
    set_clock(service.store, "2026-10-21")
    assert send(service)["expired"] == 2
    other = make_service(**by_mail(box))
    due(other, "X1")
    box.rcpt_says = ["450 later"]
    send(other)
    assert other.enterprise_e1.delete("/contacts/E1").status_code == 204
    later(other, 60)
    assert send(other)["expired"] == 1
    assert box.raw == []


@ON_ONE_DATABASE
def test_a_change_never_overtakes_what_it_changes(make_service: MakeService, box: Mailbox) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1")
    box.rcpt_says = ["450 later"]
    assert send(service)["failed"] == 1
    put_in_force(service.store, 2, [visit("2026-10-22", "X1")], "2026-10-16")
    assert send(service) == {"told": 1, "sent": 0, "failed": 0, "expired": 0}
    later(service, 60)
    assert send(service)["sent"] == 2
    first, second = box.messages
    assert second["In-Reply-To"] == first["Message-ID"]


@ON_ONE_DATABASE
def test_what_was_given_up_is_not_sent_after_what_came_later(make_service: MakeService, box: Mailbox) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1")
    box.rcpt_says = ["550 nobody"]
    assert send(service)["failed"] == 1
    put_in_force(service.store, 2, [visit("2026-10-22", "X1")], "2026-10-16")
    assert send(service)["sent"] == 1
    (failed,) = service.administrator.every("/deliveries", state="failed")
    answer = service.administrator.post(f"/deliveries/{failed['delivery_id']}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


# --- webhooks --------------------------------------------------------------------------------------------------------


def proves(headers: dict[str, str], body: bytes) -> bool:
    """Say whether a request is signed as Standard Webhooks asks, worked out apart from the service."""
    signed = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    mac = hmac.new(b"a secret of the city", signed, hashlib.sha256)
    return headers["webhook-signature"] == "v1," + base64.b64encode(mac.digest()).decode()


@ON_ONE_DATABASE
def test_a_webhook_is_signed_and_says_what_the_notice_says(make_service: MakeService, platform: Platform) -> None:
    service = make_service(**by_webhook(platform))
    due(service, "X1", email=None)
    assert send(service)["sent"] == 1
    ((headers, body),) = platform.requests
    assert proves(headers, body)
    assert not proves(headers, body + b" ")
    assert int(headers["webhook-timestamp"]) == int(service.clock.at.timestamp())
    event = json.loads(body)
    (own,) = service.enterprise_e1.every("/my/notices")
    assert (event["type"], event["data"]["notice_id"]) == ("notice.new", headers["webhook-id"])
    assert event["data"]["texts"]["zh"]["text"] == own["text"]
    assert b"X1" not in body.replace(b"SC-X1", b"")


@ON_ONE_DATABASE
def test_a_platform_that_fails_is_tried_again_ever_later_and_given_up(
    make_service: MakeService, platform: Platform
) -> None:
    service = make_service(**by_webhook(platform, delivery_attempts=5, delivery_timeout_s=0.2))
    due(service, "X1", email=None)
    platform.statuses = [500, 0, 302, 429, 503]
    for wait_s in (60, 120, 240, 480):
        assert send(service)["failed"] == 1
        later(service, wait_s - 1)
        assert send(service)["failed"] == 0
        later(service, 1)
    assert send(service)["failed"] == 1
    found = the_delivery(service)
    assert (found["state"], found["attempts"], found["last_error"]) == ("failed", 5, "status 503")
    assert len(set(platform.ids)) == 1  # the same id every time
    assert all(proves(*request) for request in platform.requests)


@ON_ONE_DATABASE
def test_a_request_that_is_at_fault_is_not_tried_again(make_service: MakeService, platform: Platform) -> None:
    service = make_service(**by_webhook(platform))
    due(service, "X1", email=None)
    platform.statuses = [400]
    send(service)
    assert (the_delivery(service)["state"], the_delivery(service)["last_error"]) == ("failed", "status 400")


@ON_ONE_DATABASE
def test_a_platform_that_is_down_holds_no_mail_up(make_service: MakeService, box: Mailbox, platform: Platform) -> None:
    service = make_service(**by_mail(box), webhook_url=platform.url, webhook_secret=SECRET)
    items = [f"X{n}" for n in range(8)]
    due(service, *items)
    platform.statuses = [503] * 8
    assert send(service) == {"told": 8, "sent": 8, "failed": PATIENCE, "expired": 0}
    assert len(platform.requests) == PATIENCE  # and is left alone for this round
    platform.statuses = []
    later(service, 60)
    assert send(service)["sent"] == 8
    states = [(d["channel"], d["state"]) for d in service.administrator.every("/deliveries")]
    assert Counter(states) == {("email", "sent"): 8, ("webhook", "sent"): 8}


# --- several senders, and those that are lost ------------------------------------------------------------------------


def test_what_several_senders_send_at_once_arrives_once(make_service: MakeService, box: Mailbox) -> None:
    service = make_service(**by_mail(box))
    due(service, *(f"X{n}" for n in range(25)))
    start, sent = threading.Barrier(4), []

    def sender() -> None:
        start.wait()
        sent.append(send(service)["sent"])

    senders = [threading.Thread(target=sender) for _ in range(4)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    sent.append(send(service)["sent"])
    assert sum(sent) == 25
    ids = Counter(m["Message-ID"] for m in box.messages)
    assert (len(ids), set(ids.values())) == (25, {1})
    assert service.administrator.get("/audit/verification").json()["whole"]


@ON_ONE_DATABASE
def test_a_sender_that_is_slow_gives_back_what_it_would_not_send_in_time(
    make_service: MakeService, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1", "X2", "X3")
    ticks = chain((0.0, 1.0, 2.0), count(LEASE_S, LEASE_S))  # mail is begun, looked for, taken; and then it is late
    monkeypatch.setattr(sending, "clock", SimpleNamespace(seconds=lambda: next(ticks), day=clock.day))
    assert send(service)["sent"] == 1
    states = Counter((d["state"], d["attempts"]) for d in service.administrator.every("/deliveries"))
    assert states == {("sent", 1): 1, ("pending", 0): 2}


class Lost(BaseException):
    """A sender that ends between sending and noting so."""


def test_a_mail_whose_sender_is_lost_goes_out_twice_at_most_with_the_same_id(
    make_service: MakeService, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service(**by_mail(box))
    due(service, "X1", "X2")

    def lose(*given: Any) -> bool:
        raise Lost

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "note_sent", lose)
        with pytest.raises(Lost):
            send(service)
    assert len(box.raw) == 1
    assert send(service)["sent"] == 0  # both are held still
    later(service, LEASE_S + 1)
    assert send(service)["sent"] == 2
    assert send(service)["sent"] == 0
    assert sorted(Counter(m["Message-ID"] for m in box.messages).values()) == [1, 2]
    assert len(set(box.raw)) == 2  # the second copy is the first one, byte for byte


def test_a_sender_that_was_given_up_may_not_say_what_became_of_it(service: Service) -> None:
    settings = service.app.state.services.settings.model_copy(
        update={"smtp_host": "127.0.0.1", "smtp_from": "n@example.gov.cn"}
    )
    due(service, "X1")
    tell(service.store, settings, 10)
    (slow,) = outbox.take(service.store, outbox.EMAIL, "slow", 5)
    assert outbox.take(service.store, outbox.EMAIL, "other", 5) == []
    later(service, LEASE_S + 1)
    (other,) = outbox.take(service.store, outbox.EMAIL, "other", 5)
    assert not outbox.note_failed(service.store, slow, "late", for_good=True, attempts=3)
    assert outbox.note_sent(service.store, other, "safety@example.com")
    assert not outbox.note_sent(service.store, slow, "safety@example.com")
    with service.store.reading() as connection:
        row = connection.execute(select(deliveries.c.state, deliveries.c.attempts)).one()
    assert tuple(row) == ("sent", 2)
