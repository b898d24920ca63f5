"""``holdfast doctor`` on Slack: each thing that lacks is named once, with what mends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from channels.slack_scopes import SCOPES
from commands.doctor_messages import message_findings
from commands.doctor_reach import Reach, Secret
from commands.doctor_slack import slack_findings
from commands.finding import Finding
from desk.office import Office
from ladders.events import Parked, Posted
from ladders.prose import Prose, Wording
from tests import world
from tests.commands.books import Shelf
from tests.commands.shell import Shell
from tests.slack.fake import FakeSlack, fake_slack
from tests.world import Case

ROOM = "supplier-escalations"
PEOPLE = ("p-mira", "p-jonas", "p-carla", "p-dep")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A workspace in which all is well: everybody is there, the bot is in the channel."""
    with fake_slack() as slack:
        for name in PEOPLE:
            slack.add_user(f"{name}@ardent.example")
        slack.add_channel(ROOM)
        yield slack


@pytest.fixture
def office(shelf: Shelf) -> Office:
    """A ledger with a contract that posts in the channel."""
    return shelf.registered(
        world.contract().model_copy(update={"slack_channel": Prose(f"#{ROOM}")})
    )


def reach(slack: FakeSlack) -> Reach:
    """Everything set: clicks come in by HTTP and by socket."""
    return Reach(
        token=Secret("SLACK_TOKEN", value=slack.token),
        app_token=Secret("SLACK_APP_TOKEN", value=slack.app_token),
        signing_secret=Secret("SLACK_SIGNING_SECRET", value=slack.signing_secret),
        slack_api=slack.base_url,
        receiver="https://holdfast.ardent.example/slack/interactions",
    )


def lacking(found: list[Finding]) -> list[Finding]:
    """What lacks."""
    return [each for each in found if each.remedy]


def well(found: list[Finding]) -> str:
    """What is well, as one text."""
    return "\n".join(each.what for each in found if not each.remedy)


async def the_one(slack: FakeSlack, office: Office) -> Finding:
    """The only thing that lacks."""
    (found,) = lacking(await slack_findings(reach(slack), office))
    return found


async def test_all_is_well(slack: FakeSlack, office: Office) -> None:
    """The workspace, the rights, both ways in, the channel and everybody are named."""
    found = await slack_findings(reach(slack), office)
    assert lacking(found) == []
    said = well(found)
    for words in (
        slack.team,
        "has the rights",
        "HTTP at https://holdfast.ardent.example/slack/interactions",
        "by Socket Mode",
        f"#{ROOM} of KSS-2026-014",
        *(f"{name}@ardent.example U0" for name in PEOPLE),
    ):
        assert words in said
    assert office.private.slack_of(office.private.identify("p-mira@ardent.example"))


async def test_without_a_token_slack_is_not_asked(slack: FakeSlack, office: Office) -> None:
    """Messages go to the console, which is no fault."""
    assert await slack_findings(Reach(slack_api=slack.base_url), office) == []
    assert slack.calls == []
    assert [*Reach().findings()] == [Finding("channel: console, as no Slack token is set")]


async def test_a_token_that_is_refused_is_all_that_is_said(
    slack: FakeSlack, office: Office
) -> None:
    """With the file that is to hold another one."""
    wrong = replace(reach(slack), token=Secret("SLACK_TOKEN", value="xoxb-wrong"))
    (found,) = await slack_findings(wrong, office)
    assert "invalid_auth" in found.what
    assert "HOLDFAST_SLACK_TOKEN_FILE" in found.remedy


async def test_slack_that_is_away_is_no_fault_of_the_token(
    slack: FakeSlack, office: Office
) -> None:
    """Nothing is to be mended here."""
    slack.pause()
    (found,) = await slack_findings(reach(slack), office)
    assert "connection_refused" in found.what
    assert "down" in found.remedy


async def test_missing_and_superfluous_scopes_are_named(slack: FakeSlack, office: Office) -> None:
    """The first lack; the second are told, as they could be taken away."""
    slack.deny_scope("files:read")
    slack.grant_scope("chat:write.public")
    found = await slack_findings(reach(slack), office)
    (lacks,) = lacking(found)
    assert lacks.what.endswith("lacks rights: files:read")
    assert "slack-manifest" in lacks.remedy
    assert "does not need: chat:write.public" in well(found)


@pytest.mark.parametrize("scope", sorted(SCOPES))
async def test_a_right_that_lacks_hides_nothing_else(
    slack: FakeSlack, office: Office, scope: str
) -> None:
    """Whichever it is, it is named, whatever cannot be looked at without it."""
    slack.deny_scope(scope)
    found = lacking(await slack_findings(reach(slack), office))
    assert found[0].what.endswith(f"lacks rights: {scope}")
    assert all("missing_scope" in each.what for each in found[1:])


async def test_nowhere_for_clicks_to_come_in_is_named(slack: FakeSlack, office: Office) -> None:
    """With the two settings, either of which is enough."""
    deaf = replace(reach(slack), app_token=Secret("a"), signing_secret=Secret("b"))
    (found,) = lacking(await slack_findings(deaf, office))
    assert "only receives" in found.what
    assert "HOLDFAST_SLACK_APP_TOKEN_FILE" in found.remedy
    assert "HOLDFAST_SLACK_SIGNING_SECRET_FILE" in found.remedy
    half = replace(reach(slack), app_token=Secret("a"))
    assert lacking(await slack_findings(half, office)) == []


async def test_an_app_token_that_opens_nothing_is_named(slack: FakeSlack, office: Office) -> None:
    """Such as a bot token in its place."""
    wrong = replace(reach(slack), app_token=Secret("SLACK_APP_TOKEN", value=slack.token))
    (found,) = lacking(await slack_findings(wrong, office))
    assert "not_allowed_token_type" in found.what
    assert "connections:write" in found.remedy


async def test_a_channel_that_cannot_be_posted_in_is_named(
    slack: FakeSlack, office: Office
) -> None:
    """Whatever stands against it, with what to do in Slack."""
    room = next(each for each in slack.workspace.channels.values() if each.name == ROOM)
    slack.remove_bot(room)
    assert (await the_one(slack, office)).remedy == f"/invite @Holdfast in #{ROOM}"
    slack.invite_bot(room)
    slack.archive(room)
    assert "is archived" in (await the_one(slack, office)).what
    slack.archive(room, archived=False)
    slack.share(room)
    assert "other companies" in (await the_one(slack, office)).what
    slack.share(room, shared=False)
    room.name = "elsewhere"
    found = await the_one(slack, office)
    assert "is not there, or is private" in found.what
    assert "slack_channel" in found.remedy


async def test_somebody_who_is_not_in_slack_is_named(slack: FakeSlack, office: Office) -> None:
    """And found by the next look, once the account is there."""
    (jonas,) = [each for each in slack.workspace.users.values() if "jonas" in each.email]
    jonas.email = "j.weber@ardent.example"
    found = await the_one(slack, office)
    assert "p-jonas@ardent.example" in found.what
    assert "reach nobody" in found.remedy
    jonas.email = "p-jonas@ardent.example"
    assert lacking(await slack_findings(reach(slack), office)) == []


def test_parked_messages_are_told_with_code_and_ladder(shelf: Shelf) -> None:
    """What mends them, and how many went another way."""
    case = Case()
    case.catch_up()
    key = case.state.outbox[0].key
    case.feed(Parked(message=key, problem="not_in_channel"))
    office = shelf.of(case)
    office.standings.catch_up()
    count, parked = message_findings(office)
    assert count.what == f"messages: {len(case.state.outbox)} owed, of them 1 parked"
    assert parked.what == "messages: parked (not_in_channel): KSS-2026-014/tooling/1"
    assert "/invite @Holdfast" in parked.remedy
    case.feed(
        Posted(
            message=key, channel="email", receipt="<1@x>", wording=Wording("Subject\n\nText"),
            instead="user_not_found",
        )
    )  # fmt: skip
    office = shelf.of(case)
    office.standings.catch_up()
    _, instead = message_findings(office)
    assert "1 message went by e-mail" in instead.what
    assert "user_not_found 1" in instead.what
    assert not instead.remedy


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """A file that holds a secret, as it should."""
    path = tmp_path / "token"
    path.write_text("xoxb-1\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_secret_that_everybody_can_read_is_named(secret_file: Path) -> None:
    """With the command that closes it; one that cannot be read, or is empty, too."""

    def findings() -> list[Finding]:
        read = Secret.read(
            "SLACK_TOKEN", secret_file, lambda: secret_file.read_text(encoding="utf-8").strip()
        )
        return [*read.findings()]

    assert findings() == []
    secret_file.chmod(0o640)
    assert findings() == []
    secret_file.chmod(0o644)
    (found,) = findings()
    assert found.remedy == f"chmod 600 {secret_file}"
    secret_file.write_text("", encoding="utf-8")
    assert "it is empty" in findings()[0].what
    secret_file.unlink()
    assert "No such file" in findings()[0].what


def test_the_command_looks_at_slack(slack: FakeSlack, tmp_path: Path, secret_file: Path) -> None:
    """As the settings name it; no secret is printed, whatever is found."""
    secret_file.write_text(slack.token, encoding="utf-8")
    wrong = "xapp-wrong"
    ran = Shell(tmp_path).type(
        "doctor", "--json", HOLDFAST_SLACK_API=slack.base_url,
        HOLDFAST_SLACK_TOKEN_FILE=str(secret_file), HOLDFAST_SLACK_APP_TOKEN=wrong,
    )  # fmt: skip
    said = [each["what"] for each in json.loads(ran.said)]
    assert "channel: Slack" in said
    assert any(words.startswith("slack: workspace") for words in said)
    assert any("invalid_auth" in words for words in said)
    for secret in (slack.token, wrong):
        assert secret not in ran.said
