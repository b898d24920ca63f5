"""What ``holdfast doctor`` says of Slack: the workspace, our rights in it, channels, people."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from channels.message import ChannelError
from channels.remedies import remedy
from channels.slack import slack_client
from channels.slack_directory import Room, SlackDirectory, Team
from channels.slack_errors import in_our_terms
from channels.slack_scopes import SCOPES
from commands.doctor_reach import Reach
from commands.finding import Finding
from desk.members import Members, Sighting, room_troubles
from desk.office import Office
from ladders.contract import Contract
from ledger.private import ERASED

_AWAY = "Slack may be down, or this machine may not reach it: status.slack.com tells"


async def slack_findings(reach: Reach, office: Office | None) -> list[Finding]:
    """Look at Slack, if there is one; of an ``office`` at its channels and people too.

    Whoever was not found in Slack before is looked up anew, and remembered.
    """
    return await asyncio.to_thread(lambda: [*_slack(reach, office)])


def _slack(reach: Reach, office: Office | None) -> Iterator[Finding]:
    if reach.token.value is None:
        return
    directory = SlackDirectory(slack_client(reach.token.value, reach.slack_api))
    try:
        team = directory.team()
    except ChannelError as error:
        yield _refused("the workspace", error)
        return
    yield Finding(f"slack: workspace {team.name} ({team.id}), {team.url}")
    yield from _scopes(team)
    yield from _clicks(reach)
    if office is not None:
        terms = [*_under_watch(office)]
        members = Members(directory, office.private, by_mail=reach.mail.host is not None)
        yield from _as_far_as_told("channels", _rooms(directory, terms))
        yield from _as_far_as_told("people", _people(members, terms))


def _as_far_as_told(about: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except ChannelError as error:
        yield _refused(about, error)


def _refused(about: str, error: ChannelError) -> Finding:
    mends = remedy(error.code) if error.permanent else _AWAY
    return Finding(f"slack: does not tell of {about} ({error.code})", mends)


def _scopes(team: Team) -> Iterator[Finding]:
    if team.scopes is None:
        yield Finding("slack: does not say which rights the token has")
        return
    lacking, beyond = SCOPES - team.scopes, team.scopes - SCOPES
    if lacking:
        what = f"slack: the token lacks rights: {', '.join(sorted(lacking))}"
        yield Finding(what, remedy("missing_scope"))
    if beyond:
        yield Finding(f"slack: rights that Holdfast does not need: {', '.join(sorted(beyond))}")
    if not lacking:
        yield Finding("slack: the token has the rights that are needed")


def _clicks(reach: Reach) -> Iterator[Finding]:
    """How clicks come in, and whether Slack would open the way."""
    if reach.app_token.value is None and reach.signing_secret.value is None:
        remedy = (
            "set HOLDFAST_SLACK_APP_TOKEN_FILE (Socket Mode) or HOLDFAST_SLACK_SIGNING_SECRET_FILE "
            "(HTTP), and start anew"
        )
        yield Finding("slack: only receives; buttons lead nowhere", remedy)
    if reach.signing_secret.value is not None:
        yield Finding(f"slack: clicks come in by HTTP at {reach.receiver}")
    if reach.app_token.value is not None:
        yield _socket(reach.app_token.value, reach.slack_api)


def _socket(token: str, api: str) -> Finding:
    try:
        with in_our_terms():
            slack_client(token, api).apps_connections_open(app_token=token)
    except ChannelError as error:
        what = f"slack: opens no socket for clicks ({error.code})"
        remedy = (
            "switch Socket Mode on in the app's settings, and put an app-level token with "
            "connections:write into the file that HOLDFAST_SLACK_APP_TOKEN_FILE names"
        )
        return Finding(what, remedy if error.permanent else _AWAY)
    return Finding("slack: clicks come in by Socket Mode")


def _under_watch(office: Office) -> Iterator[Contract]:
    for ref in office.ledger.contracts():
        if not office.casebook.watch(ref).is_over:
            yield office.casebook.terms(ref)


def _rooms(directory: SlackDirectory, terms: Iterable[Contract]) -> Iterator[Finding]:
    named: dict[str, list[str]] = {}
    for each in terms:
        if each.slack_channel is not None:
            named.setdefault(str(each.slack_channel), []).append(each.contract)
    for channel, contracts in named.items():
        yield from _room(channel, directory.room(channel), contracts)


def _room(channel: str, room: Room | None, contracts: list[str]) -> Iterator[Finding]:
    """Everything that stands against posting in a channel of these contracts."""
    what = f"slack: channel {channel} of {', '.join(contracts)}"
    for words, mends in room_troubles(room):
        yield Finding(f"{what} {words}", mends)
    if room is not None and not room_troubles(room):
        yield Finding(f"{what} is ours to post in ({room.id})")


def _people(members: Members, terms: Iterable[Contract]) -> Iterator[Finding]:
    people = [person for each in terms for person in each.people if person.email != ERASED]
    sightings = members.introduce(people, anew=True)
    known = [each for each in sightings if each.member is not None]
    if known:
        yield Finding(f"slack: people known: {', '.join(map(_known, known))}")
    for each in sightings:
        if each.member is None:
            yield Finding(f"slack: {each.person} ({each.address}): {each.trouble}", each.remedy)


def _known(sighting: Sighting) -> str:
    return f"{sighting.person} {sighting.member.id if sighting.member else ''}"
