"""Telling: answers to people who clicked, where they clicked or as a direct message."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.models.views import View
from slack_sdk.webhook import WebhookClient

from channels.message import ChannelError
from channels.slack_errors import in_our_terms
from channels.slack_places import Places
from desk.casebook import UnknownCase
from desk.clickers import member_of
from desk.office import Office
from desk.recalling import Recalled, recall
from ladders.entries import Doer
from ladders.errors import ActionRefused
from ledger.inbox import InboxRow
from web.saying import Said, message, refused

_LOG = logging.getLogger("holdfast.web")
_TIMEOUT = 10
_OK = 200
_SLACKS = (".slack.com", ".slack-gov.com")
_LINK_SECONDS = 0.5


class Teller:
    """Speaks to people in Slack. What it says is a courtesy; what counts stands in the ledger."""

    def __init__(self, client: WebClient) -> None:
        """Speak through this client, which must not retry by itself."""
        self.client = client
        self._places = Places(client)

    async def open(self, trigger: str, view: View) -> None:
        """Open a modal for whoever caused ``trigger`` within 3 seconds. Raises ChannelError."""

        def call() -> None:
            with in_our_terms():
                self.client.views_open(trigger_id=trigger, view=view)

        await asyncio.to_thread(call)

    async def link(self, said: Said) -> str | None:
        """The address of the board that an answer leads to, if Slack names it at once."""
        if said.board is None:
            return None
        channel, _, ts = said.board.partition("/")
        try:
            async with asyncio.timeout(_LINK_SECONDS):
                return await asyncio.to_thread(self._places.permalink, channel, ts)
        except (ChannelError, TimeoutError):
            # The answer is worth more without its link than not at all.
            return None

    async def answer(self, response_url: str, member: str, said: Said) -> None:
        """Tell somebody beside the button that they pressed; else as a direct message.

        Raises ChannelError where neither is possible.
        """
        shown = message(said, await self.link(said))
        if self._is_slacks(response_url):
            try:
                await asyncio.to_thread(self._respond, response_url, shown)
            except OSError as error:
                _LOG.warning("an answer found no response_url: %s", error)
            else:
                return
        await asyncio.to_thread(self._post, member, shown)

    async def write(self, member: str, said: Said) -> None:
        """Tell somebody as a direct message. Raises ChannelError."""
        await asyncio.to_thread(self._post, member, message(said, await self.link(said)))

    def _respond(self, url: str, shown: dict[str, Any]) -> None:
        hook = WebhookClient(url, timeout=_TIMEOUT, retry_handlers=[])
        body = {**shown, "response_type": "ephemeral", "replace_original": False}
        answer = hook.send_dict(body)
        if answer.status_code != _OK:
            raise OSError(f"status {answer.status_code}")

    def _post(self, member: str, shown: dict[str, Any]) -> None:
        with in_our_terms():
            self.client.chat_postMessage(
                channel=self._places.conversation(member),
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
                **shown,
            )

    def _is_slacks(self, url: str) -> bool:
        """Whether an address is one of Slack's own: what is said there goes nowhere else."""
        try:
            address, ours = urlsplit(url), urlsplit(self.client.base_url)
        except ValueError:
            return False
        if address.scheme == "https" and (address.hostname or "").endswith(_SLACKS):
            return True
        return (address.scheme, address.netloc) == (ours.scheme, ours.netloc)


class LateNews:
    """Tells people whose click was refused after it had been said that it is being applied."""

    def __init__(self, office: Office, teller: Teller) -> None:
        """Look people up in this office. ``awaited`` are the keys somebody still waits for."""
        self._office = office
        self.teller = teller
        self.awaited: set[str] = set()

    async def __call__(self, row: InboxRow, refusal: ActionRefused) -> None:
        """Tell whoever sent the request of ``row``, if it came from Slack."""
        if row.key in self.awaited:
            return
        try:
            await self._tell(row, refusal)
        except Exception:  # noqa: BLE001
            # The refusal stands in the inbox, and others behind it must not wait for this.
            _LOG.exception("whoever sent %s could not be told that it was refused", row.key)

    async def _tell(self, row: InboxRow, refusal: ActionRefused) -> None:
        by = Doer.model_validate(json.loads(row.request)["by"])
        if by.via != "slack":
            return
        member = await asyncio.to_thread(member_of, self._office.private, by.actor)
        if member is not None:
            recalled = await asyncio.to_thread(recalled_of, self._office, row)
            await self.teller.write(member[1], refused(refusal, recalled))


def recalled_of(office: Office, row: InboxRow) -> Recalled | None:
    """What is on record of the ladder that a request is for; None for a contract as a whole."""
    kind, _, rest = row.target.partition(":")
    if kind != "ladder":
        return None
    milestone, _, number = rest.removeprefix(f"{row.contract}:").rpartition(":")
    try:
        return recall(office.casebook, row.contract, f"{milestone}/{number}", office.clock())
    except UnknownCase:
        return None
