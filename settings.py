"""What an operator may set, read once at the edge: from the environment or from files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from desk.office import Office

_DEFAULT_ADDRESS = "127.0.0.1:7233"


class Settings(BaseSettings):
    """Settings of one process; each is the variable ``HOLDFAST_<NAME>``.

    ``data`` is the folder of the ledger, and of Temporal's file where ``up`` runs a server.
    ``database`` is an SQLAlchemy URL and wins over the ledger in ``data``; evidence is kept in
    ``evidence``, by default a folder in ``data``. How Temporal is reached stands in the SDK's own
    variables, ``TEMPORAL_*``.

    Slack: ``slack_token`` is the bot token; without one, messages go to the console. Clicks come
    in by HTTP, checked by ``slack_signing_secret``, or by Socket Mode, for which
    ``slack_app_token`` is the app-level token.

    What listens does so on ``web_host`` and ``web_port``; ``public_url`` is how it is reached from
    elsewhere, which links in e-mails need. ``smtp_*`` is the mail server that takes over what
    Slack refuses; ``smtp_tls`` says how the connection is secured. ``link_secret`` signs links.

    Every secret may be given itself, or as the file that holds it (``…_FILE``).
    """

    model_config = SettingsConfigDict(
        env_prefix="HOLDFAST_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data: Path = Path("data")
    database: SecretStr | None = None
    evidence: Path | None = None
    slack_token: SecretStr | None = None
    slack_token_file: Path | None = None
    slack_signing_secret: SecretStr | None = None
    slack_signing_secret_file: Path | None = None
    slack_app_token: SecretStr | None = None
    slack_app_token_file: Path | None = None
    slack_api: str = "https://slack.com/api/"
    web_host: str = "127.0.0.1"
    web_port: int = 8234
    public_url: str | None = None
    link_secret: SecretStr | None = None
    link_secret_file: Path | None = None
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_password_file: Path | None = None
    smtp_from: str | None = None

    @property
    def database_url(self) -> str:
        """Where the ledger is: an SQLAlchemy URL, possibly with a password in it."""
        if self.database is not None:
            return self.database.get_secret_value()
        file = self.data.absolute() / "ledger.sqlite"
        return URL.create("sqlite", database=str(file)).render_as_string()

    @property
    def evidence_folder(self) -> Path:
        """Where evidence is kept."""
        return self.evidence or self.data / "evidence"

    def read_slack_token(self) -> str | None:
        """The bot token; None where none is set."""
        return _secret(self.slack_token, self.slack_token_file)

    def read_slack_signing_secret(self) -> str | None:
        """What Slack signs requests with; None where it is not set."""
        return _secret(self.slack_signing_secret, self.slack_signing_secret_file)

    def read_slack_app_token(self) -> str | None:
        """The app-level token of Socket Mode; None where none is set."""
        return _secret(self.slack_app_token, self.slack_app_token_file)

    def read_link_secret(self) -> str | None:
        """What links in e-mails are signed with; None where it is not set."""
        return _secret(self.link_secret, self.link_secret_file)

    def read_smtp_password(self) -> str | None:
        """The password for the mail server; None where none is set."""
        return _secret(self.smtp_password, self.smtp_password_file)

    def embedded_address(self) -> str:
        """Where the Temporal server that ``up`` runs listens, as that command wrote it down."""
        written = self.data / "temporal.address"
        return written.read_text(encoding="utf-8").strip() if written.exists() else _DEFAULT_ADDRESS


def _secret(value: SecretStr | None, file: Path | None) -> str | None:
    if value is not None:
        return value.get_secret_value()
    return None if file is None else file.read_text(encoding="utf-8").strip()


def utc_now() -> datetime:
    """The present. Asked here, at the edge, and nowhere below it (law 2)."""
    return datetime.now(UTC)


def open_office(settings: Settings) -> Office:
    """Open the ledger that the settings name, making its folder if need be."""
    if settings.database is None:
        settings.data.mkdir(parents=True, exist_ok=True)
    return Office.open(settings.database_url, utc_now, settings.evidence_folder)
