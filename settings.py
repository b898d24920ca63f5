"""What an operator may set, read once at the edge: from the environment or from files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from desk.office import Office

_DEFAULT_ADDRESS = "127.0.0.1:7233"


class Settings(BaseSettings):
    """Settings of one process; each is the variable ``HOLDFAST_<NAME>``.

    ``data`` is the folder of the ledger, and of Temporal's file where ``up`` runs a server.
    ``database`` is an SQLAlchemy URL and wins over the ledger in ``data``. The Slack token is a
    bot token, given itself or as the file that holds it; without one, messages go to the
    console. How Temporal is reached stands in the SDK's own variables, ``TEMPORAL_*``.
    """

    model_config = SettingsConfigDict(
        env_prefix="HOLDFAST_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data: Path = Path("data")
    database: SecretStr | None = None
    slack_token: SecretStr | None = None
    slack_token_file: Path | None = None
    slack_api: str = "https://slack.com/api/"

    @property
    def database_url(self) -> str:
        """Where the ledger is: an SQLAlchemy URL, possibly with a password in it."""
        if self.database is not None:
            return self.database.get_secret_value()
        file = self.data.absolute() / "ledger.sqlite"
        return URL.create("sqlite", database=str(file)).render_as_string()

    def read_slack_token(self) -> str | None:
        """The bot token, from the variable or from the file; None where neither is set."""
        if self.slack_token is not None:
            return self.slack_token.get_secret_value()
        if self.slack_token_file is not None:
            return self.slack_token_file.read_text(encoding="utf-8").strip()
        return None

    def embedded_address(self) -> str:
        """Where the Temporal server that ``up`` runs listens, as that command wrote it down."""
        written = self.data / "temporal.address"
        return written.read_text(encoding="utf-8").strip() if written.exists() else _DEFAULT_ADDRESS


def utc_now() -> datetime:
    """The present. Asked here, at the edge, and nowhere below it (law 2)."""
    return datetime.now(UTC)


def open_office(settings: Settings) -> Office:
    """Open the ledger that the settings name, making its folder if need be."""
    if settings.database is None:
        settings.data.mkdir(parents=True, exist_ok=True)
    return Office.open(settings.database_url, utc_now)
