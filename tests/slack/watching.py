"""What a test can see of the fake Slack: copies, so that nothing changes under its eyes."""

from __future__ import annotations

import copy
from dataclasses import replace

from tests.slack.conversations import shown_channel
from tests.slack.workspace import Workspace
from tests.slack.world import Call, Channel, Ephemeral, Json, Modal, Posted, User, id_of


class Watching:
    """What stands where now, and what was asked for on the way."""

    workspace: Workspace

    def messages(self, channel: Channel | str | None = None) -> list[Posted]:
        """The messages that exist now, in order; of one conversation, or of all."""
        with self.workspace.lock:
            wanted = None if channel is None else id_of(channel)
            # Texts and blocks are replaced, never changed, so that each needs no deep copy.
            return [
                replace(each, former=[*each.former])
                for each in self.workspace.messages
                if wanted in {None, each.channel}
            ]

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
        *_, top = [each for each in self.views if each.user == id_of(user)]
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
        return shown_channel(self.workspace.channels[id_of(channel)])

    def thread(self, channel: Channel | str, ts: str) -> list[Posted]:
        """The messages that hang on one, in order."""
        return [each for each in self.messages(channel) if each.is_reply and each.thread_ts == ts]
