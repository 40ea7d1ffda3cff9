"""Notices by mail: one message for each, the same bytes every time, with the calendar entry beside the text."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from types import TracebackType
from typing import Any, Self

from api.notices.entries import entry_of, sender_of
from api.settings import Settings
from scheduler.export.notice_calendar import method_of, notice_file
from scheduler.texts import Lang

_PORTS = {"starttls": 587, "tls": 465, "plain": 25}
_PERMANENT = 500
_NO_LINE = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


class NotSent(Exception):
    """A message or request was not taken; `for_good` when it never will be."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(why)


def message_of(notice: Mapping[str, Any], email: str, lang: Lang, settings: Settings) -> EmailMessage:
    """Return the message of a stored notice to an address.

    Its Message-ID is that of the notice, so that whoever gets it twice can tell; names in its headers hold no line
    ends. Changes and withdrawals refer to the first message of their series.

    Raises
    ------
    NotSent : the address is none.
    """
    said, sender = notice["content"]["texts"][lang], sender_of(settings)
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(_line(notice["content"]["organiser"]), addr_spec=sender)
        message["To"] = Address(addr_spec=email)
    except ValueError as error:
        raise NotSent(f"no address: {error}", for_good=True) from error
    message["Subject"] = _line(said["subject"])
    message["Date"] = datetime.fromisoformat(notice["created_at"])
    message["Message-ID"] = f"<{notice['series_id']}.{notice['sequence']}@{domain}>"
    if notice["sequence"]:
        message["References"] = message["In-Reply-To"] = f"<{notice['series_id']}.0@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = lang
    message.set_content(said["text"], cte="base64")
    entry = entry_of(notice, lang, settings)
    name, method = f"{notice['date']}.ics", {"method": method_of(entry), "charset": "UTF-8"}
    message.add_attachment(notice_file(entry), "text", "calendar", filename=name, params=method)
    message.set_boundary(f"=_{notice['notice_id']}")
    return message


def _line(text: str) -> str:
    """Return a text as one line, whatever it holds: a header must end where we end it."""
    return _NO_LINE.sub(" ", text).strip()


class Mailer:
    """A connection to the mail server, opened with the first message and kept for those that follow."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._drop()

    def send(self, message: EmailMessage) -> None:
        """Hand a message over.

        Raises
        ------
        NotSent : the server is not there, or does not take it.
        """
        try:
            self._connected().send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise NotSent(_why(error), for_good=_is_for_good(error)) from error

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = self._open()
        return self._server

    def _open(self) -> smtplib.SMTP:
        asked, host = self._settings, self._settings.smtp_host or ""
        port = asked.smtp_port or _PORTS[asked.smtp_security]
        timeout, context = asked.delivery_timeout_s, ssl.create_default_context()
        if asked.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=timeout)
        try:
            if asked.smtp_security == "starttls":
                server.starttls(context=context)  # never goes on in the clear: it raises where the server cannot
            if asked.smtp_user is not None:
                password = asked.smtp_password
                server.login(asked.smtp_user, "" if password is None else password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


def _is_for_good(error: Exception) -> bool:
    """Say whether the server refused this message or its recipient, and will again."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _PERMANENT


def _why(error: Exception) -> str:
    """Return what went wrong, without the address: it is beside it on the row."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(sorted({f"recipient refused: {code}" for code, _ in error.recipients.values()}))
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}: {error.smtp_code}"
    return f"{type(error).__name__}: {error}"
