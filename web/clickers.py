"""Clickers: which person of a contract it is that clicks as a member of a Slack workspace."""

from __future__ import annotations

import asyncio

from channels.message import ChannelError
from channels.slack_directory import Member, SlackDirectory, Unfit
from desk.office import Office
from ladders.contract import Person
from ladders.entries import Doer
from ladders.errors import HoldfastError
from ladders.prose import PersonRef

_STRANGER = "slack:"


class Unidentified(HoldfastError):
    """Slack does not say who somebody is, so nothing can be recorded of what they did."""


class Clickers:
    """Knows members by workspace and id; asks Slack about each one it does not know."""

    def __init__(self, office: Office, directory: SlackDirectory) -> None:
        """Remember in this office; ask this directory."""
        self._office = office
        self._directory = directory
        self._own_team: str | None = None

    async def doer(self, team: str, user: str, contract: str) -> Doer:
        """Who clicked. Strangers have a pseudonym too, so that it is on record what they tried.

        Raises Unidentified.
        """
        actor = await asyncio.to_thread(self._person, team, user, contract)
        return Doer(actor=actor, authenticated_by="slack", via="slack")

    def _person(self, team: str, user: str, contract: str) -> PersonRef:
        private = self._office.private
        known = private.slack_person(team, user)
        if known is not None:
            return known
        found = self._on_roster(team, user, contract)
        return private.identify(f"{_STRANGER}{team}:{user}") if found is None else found

    def _on_roster(self, team: str, user: str, contract: str) -> PersonRef | None:
        member = self._member(team, user)
        if member is None:
            return None
        people = self._office.casebook.terms(contract).people
        person = next((each for each in people if _is(each, member)), None)
        if person is None:
            return None
        self._office.private.remember_slack(team, user, person.id, member.zone)
        return person.id

    def _member(self, team: str, user: str) -> Member | None:
        """The full member of our own workspace; None for guests, bots and everybody else."""
        try:
            if self._own_team is None:
                self._own_team = self._directory.team().id
            if team != self._own_team:
                return None
            member = self._directory.info(user)
        except Unfit:
            return None
        except ChannelError as trouble:
            raise Unidentified(
                f"Slack does not say at present who you are: {trouble.code}",
                "nothing was recorded; press the button again in a minute",
            ) from None
        return member if member is not None and member.team == team else None


def _is(person: Person, member: Member) -> bool:
    """Whether somebody on a roster is that member: by the id that the file gives, else by mail."""
    if person.slack is not None:
        return person.slack == member.id
    return member.email is not None and person.email.lower() == member.email.strip().lower()


def member_of(office: Office, ref: PersonRef) -> tuple[str, str] | None:
    """Workspace and id under which somebody, perhaps a stranger, has clicked."""
    known = office.private.slack_of(ref)
    if known is not None:
        return known[0], known[1]
    identity = office.private.identity_of(ref) or ""
    if not identity.startswith(_STRANGER):
        return None
    team, _, user = identity.removeprefix(_STRANGER).upper().partition(":")
    return team, user
