"""A round of notices: what is due is told, then what waits in the outbox is sent.

A message may go out twice when a sender is lost between sending it and noting so; its id is the same both times.
"""

from __future__ import annotations

import logging

import httpx2

from api import clock
from api.ids import new_id
from api.notices import outbox, webhook
from api.notices.mail import Mailer, NotSent, message_of
from api.notices.outbox import EMAIL, LEASE_S, WEBHOOK, Parcel
from api.notices.telling import tell
from api.settings import Settings
from api.store.work import Store

LOG = logging.getLogger("onevisit.notices")
MOST_TOLD = 2000
"""Enterprises that are told in one round."""
AT_ONCE = 20
"""Deliveries that are taken together: their lease lasts for all of them, each as slow as it may be."""
CHANNEL_S = 25.0
"""Seconds after which a round takes no more deliveries of a channel."""
PATIENCE = 3
"""Failures in a row after which a channel is left alone until the next round: what is at its other end is down."""


def carry_out_round(store: Store, settings: Settings) -> dict[str, int]:
    """Tell what is due and send what waits; return how much was told, sent, put off or failed, and expired."""
    counts = {"told": tell(store, settings, MOST_TOLD), "sent": 0, "failed": 0, "expired": 0}
    client = httpx2.Client(timeout=settings.delivery_timeout_s, follow_redirects=False, trust_env=False)
    with client, Mailer(settings) as mailer:
        for channel in (EMAIL, WEBHOOK):
            _Round(store, settings, mailer, client, counts).send_all(channel)
    return counts


class _Round:
    """The deliveries of one channel in one round."""

    def __init__(
        self, store: Store, settings: Settings, mailer: Mailer, client: httpx2.Client, counts: dict[str, int]
    ) -> None:
        self._store, self._settings = store, settings
        self._mailer, self._client = mailer, client
        self._counts = counts
        self._failures = 0

    def send_all(self, channel: str) -> None:
        """Send what waits, until nothing does, time is up, or the other end is down."""
        began = clock.seconds()
        while clock.seconds() - began < CHANNEL_S:
            parcels = outbox.take(self._store, channel, new_id(), AT_ONCE)
            if not parcels:
                return
            taken = clock.seconds()
            for k, parcel in enumerate(parcels):
                self._counts[self._deliver(parcel)] += 1
                is_slow = clock.seconds() - taken > LEASE_S / 2  # the others would soon be another sender's too
                if self._failures >= PATIENCE or is_slow:
                    outbox.give_back(self._store, parcels[k + 1 :])
                    break
            if self._failures >= PATIENCE:
                return

    def _deliver(self, parcel: Parcel) -> str:
        """Send a delivery and note what became of it; return the name under which it is counted."""
        why = self._useless(parcel)
        if why is not None:
            outbox.note_expired(self._store, parcel, why)
            return "expired"
        try:
            if parcel.attempts > self._settings.delivery_attempts:
                raise NotSent("senders were lost over it", for_good=True)
            target = self._send(parcel)
        except NotSent as error:
            self._failures += not error.for_good
            self._note_failed(parcel, str(error), for_good=error.for_good)
            return "failed"
        except Exception as error:  # whatever is wrong with one, the others are sent
            LOG.exception("a delivery could not be made", extra={"delivery_id": parcel.delivery_id})
            self._note_failed(parcel, type(error).__name__, for_good=False)
            return "failed"
        self._failures = 0
        outbox.note_sent(self._store, parcel, target)
        return "sent"

    def _note_failed(self, parcel: Parcel, why: str, *, for_good: bool) -> None:
        attempts = self._settings.delivery_attempts
        outbox.note_failed(self._store, parcel, why, for_good=for_good, attempts=attempts)

    def _useless(self, parcel: Parcel) -> str | None:
        """Say why a delivery need not be sent any more; ``None`` when it must."""
        if parcel.notice["date"] < clock.day(self._store.instant()):
            return "the visit's date has passed"
        if parcel.channel == EMAIL:
            return None if parcel.contact is not None and self._settings.smtp_host else "no address"
        return None if self._settings.webhook_url else "no platform"

    def _send(self, parcel: Parcel) -> str:
        """Send a delivery, and return where it went."""
        settings = self._settings
        if parcel.channel == EMAIL:
            assert parcel.contact is not None
            email: str = parcel.contact["email"]
            self._mailer.send(message_of(parcel.notice, email, parcel.contact["language"], settings))
            return email
        assert settings.webhook_url is not None
        webhook.send(self._client, parcel.notice, settings, self._store.now())
        return settings.webhook_url
