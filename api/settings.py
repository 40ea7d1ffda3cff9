"""Settings of the service, from the environment (``ONEVISIT_…``) or the command line; nothing else configures it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from limits import parse
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

MIN_SECRET = 16
"""Characters of a secret, at least."""


class Settings(BaseSettings):
    """Settings of a server.

    Parameters
    ----------
    data_dir : folder of the embedded database and of temporary files.
    database_url : SQLAlchemy address; SQLite in the data folder when absent.
    processes : processes that answer requests; each is as fast as one core.
    cluster : where parts of runs are solved: ``threads``, ``local`` (Dask on this machine), or a scheduler's address.
    workers : threads or processes of a run.
    max_runs : runs that this server carries out at once; 0 leaves them to other servers of the same database.
    lease_s : seconds without a heartbeat after which a run is taken from its worker.
    keep_days : days for which the answers to repeatable requests and the files of ended imports are kept.
    max_body_mb, max_upload_mb : greatest body of ordinary requests, and of files.
    rate_limit : requests of one caller, in the words of the limits library; none when empty.
    session_secret : signs the sessions of people; drawn and kept in the data folder when absent.
    code_secret : seals supervision codes; the session's when absent. Whoever changes it has every code printed anew.
    oidc_issuer : address of the identity provider; no login of people when absent.
    notice_days : working days before an announced visit at which the enterprise is told of it.
    smtp_host, smtp_from : server that takes mail, and the address that it comes from; no mail when absent.
    smtp_security : STARTTLS, TLS from the first byte, or none of it; the port follows (587, 465, 25) when absent.
    webhook_url, webhook_secret : where a city platform takes notices, and what they are signed with.
    delivery_attempts : times that a mail or webhook is tried before it is given up.
    delivery_timeout_s : seconds to wait for a mail server or a city platform.
    """

    model_config = SettingsConfigDict(env_prefix="ONEVISIT_", extra="ignore", frozen=True)

    data_dir: Path = Path("onevisit-data")
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_url: str | None = None
    processes: int = Field(1, ge=1, le=64)
    cluster: str = "local"
    workers: int = Field(2, ge=1, le=256)
    max_runs: int = Field(1, ge=0, le=64)
    lease_s: float = Field(30.0, gt=0)
    poll_s: float = Field(0.5, gt=0)
    keep_days: float = Field(30.0, gt=0)
    max_body_mb: float = Field(8.0, gt=0)
    max_upload_mb: float = Field(512.0, gt=0)
    rate_limit: str = "1200/minute"
    database_wait_s: float = Field(15.0, gt=0)
    log_json: bool = True
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    session_secret: SecretStr | None = None
    code_secret: SecretStr | None = None
    notice_days: int = Field(3, ge=0, le=60)
    smtp_host: str | None = None
    smtp_port: int | None = Field(None, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "plain"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str | None = Field(None, pattern=r"^[!-?A-~]+@[!-?A-~]+$", max_length=254)
    webhook_url: str | None = Field(None, pattern=r"^https?://[!-~]+$", max_length=1000)
    webhook_secret: SecretStr | None = None
    delivery_attempts: int = Field(10, ge=1, le=100)
    delivery_timeout_s: float = Field(10.0, gt=0, le=60)

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        try:
            known = value is None or make_url(value).get_backend_name() in ("sqlite", "postgresql")
        except ArgumentError:
            known = False
        if not known:
            raise ValueError("needs sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
        return value

    @field_validator("rate_limit")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        if value:
            parse(value)
        return value

    @field_validator("code_secret", "session_secret", "webhook_secret")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"needs {MIN_SECRET} characters or more")
        return value

    @model_validator(mode="after")
    def _has_a_client(self) -> Settings:
        if self.oidc_issuer is not None and not self.oidc_client_id:
            raise ValueError("ONEVISIT_OIDC_ISSUER needs ONEVISIT_OIDC_CLIENT_ID")
        return self

    @model_validator(mode="after")
    def _can_send(self) -> Settings:
        if self.smtp_host is not None and not self.smtp_from:
            raise ValueError("ONEVISIT_SMTP_HOST needs ONEVISIT_SMTP_FROM")
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError("ONEVISIT_WEBHOOK_URL needs ONEVISIT_WEBHOOK_SECRET")
        return self

    def as_environment(self) -> dict[str, str]:
        """Return what another process's environment must say for it to have the same settings."""
        found = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is not None:
                text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
                found[f"ONEVISIT_{name.upper()}"] = text
        return found

    @property
    def database(self) -> str:
        """Address of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'onevisit.db').absolute()}"
