"""A Slack on loopback, as strict as Slack: ``with fake_slack() as slack: …``.

Its clock is the real one unless another is given; everything may be called from any thread, and
the server from any process.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tests.slack.conversations import shown_channel
from tests.slack.faults import Faults
from tests.slack.server import Front, bound_socket
from tests.slack.sockets import Sockets
from tests.slack.workspace import Workspace
from tests.slack.world import (
    BOT_USER,
    TEAM,
    Call,
    Channel,
    Ephemeral,
    Json,
    Modal,
    Posted,
    User,
)


class FakeSlack:
    """What a test sees of the fake: its addresses and keys, its world, and what happened in it."""

    team = TEAM
    bot_user = BOT_USER

    def __init__(self, workspace: Workspace, sockets: Sockets) -> None:
        """Serve a workspace on a free port."""
        self.workspace = workspace
        self.sockets = sockets
        held = bound_socket()
        self.port: int = held.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.origin}/api/"
        workspace.origin = self.origin
        self.token = workspace.token
        self.app_token = workspace.app_token
        self.signing_secret = workspace.signing_secret
        self._front: Front | None = Front(workspace, held)
        self._held = held

    # The world, and how it changes

    def add_user(  # noqa: PLR0913
        self,
        email: str,
        *,
        name: str | None = None,
        zone: str = "Europe/Berlin",
        id: str | None = None,  # noqa: A002
        deleted: bool = False,
        is_bot: bool = False,
        guest: bool = False,
        stranger: bool = False,
        team: str | None = None,
    ) -> User:
        """Somebody of the workspace; a stranger is somebody of another one."""
        with self.workspace.lock:
            user = User(
                id=id or f"U0{self.workspace.sign()}",
                email=email,
                name=name or email.partition("@")[0].title(),
                zone=zone,
                team=team or ("T0STRANGER" if stranger else TEAM),
                deleted=deleted,
                is_bot=is_bot,
                guest=guest,
                stranger=stranger,
            )
            self.workspace.users[user.id] = user
            return user

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable[User | str] = (),
        bot_is_member: bool = True,
        shared: bool = False,
        archived: bool = False,
        private: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> Channel:
        """A channel by its name, without the ``#``."""
        with self.workspace.lock:
            channel = Channel(id or f"C0{self.workspace.sign()}", name)
            channel.members = [_id(each) for each in members]
            if bot_is_member:
                channel.members.append(BOT_USER)
            channel.shared, channel.archived, channel.private = shared, archived, private
            self.workspace.channels[channel.id] = channel
            return channel

    def dm(self, user: User | str) -> Channel:
        """The conversation between the bot and a user."""
        with self.workspace.lock:
            return self.workspace.direct(self.workspace.user(_id(user)))

    def say(self, user: User | str, channel: Channel | str, text: str) -> Posted:
        """A message that a person writes."""
        with self.workspace.lock:
            posted = Posted(_id(channel), self.workspace.next_ts(), _id(user), text)
            self.workspace.messages.append(posted)
            return posted

    def attach(self, user: User | str, name: str, content: bytes) -> Json:
        """A file that a user uploads in a modal, as the modal's state describes it."""
        with self.workspace.lock:
            return self.workspace.store_file(_id(user), name, content)

    def delete_file(self, file: str) -> None:
        """The file with this id is deleted."""
        with self.workspace.lock:
            self.workspace.files[file].deleted = True

    def remove_bot(self, channel: Channel | str) -> None:
        """Somebody removes the app from a channel."""
        self._change(channel).members.remove(BOT_USER)

    def invite_bot(self, channel: Channel | str) -> None:
        """Somebody invites the app into a channel."""
        self._change(channel).members.append(BOT_USER)

    def archive(self, channel: Channel | str, *, archived: bool = True) -> None:
        """Somebody archives a channel, or takes it out of the archive."""
        self._change(channel).archived = archived

    def share(self, channel: Channel | str, *, shared: bool = True) -> None:
        """A channel is shared with another company, or is not any more."""
        self._change(channel).shared = shared

    def _change(self, channel: Channel | str) -> Channel:
        return self.workspace.channels[_id(channel)]

    def delete(self, channel: Channel | str, ts: str) -> None:
        """Somebody deletes a message."""
        with self.workspace.lock:
            message = self.workspace.message(_id(channel), ts)
            assert message is not None, f"there is no message {ts}"
            self.workspace.messages.remove(message)

    def deny_scope(self, scope: str) -> None:
        """The app is installed without a scope."""
        self.workspace.scopes.discard(scope)

    def grant_scope(self, scope: str) -> None:
        """The app is installed with a scope."""
        self.workspace.scopes.add(scope)

    # Failure

    @property
    def faults(self) -> Faults:
        """What befalls calls by chance."""
        return self.workspace.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.workspace.faults = faults

    @property
    def rate(self) -> float | None:
        """Posts a second that each conversation takes; None for any number."""
        return self.workspace.rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        self.workspace.rate = rate

    def fail(self, method: str, error: str, times: int = 1) -> None:
        """Let the next ``times`` calls of a method fail; nothing is done for them.

        ``error`` is one of Slack's codes, or a kind of :data:`tests.slack.faults.Fault`; ``lost``
        and ``fatal`` do what was asked first.
        """
        with self.workspace.lock:
            self.workspace.scripted += [(method, error)] * times

    def pause(self) -> None:
        """Slack is down: connections are refused until it resumes."""
        if self._front:
            self._front.end()
            self._front = None
            self.sockets.end()
            self._held = bound_socket(self.port)

    def resume(self) -> None:
        """Slack is back, at the same address."""
        if self._front is None:
            self.sockets.restart()
            self._front = Front(self.workspace, self._held)

    def close(self) -> None:
        """Stop serving for good."""
        if self._front:
            self._front.end()
            self.sockets.end()
        else:
            self._held.close()

    def later(self, seconds: float) -> None:
        """Let time pass for Slack alone."""
        with self.workspace.lock:
            self.workspace.passed += seconds

    # What happened

    def messages(self, channel: Channel | str | None = None) -> list[Posted]:
        """The messages that exist now, in order; of one conversation, or of all."""
        with self.workspace.lock:
            wanted = None if channel is None else _id(channel)
            found = [e for e in self.workspace.messages if wanted in {None, e.channel}]
            return copy.deepcopy(found)

    def posted_keys(self) -> list[str]:
        """The keys of all messages that exist now; what was posted twice stands twice."""
        with self.workspace.lock:
            return [each.key for each in self.workspace.messages if each.key is not None]

    @property
    def ephemerals(self) -> list[Ephemeral]:
        """What single persons were shown."""
        with self.workspace.lock:
            return copy.deepcopy(self.workspace.ephemerals)

    @property
    def views(self) -> list[Modal]:
        """The modals that are open now, the lowest first."""
        with self.workspace.lock:
            return [copy.deepcopy(each) for each in self.workspace.modals if each.is_open]

    @property
    def all_views(self) -> list[Modal]:
        """All modals that were ever opened, with what they were before updates."""
        with self.workspace.lock:
            return copy.deepcopy(self.workspace.modals)

    def view(self, user: User | str) -> Modal:
        """The modal that a user has before them."""
        *_, top = [each for each in self.views if each.user == _id(user)]
        return top

    @property
    def calls(self) -> list[Call]:
        """Every call of the API so far, answered or not."""
        with self.workspace.lock:
            return list(self.workspace.calls)

    def called(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [each for each in self.calls if each.method == method]

    def info(self, channel: Channel | str) -> Json:
        """A channel as Slack describes it."""
        return shown_channel(self._change(channel))

    def socket_send(self, payload: Json, seconds: float = 3) -> Json | None:
        """Hand a payload over in Socket Mode; return what the acknowledgement carries."""
        return self.sockets.send(payload, seconds)


def _id(thing: User | Channel | str) -> str:
    return thing if isinstance(thing, str) else thing.id


@contextmanager
def fake_slack(seed: int = 0, clock: Callable[[], float] = time.time) -> Iterator[FakeSlack]:
    """Serve a workspace until the block is left. ``clock`` gives Unix seconds."""
    sockets = Sockets(seed)
    workspace = Workspace(seed, clock)
    workspace.socket_url = sockets.url
    slack = FakeSlack(workspace, sockets)
    try:
        yield slack
    finally:
        slack.close()
    if workspace.troubles:
        raise ExceptionGroup("the fake itself failed", workspace.troubles)
