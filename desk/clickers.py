"""Clickers: which person of a contract it is that clicks as a member of a Slack workspace.

A click is stored under what is certain at once: the member. Which person that is may take Slack's
directory to say, and Slack may be away; so it is found out before the click is applied, and not
before it is safe.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from channels.message import ChannelError
from channels.slack_directory import Member, SlackDirectory, Unfit
from desk.applying import NotAppliedYet
from desk.casebook import Casebook
from ladders.contract import Person
from ladders.entries import Doer
from ladders.errors import HoldfastError
from ladders.prose import PersonRef
from ledger.inbox import Inbox, InboxRow
from ledger.private import PrivateRows, slack_identity, slack_member

_LOG = logging.getLogger("holdfast.desk")

_THREADS = 4
_LADDERS_PATIENCE = timedelta(seconds=5)


class Unidentified(NotAppliedYet):
    """Slack does not say at present who somebody is, so what they ask for cannot be applied yet."""

    def __init__(self, code: str) -> None:
        """Name Slack's reason."""
        super().__init__(
            f"the request is recorded, but Slack does not say at present who sent it: {code}",
            "it is applied as soon as Slack does, and nothing need be repeated; if that takes "
            "long, holdfast doctor says what stands in the way",
        )


class Clickers:
    """Knows members by workspace and id; asks Slack about each one it does not know."""

    def __init__(self, casebook: Casebook, directory: SlackDirectory | None = None) -> None:
        """Find people on the rosters of this casebook; ask this directory, if there is one."""
        self._casebook = casebook
        self._private = casebook.private
        self._directory = directory
        self._own_team: str | None = None
        # Threads of its own: a Slack that hangs must not keep clicks from being stored.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="clickers")

    def sender(self, team: str, user: str) -> Doer:
        """Who clicked, as far as that is known without Slack: a person, else the bare member."""
        known = self._private.slack_person(team, user)
        actor = known or self._private.identify(slack_identity(team, user))
        return Doer(actor=actor, authenticated_by="slack", via="slack")

    async def doer(self, contract: str, by: Doer, within: timedelta | None = None) -> Doer:
        """Who ``by`` is on the roster of ``contract``; strangers stay the bare members they are.

        Raises Unidentified where Slack does not say, or not ``within`` that time.
        """
        asking = asyncio.get_running_loop().run_in_executor(
            self._threads, partial(self._find, contract, by)
        )
        try:
            async with asyncio.timeout(None if within is None else within.total_seconds()):
                return await asking
        except TimeoutError:
            raise Unidentified("timeout") from None

    def find(self, contract: str, by: Doer, within: timedelta | None) -> Doer:
        """As ``doer``; blocks that long at most. Without a time, Slack is not asked."""
        by = remembered(self._private, by)
        if _bare_member(self._private, by) is None:
            return by
        if within is None:
            raise Unidentified("not_asked")
        try:
            return self._threads.submit(self._find, contract, by).result(within.total_seconds())
        except TimeoutError:
            raise Unidentified("timeout") from None

    def _find(self, contract: str, by: Doer) -> Doer:
        by = remembered(self._private, by)
        member = _bare_member(self._private, by)
        if member is None:
            return by
        if self._directory is None:
            raise Unidentified("no_slack")
        found = self._on_roster(self._directory, *member, contract)
        return by if found is None else by.model_copy(update={"actor": found})

    def _on_roster(
        self, directory: SlackDirectory, team: str, user: str, contract: str
    ) -> PersonRef | None:
        member = self._member(directory, team, user)
        if member is None:
            return None
        people = self._casebook.terms(contract).people
        person = next((each for each in people if _is(each, member)), None)
        if person is None:
            return None
        self._private.remember_slack(team, user, person.id, member.zone)
        return person.id

    def _member(self, directory: SlackDirectory, team: str, user: str) -> Member | None:
        """The full member of our own workspace; None for guests, bots and everybody else."""
        try:
            if self._own_team is None:
                self._own_team = directory.team().id
            if team != self._own_team:
                return None
            member = directory.info(user)
        except Unfit:
            return None
        except ChannelError as trouble:
            raise Unidentified(trouble.code) from None
        return member if member is not None and member.team == team else None


class NamedTray:
    """The inbox as ladders look into it: each request in the name of the person who sent it."""

    def __init__(self, inbox: Inbox, clickers: Clickers) -> None:
        """Look into this inbox; let these clickers name who sent what."""
        self._inbox = inbox
        self._clickers = clickers

    def unsettled(self, target: str | None = None) -> list[InboxRow]:
        """Requests without an answer, oldest first, but those of whom Slack does not say.

        No ladder waits for Slack: once it does not answer it is not asked again.
        """
        return list(self._named(self._inbox.unsettled(target)))

    def _named(self, rows: list[InboxRow]) -> Iterator[InboxRow]:
        within: timedelta | None = _LADDERS_PATIENCE
        for row in rows:
            request = json.loads(row.request)
            by = Doer.model_validate(request["by"])
            try:
                found = self._clickers.find(row.contract, by, within)
            except Unidentified:
                within = None
                continue
            except HoldfastError:
                # Such as a row that somebody has changed: doctor finds it, and no ladder waits.
                _LOG.exception("nobody can say who sent %s", row.key)
                continue
            request["by"] = found.model_dump(mode="json", exclude_none=True)
            yield row._replace(request=json.dumps(request))


def remembered(private: PrivateRows, by: Doer) -> Doer:
    """Who ``by`` is, if that is a member of Slack of whom we know by now which person it is."""
    member = _bare_member(private, by)
    known = None if member is None else private.slack_person(*member)
    return by if known is None else by.model_copy(update={"actor": known})


def member_of(private: PrivateRows, ref: PersonRef) -> tuple[str, str] | None:
    """Workspace and id under which somebody, perhaps a stranger, has clicked."""
    known = private.slack_of(ref)
    if known is not None:
        return known[0], known[1]
    return slack_member(private.identity_of(ref) or "")


def _bare_member(private: PrivateRows, by: Doer) -> tuple[str, str] | None:
    if by.authenticated_by != "slack":
        return None
    return slack_member(private.identity_of(by.actor) or "")


def _is(person: Person, member: Member) -> bool:
    """Whether somebody on a roster is that member: by the id that the file gives, else by mail."""
    if person.slack is not None:
        return person.slack == member.id
    return member.email is not None and person.email.lower() == member.email.strip().lower()
