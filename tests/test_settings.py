"""What an operator may set, and what it means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import Settings, open_office


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set."""
    for name in list(os.environ):
        if name.startswith(("HOLDFAST_", "TEMPORAL_")):
            monkeypatch.delenv(name)


def test_unset_everything_has_a_default() -> None:
    """One data folder, the console, Temporal's own port."""
    settings = Settings()
    assert settings.database_url == f"sqlite:///{Path.cwd() / 'data' / 'ledger.sqlite'}"
    assert settings.read_slack_token() is None
    assert settings.embedded_address() == "127.0.0.1:7233"


def test_the_ledger_lies_in_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Unless a database is named, which then wins."""
    monkeypatch.setenv("HOLDFAST_DATA", str(tmp_path))
    assert Settings().database_url == f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    monkeypatch.setenv("HOLDFAST_DATABASE", "postgresql://holdfast@db/holdfast")
    assert Settings().database_url == "postgresql://holdfast@db/holdfast"


@pytest.mark.parametrize("name", ["why?", "50%41", "a#b", "a b", "ä", "x?mode=ro"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Whatever its characters mean in a URL, the ledger lies in that folder and nowhere else."""
    open_office(Settings(data=tmp_path / name)).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "ledger.sqlite").is_file()


def test_the_slack_token_may_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the line end that editors leave; the variable itself wins over it."""
    (tmp_path / "token").write_text("from-a-file\n", encoding="utf-8")
    monkeypatch.setenv("HOLDFAST_SLACK_TOKEN_FILE", str(tmp_path / "token"))
    assert Settings().read_slack_token() == "from-a-file"
    monkeypatch.setenv("HOLDFAST_SLACK_TOKEN", "from-the-variable")
    assert Settings().read_slack_token() == "from-the-variable"


def test_what_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a deployment does that names every variable."""
    for name in ("SLACK_TOKEN", "SLACK_TOKEN_FILE", "DATABASE", "DATA"):
        monkeypatch.setenv(f"HOLDFAST_{name}", "")
    assert Settings() == Settings.model_construct()
    assert Settings().read_slack_token() is None


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever prints the settings prints no password and no token."""
    monkeypatch.setenv("HOLDFAST_DATABASE", "postgresql://holdfast:hunter2@db/holdfast")
    monkeypatch.setenv("HOLDFAST_SLACK_TOKEN", "hunter2")
    assert "hunter2" not in f"{Settings()!r} {Settings()}"


def test_the_address_that_up_wrote_down_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So that commands typed beside it find its server on whatever port it has."""
    monkeypatch.setenv("HOLDFAST_DATA", str(tmp_path))
    (tmp_path / "temporal.address").write_text("127.0.0.1:9999\n", encoding="utf-8")
    assert Settings().embedded_address() == "127.0.0.1:9999"


def test_settings_do_not_change() -> None:
    """They are read once, and whoever holds them may rely on them."""
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.data = Path("elsewhere")  # type: ignore[misc]
