"""Who is who in Slack: found by address or by the id in the file, remembered, looked up anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.message import NotSent, Parked
from channels.slack import slack_client
from channels.slack_directory import SlackDirectory
from desk.members import Members
from desk.office import Office
from ladders.contract import Person
from ladders.prose import PersonRef, Prose
from ledger.private import PrivateRows
from tests.ledger.chronicle import Clock
from tests.slack.fake import FakeSlack, fake_slack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A workspace of this test's own."""
    with fake_slack() as slack:
        yield slack


@pytest.fixture
def private(tmp_path: Path) -> Iterator[PrivateRows]:
    """Rows of this test's own."""
    office = Office.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", Clock())
    yield office.private
    office.close()


class Waits(list[float]):
    """Remembers for how long it would have waited."""

    def __call__(self, seconds: float) -> None:
        """Wait not at all."""
        self.append(seconds)


def members(
    slack: FakeSlack, private: PrivateRows, waits: Waits | None = None, *, by_mail: bool = True
) -> Members:
    """What looks people up in that workspace."""
    directory = SlackDirectory(slack_client(slack.token, slack.base_url))
    return Members(directory, private, by_mail=by_mail, pause=Waits() if waits is None else waits)


def person(email: str, slack: str | None = None) -> Person:
    """Somebody as a contract file names them."""
    given = None if slack is None else Prose(slack)
    return Person(id=PersonRef(email), email=Prose(email), slack=given)


def calls(slack: FakeSlack) -> list[str]:
    """The methods that were called, but for the one that tells the workspace."""
    return [call.method for call in slack.calls if call.method != "auth.test"]


def test_people_are_found_by_address_and_remembered(slack: FakeSlack, private: PrivateRows) -> None:
    """With workspace, member and time zone; whoever is named twice is looked up once."""
    mira = slack.add_user("mira@ardent.example", zone="Asia/Tokyo")
    (found,) = members(slack, private).introduce(
        [person("Mira@Ardent.example"), person("mira@ardent.example")]
    )
    assert found.member is not None
    assert not found.trouble
    ref = private.identify("mira@ardent.example")
    assert private.slack_of(ref) == (slack.team, mira.id, "Asia/Tokyo")
    assert private.slack_person(slack.team, mira.id) == ref


def test_whoever_is_remembered_is_not_looked_up_again(
    slack: FakeSlack, private: PrivateRows
) -> None:
    """Unless that is asked for; then what has changed is remembered."""
    mira = slack.add_user("mira@ardent.example")
    people = [person("mira@ardent.example")]
    members(slack, private).introduce(people)
    members(slack, private).introduce(people)
    assert calls(slack) == ["users.lookupByEmail"]
    mira.zone = "America/Detroit"
    members(slack, private).introduce(people, anew=True)
    assert calls(slack) == ["users.lookupByEmail", "users.info"]
    remembered = private.slack_of(private.identify("mira@ardent.example"))
    assert remembered == (slack.team, mira.id, "America/Detroit")


def test_a_member_id_in_the_file_goes_first(slack: FakeSlack, private: PrivateRows) -> None:
    """It is verified, and wins over what was remembered and over the address."""
    slack.add_user("mira@ardent.example")
    other = slack.add_user("m.sommer@elsewhere.example")
    asking = members(slack, private)
    asking.introduce([person("mira@ardent.example")])
    asking.introduce([person("mira@ardent.example", other.id)])
    remembered = private.slack_of(private.identify("mira@ardent.example"))
    assert remembered is not None
    assert remembered[1] == other.id
    (wrong,) = asking.introduce([person("jonas@ardent.example", "U0NOBODY99")])
    assert "no member U0NOBODY99" in wrong.trouble
    assert "'slack'" in wrong.remedy


@pytest.mark.parametrize("by_mail", [True, False])
def test_whoever_is_not_found_is_named_with_what_follows(
    slack: FakeSlack, private: PrivateRows, *, by_mail: bool
) -> None:
    """E-mail takes over, or nothing does; and what to correct."""
    (nobody,) = members(slack, private, by_mail=by_mail).introduce([person("x@y.example")])
    assert nobody.member is None
    assert "nobody in Slack has this address" in nobody.trouble
    assert ("go by e-mail" in nobody.remedy) == by_mail
    assert ("reach nobody" in nobody.remedy) != by_mail
    assert private.slack_of(private.identify("x@y.example")) is None


def test_whoever_cannot_be_asked_is_not_remembered(slack: FakeSlack, private: PrivateRows) -> None:
    """A guest, somebody of another workspace, a bot."""
    slack.add_user("guest@x.example", guest=True)
    slack.add_user("bot@x.example", is_bot=True)
    stranger = slack.add_user("far@x.example", stranger=True)
    foreign = slack.add_user("near@x.example", team="T0OTHER")
    people = [
        person("guest@x.example"),
        person("bot@x.example"),
        person("far@x.example", stranger.id),
        person("near@x.example", foreign.id),
    ]
    sightings = members(slack, private).introduce(people)
    assert [bool(each.trouble) for each in sightings] == [True] * 4
    assert "another workspace" in sightings[3].trouble
    for each in people:
        assert private.slack_of(private.identify(str(each.email))) is None


def test_somebody_who_left_and_came_back_is_found_anew(
    slack: FakeSlack, private: PrivateRows
) -> None:
    """The account that was remembered is deactivated, and the address leads to another."""
    before = slack.add_user("mira@ardent.example")
    people = [person("mira@ardent.example")]
    asking = members(slack, private)
    asking.introduce(people)
    before.deleted = True
    (gone,) = asking.introduce(people, anew=True)
    assert "nobody in Slack" in gone.trouble
    after = slack.add_user("mira@ardent.example")
    (back,) = asking.introduce(people, anew=True)
    assert back.member is not None
    assert back.member.id == after.id
    assert private.slack_person(slack.team, before.id) is None


def test_one_member_under_two_addresses_is_named(slack: FakeSlack, private: PrivateRows) -> None:
    """As a click could count for one of them only; the first stays."""
    mira = slack.add_user("mira@ardent.example")
    people = [person("mira@ardent.example"), person("m.sommer@ardent.example", mira.id)]
    first, second = members(slack, private).introduce(people)
    assert not first.trouble
    assert "the same member as mira@ardent.example" in second.trouble
    remembered = private.slack_person(slack.team, mira.id)
    assert remembered == private.identify("mira@ardent.example")


def test_slack_is_asked_again_when_it_says_how_long_to_wait(
    slack: FakeSlack, private: PrivateRows
) -> None:
    """Twice, and then it is told that Slack is busy."""
    slack.add_user("mira@ardent.example")
    people = [person("mira@ardent.example")]
    waits = Waits()
    slack.fail("users.lookupByEmail", "ratelimited", times=2)
    (found,) = members(slack, private, waits).introduce(people)
    assert found.member is not None
    assert waits == [slack.faults.retry_after] * 2
    slack.fail("auth.test", "ratelimited", times=3)
    with pytest.raises(NotSent):
        members(slack, private).introduce(people)


def test_slack_away_and_a_refused_token_are_told_apart(
    slack: FakeSlack, private: PrivateRows
) -> None:
    """Nobody is remembered; and nobody asked for means that nothing is asked."""
    asking = members(slack, private)
    assert asking.introduce([]) == []
    slack.fail("auth.test", "invalid_auth")
    with pytest.raises(Parked):
        asking.introduce([person("mira@ardent.example")])
    slack.pause()
    with pytest.raises(NotSent):
        asking.introduce([person("mira@ardent.example")])
