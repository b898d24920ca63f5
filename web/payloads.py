"""Payloads: what Slack sends when somebody presses a button or sends a form, as far as we use it.

Slack's payloads grow, so whatever is unknown in them is ignored.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from channels.message import Handle
from ladders.values import Value

Id = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,32}$")]
"""An id of Slack's: of a workspace, a member, a channel."""

PREFIX = "holdfast."
"""What the action ids of our own buttons begin with."""

FORM, MENU, SAID = "holdfast.form", "holdfast.menu", "holdfast.said"
"""The callback ids of our own modals: a form, the choice of a form, an answer."""


class _Sent(BaseModel):
    """Something of Slack's: what is not named here is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Workspace(_Sent):
    """A workspace."""

    id: Id


class User(_Sent):
    """Whoever clicked, with the workspace that they belong to, where Slack says so."""

    id: Id
    team_id: Id | None = None


class _Clicked(_Sent):
    """What all payloads have: who sent it, and the workspace in which that happened."""

    user: User
    team: Workspace | None = None

    @property
    def member(self) -> tuple[str, str]:
        """Workspace and id of whoever clicked; no workspace where Slack names none.

        In a channel shared between workspaces it is the member's own one that counts.
        """
        own = self.user.team_id or (self.team.id if self.team else "")
        return own, self.user.id


class Container(_Sent):
    """The message that holds the button."""

    channel_id: Id | None = None
    message_ts: str | None = Field(default=None, max_length=32)


class Pressed(_Sent):
    """A button that was pressed, when, and what it carries."""

    action_id: str = Field(max_length=255)
    action_ts: str = Field(min_length=1, max_length=32)
    value: str = Field(default="", max_length=2000)


class Press(_Clicked):
    """``block_actions``: somebody pressed a button in a message or a view."""

    type: Literal["block_actions"]
    container: Container = Container()
    trigger_id: str = Field(default="", max_length=255)
    response_url: str = Field(default="", max_length=500)
    actions: tuple[Pressed, ...] = Field(max_length=25)

    def button(self, pressed: Pressed) -> tuple[str, ...]:
        """Which button it is, in which message, and who pressed it."""
        where = (self.container.channel_id or "", self.container.message_ts or "")
        return *self.member, *where, pressed.action_id, pressed.value

    def key(self, pressed: Pressed) -> str:
        """The one key of this click (law 4): Slack may repeat the payload, not the act."""
        return _key(*self.button(pressed), pressed.action_ts)


class Option(_Sent):
    """A choice that was offered."""

    value: str = Field(max_length=150)


class File(_Sent):
    """A file that was attached. What else Slack says of it is not taken from a payload."""

    id: str
    name: str | None = None
    size: int = 0


class Entered(_Sent):
    """What one field holds."""

    value: str | None = None
    selected_date: str | None = None
    selected_option: Option | None = None
    selected_options: tuple[Option, ...] = ()
    files: tuple[File, ...] = ()


class State(_Sent):
    """What all fields hold, by the ids of their block and their element."""

    values: dict[str, dict[str, Entered]] = {}


class View(_Sent):
    """A modal as it was sent."""

    id: str = Field(max_length=64)
    callback_id: str = Field(default="", max_length=255)
    private_metadata: str = Field(default="", max_length=3000)
    state: State = State()

    @property
    def fields(self) -> dict[str, Entered]:
        """What the fields hold, by block; our forms have one element in each."""
        return {
            block: next(iter(held.values())) for block, held in self.state.values.items() if held
        }


class Submission(_Clicked):
    """``view_submission``: somebody sent a form."""

    type: Literal["view_submission"]
    view: View

    @property
    def key(self) -> str:
        """The one key of what was sent: a corrected form keeps its view's id and is another."""
        values = self.view.state.model_dump_json()
        return _key(*self.member, self.view.id, self.view.private_metadata, values)


class Carried(Value):
    """What a modal remembers: the answer it is for, what that is given to, where it was opened."""

    action: str = Field(max_length=32)
    handle: Handle
    channel: Id | None = None
    ts: str | None = Field(default=None, max_length=32)

    def __str__(self) -> str:
        """Return the JSON that a modal carries; shorter than the 3,000 characters Slack allows."""
        return self.model_dump_json(exclude_none=True)


def _key(*parts: str) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"slack:{digest[:32]}"
