"""What others do in the fake Slack while the app is not looking."""

from __future__ import annotations

from collections.abc import Iterable

from tests.slack.workspace import Workspace
from tests.slack.world import BOT_USER, TEAM, Channel, Json, Posted, User, id_of


class Changing:
    """People come and write; channels are made, shared and archived; rights are given and taken."""

    workspace: Workspace

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
            channel.members = [id_of(each) for each in members]
            if bot_is_member:
                channel.members.append(BOT_USER)
            channel.shared, channel.archived, channel.private = shared, archived, private
            self.workspace.channels[channel.id] = channel
            return channel

    def dm(self, user: User | str) -> Channel:
        """The conversation between the bot and a user."""
        with self.workspace.lock:
            return self.workspace.direct(self.workspace.user(id_of(user)))

    def say(self, user: User | str, channel: Channel | str, text: str) -> Posted:
        """A message that a person writes."""
        with self.workspace.lock:
            posted = Posted(id_of(channel), self.workspace.next_ts(), id_of(user), text)
            self.workspace.messages.append(posted)
            return posted

    def attach(self, user: User | str, name: str, content: bytes) -> Json:
        """A file that a user uploads in a modal, as the modal's state describes it."""
        with self.workspace.lock:
            return self.workspace.store_file(id_of(user), name, content)

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
        return self.workspace.channels[id_of(channel)]

    def delete(self, channel: Channel | str, ts: str) -> None:
        """Somebody deletes a message."""
        with self.workspace.lock:
            message = self.workspace.message(id_of(channel), ts)
            assert message is not None, f"there is no message {ts}"
            self.workspace.messages.remove(message)

    def deny_scope(self, scope: str) -> None:
        """The app is installed without a scope."""
        self.workspace.scopes.discard(scope)

    def grant_scope(self, scope: str) -> None:
        """The app is installed with a scope."""
        self.workspace.scopes.add(scope)
