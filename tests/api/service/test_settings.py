"""Settings that are wrong are told of in one sentence, before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli import main


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "x", "ONEVISIT_PORT"),
        ("OIDC_ISSUER", "https://id.example", "needs ONEVISIT_OIDC_CLIENT_ID"),
        ("SESSION_SECRET", "short", "ONEVISIT_SESSION_SECRET: needs 16 characters"),
        ("RATE_LIMIT", "often", "ONEVISIT_RATE_LIMIT"),
        ("DATABASE_URL", "onevisit.db", "ONEVISIT_DATABASE_URL: needs sqlite"),
        ("SMTP_HOST", "mail.example", "needs ONEVISIT_SMTP_FROM"),
        ("SMTP_FROM", "a@b\r\nBcc: c@d", "ONEVISIT_SMTP_FROM"),
        ("WEBHOOK_URL", "https://city.example/notices", "needs ONEVISIT_WEBHOOK_SECRET"),
        ("WEBHOOK_URL", "ftp://city.example", "ONEVISIT_WEBHOOK_URL"),
        ("WEBHOOK_SECRET", "short", "ONEVISIT_WEBHOOK_SECRET: needs 16 characters"),
        ("NOTICE_DAYS", "-1", "ONEVISIT_NOTICE_DAYS"),
        ("DATABASE_URL", "mysql://somebody@there/db", "ONEVISIT_DATABASE_URL: needs sqlite"),
    ],
)
def test_a_wrong_setting_is_named(
    name: str,
    value: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"ONEVISIT_{name}", value)
    assert main(["--lang", "en", "serve", "--data-dir", str(tmp_path / "data")]) == 1
    err = capsys.readouterr().err
    assert "a setting is wrong" in err
    assert said in err
    assert "internal" not in err
    assert not (tmp_path / "data").exists()
