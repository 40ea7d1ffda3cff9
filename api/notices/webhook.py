"""Notices to a city platform: signed requests in the manner of Standard Webhooks (ids, timestamps, HMAC-SHA256)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx2
import orjson

from api.notices.mail import NotSent
from api.settings import Settings

_PREFIX = "whsec_"
_AGAIN = frozenset({408, 425, 429})
"""Statuses below 500 that ask to come again; redirects are not followed, and are tried again like them."""


def body_of(notice: Mapping[str, Any]) -> bytes:
    """Return the body of a notice's request, the same bytes every time."""
    data = {
        **{k: notice[k] for k in ("notice_id", "series_id", "sequence", "horizon_id", "street_id")},
        **notice["content"],
    }
    event = {"type": f"notice.{notice['step']}", "timestamp": notice["created_at"], "data": data}
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)


def signature_of(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return the header that proves who sent a body, and when: ``v1,`` and the HMAC in base64.

    Parameters
    ----------
    secret : ``whsec_`` and base64, as Standard Webhooks writes secrets, or any text.
    timestamp : seconds since 1970, of this attempt.
    """
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def send(client: httpx2.Client, notice: Mapping[str, Any], settings: Settings, now: datetime) -> None:
    """Send a notice to the platform of the settings.

    Raises
    ------
    NotSent : it did not take it; for good when it says that the request is at fault.
    """
    assert settings.webhook_url is not None
    assert settings.webhook_secret is not None
    body, timestamp = body_of(notice), int(now.timestamp())
    secret = settings.webhook_secret.get_secret_value()
    headers = {
        "content-type": "application/json",
        "webhook-id": notice["notice_id"],
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature_of(secret, notice["notice_id"], timestamp, body),
    }
    try:
        # The status is all that counts: what else the platform says is not read, however long it is.
        with client.stream("POST", settings.webhook_url, content=body, headers=headers) as answer:
            status = answer.status_code
    except httpx2.HTTPError as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error
    if not 200 <= status < 300:
        raise NotSent(f"status {status}", for_good=400 <= status < 500 and status not in _AGAIN)
