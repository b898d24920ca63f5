"""The state of the fake Slack, and the ways in which its world changes."""

from __future__ import annotations

import mimetypes
import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from string import ascii_uppercase, digits

from tests.slack.faults import Faults
from tests.slack.world import (
    BOT_SCOPES,
    BOT_USER,
    TEAM,
    Call,
    Channel,
    Ephemeral,
    Json,
    Modal,
    Posted,
    Refused,
    ResponseUrl,
    StoredFile,
    Trigger,
    User,
)

_SIGNS = ascii_uppercase + digits


class Workspace:
    """One workspace with one app in it. Whoever reads or changes it from outside holds ``lock``."""

    def __init__(self, seed: int = 0, clock: Callable[[], float] = time.time) -> None:
        """Begin with the bot alone; ids come from ``seed``, ``clock`` gives Unix seconds."""
        self._chance = Random(seed)  # noqa: S311
        self._clock = clock
        self._last_micros = 0
        self.lock = threading.RLock()
        self.token = f"xoxb-{self.sign(24)}"
        self.app_token = f"xapp-1-{self.sign(24)}"
        self.signing_secret = self.sign(32).lower()
        self.scopes = set(BOT_SCOPES)
        self.origin = ""
        self.users = {BOT_USER: User(BOT_USER, "", "Holdfast", is_bot=True)}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Posted] = []
        self.ephemerals: list[Ephemeral] = []
        self.files: dict[str, StoredFile] = {}
        self.triggers: dict[str, Trigger] = {}
        self.modals: list[Modal] = []
        self.response_urls: dict[str, ResponseUrl] = {}
        self.calls: list[Call] = []
        self.troubles: list[Exception] = []
        self.faults = Faults()
        self.attempts: Counter[tuple[str, str]] = Counter()
        self.scripted: list[tuple[str, str]] = []
        self.socket_url: Callable[[], str] = str
        self.rate: float | None = None
        self.lag = 0.0
        self.posts: dict[str, list[float]] = {}
        self.passed = 0.0

    def sign(self, length: int = 9) -> str:
        """Letters and digits, as Slack's ids are made of."""
        return "".join(self._chance.choices(_SIGNS, k=length))

    def now(self) -> float:
        """Unix seconds, with whatever a test has let pass on top."""
        return self._clock() + self.passed

    def next_ts(self) -> str:
        """A message's timestamp: now, and never one that was given before."""
        micros = max(int(self.now() * 1_000_000), self._last_micros + 1)
        self._last_micros = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def user(self, user: str, refusal: str = "user_not_found") -> User:
        """A user by id. Raises Refused."""
        if user not in self.users:
            raise Refused(refusal)
        return self.users[user]

    def channel(self, channel: str) -> Channel:
        """A conversation by id that the bot may know of. Raises Refused."""
        found = self.channels.get(channel)
        if found is None or (found.private and not found.has_bot):
            raise Refused("channel_not_found")
        return found

    def named(self, name: str) -> Channel:
        """A conversation by its name. Raises Refused."""
        for channel in self.channels.values():
            if channel.name == name and (channel.has_bot or not channel.private):
                return channel
        raise Refused("channel_not_found")

    def direct(self, user: User) -> Channel:
        """The conversation between the bot and a user, opened if there is none."""
        for channel in self.channels.values():
            if channel.partner == user.id:
                return channel
        channel = Channel(f"D0{self.sign()}", members=[BOT_USER, user.id], partner=user.id)
        self.channels[channel.id] = channel
        return channel

    def message(self, channel: str, ts: str) -> Posted | None:
        """A message that exists now."""
        for message in reversed(self.messages):
            if message.channel == channel and message.ts == ts:
                return message
        return None

    def replies(self, channel: str, ts: str) -> list[Posted]:
        """What hangs on a message, in order; without the message itself."""
        return [
            each
            for each in self.messages
            if each.channel == channel and each.is_reply and each.thread_ts == ts
        ]

    def hanging(self, channel: str) -> dict[str | None, list[str]]:
        """The timestamps of all that hangs on messages of a conversation, by what it hangs on."""
        found: dict[str | None, list[str]] = {}
        for each in self.messages:
            if each.channel == channel and each.is_reply:
                found.setdefault(each.thread_ts, []).append(each.ts)
        return found

    def new_trigger(self, user: str) -> Trigger:
        """What a click hands to the app."""
        serial = self._chance.randrange(10**12)
        trigger = Trigger(f"{serial}.{self._last_micros}.{self.sign(16).lower()}", user, self.now())
        self.triggers[trigger.id] = trigger
        return trigger

    def new_response_url(self, user: str, channel: str, ts: str) -> str:
        """Where the app may answer a click on a message."""
        entry = ResponseUrl(self.sign(24), user, channel, ts, self.now())
        self.response_urls[entry.token] = entry
        return f"{self.origin}/actions/{TEAM}/{entry.token}"

    def store_file(self, user: str, name: str, content: bytes) -> Json:
        """Keep a file, and describe it as a modal's state does."""
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = StoredFile(f"F0{self.sign()}", user, name, content, mimetype)
        self.files[file.id] = file
        return self.file_view(file)

    def file_view(self, file: StoredFile) -> Json:
        """A file as Slack describes it."""
        url = f"{self.origin}/files-pri/{TEAM}-{file.id}"
        return {
            "id": file.id,
            "name": file.name,
            "title": file.name,
            "mimetype": file.mimetype,
            "filetype": file.name.rpartition(".")[2].lower(),
            "size": len(file.content),
            "user": file.user,
            "user_team": TEAM,
            "mode": "hosted",
            "is_external": False,
            "file_access": "visible",
            "url_private": f"{url}/{file.name}",
            "url_private_download": f"{url}/download/{file.name}",
        }
