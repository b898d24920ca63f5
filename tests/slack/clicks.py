"""People at their Slack: they press, fill in and submit; the app is told as Slack tells it.

All of it blocks until the app has answered; an asynchronous test whose app runs in the same loop
goes through ``asyncio.to_thread``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.slack import payloads, views
from tests.slack.fake import FakeSlack
from tests.slack.forms import state_of
from tests.slack.workspace import Workspace
from tests.slack.world import Channel, Json, Modal, User

Instant = float | datetime | None
"""Unix seconds, a zoned time, or now."""

_PATIENCE = 60  # seconds; Slack itself waits for 3
_SECRETS = "X-Slack-Signature", "X-Slack-Request-Timestamp"


@dataclass(frozen=True)
class Answered:
    """The app's answer to a payload, and how many seconds it took; Slack shows a warning at 3."""

    status: int
    text: str
    seconds: float

    @property
    def body(self) -> Json:
        """The answer's JSON; empty if there is none."""
        found = json.loads(self.text) if self.text else {}
        assert isinstance(found, dict), self.text
        return found

    @property
    def errors(self) -> dict[str, str]:
        """What the modal says under its inputs, by block id."""
        return dict(self.body.get("errors", {}))


class Clicks:
    """What people do in one fake Slack, told to the app at ``receiver`` or, without, by socket."""

    def __init__(self, slack: FakeSlack, receiver: str | None = None) -> None:
        """Tell the app at this address; without one, over its Socket Mode connection."""
        self.slack = slack
        self.receiver = receiver
        self.last: tuple[dict[str, str], bytes] | None = None

    @property
    def _workspace(self) -> Workspace:
        return self.slack.workspace

    def press(
        self,
        user: User | str,
        channel: Channel | str,
        ts: str,
        action_id: str,
        *,
        at: Instant = None,
    ) -> Answered:
        """Press a button in a message. Fails if the message has no such button now."""
        payload = self.press_payload(user, channel, ts, action_id, at=at)
        return self.deliver(payload, at=at)

    def press_payload(
        self,
        user: User | str,
        channel: Channel | str,
        ts: str,
        action_id: str,
        *,
        at: Instant = None,
    ) -> Json:
        """What Slack would tell about such a press; it is not told yet."""
        with self._workspace.lock:
            place = channel if isinstance(channel, str) else channel.id
            message = self._workspace.message(place, ts)
            assert message is not None, f"there is no message {ts} in {place}"
            person, when = self._user(user), self._seconds(at)
            return payloads.pressed(self._workspace, person, message, action_id, when)

    def press_in_view(self, user: User | str, view: Modal | str, action_id: str) -> Answered:
        """Press a button in an open modal. Fails if there is none."""
        with self._workspace.lock:
            modal, now = self._modal(user, view), self._seconds(None)
            person = self._user(user)
            payload = payloads.pressed_in_view(self._workspace, person, modal, action_id, now)
        return self.deliver(payload)

    def submit(
        self, user: User | str, view: Modal | str, values: Mapping[str, Any], *, at: Instant = None
    ) -> Answered:
        """Fill in a modal and submit it (:func:`tests.slack.forms.state_of`); see what it does."""
        payload = self.submit_payload(user, view, values)
        answer = self.deliver(payload, at=at)
        with self._workspace.lock:
            if answer.status == httpx.codes.OK:
                modal = self._modal(user, view)
                views.conclude(self._workspace, modal, answer.body, payload["trigger_id"])
        return answer

    def submit_payload(
        self, user: User | str, view: Modal | str, values: Mapping[str, Any]
    ) -> Json:
        """What Slack would tell about such a submission; it is not told yet."""
        with self._workspace.lock:
            modal = self._modal(user, view)
            state = state_of(modal.view, values)
            return payloads.submitted(self._workspace, self._user(user), modal, state)

    def close(self, user: User | str, view: Modal | str) -> Answered | None:
        """Close a modal; the app is told only if the modal says so."""
        with self._workspace.lock:
            modal = self._modal(user, view)
            modal.is_open = False
            payload = payloads.closed(self._user(user), modal, cleared=False)
        return self.deliver(payload) if modal.view["notify_on_close"] else None

    def deliver(self, payload: Json, *, at: Instant = None) -> Answered:
        """Tell the app of a payload, signed at an instant."""
        if self.receiver is None:
            return self._by_socket(payload)
        return self.send(*self.signed(payload, at))

    def _by_socket(self, payload: Json) -> Answered:
        started = time.monotonic()
        answer = self.slack.socket_send(payload, _PATIENCE)
        text = "" if answer is None else json.dumps(answer)
        return Answered(200, text, time.monotonic() - started)

    def signed(self, payload: Json, at: Instant = None) -> tuple[dict[str, str], bytes]:
        """The headers and the body of a request, as Slack makes them."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self.headers(body, at), body

    def headers(self, body: bytes, at: Instant = None) -> dict[str, str]:
        """The headers under which Slack would send a body, with its signature."""
        stamp = str(int(self._seconds(at)))
        secret = self.slack.signing_secret.encode()
        digest = hmac.new(secret, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        signature, timestamp = _SECRETS
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            signature: f"v0={digest}",
            timestamp: stamp,
        }

    def send(self, headers: Mapping[str, str], body: bytes) -> Answered:
        """Send a request just as it is, tampered with or not."""
        assert self.receiver is not None, "these clicks go over a socket"
        self.last = dict(headers), body
        started = time.monotonic()
        with httpx.Client(trust_env=False, timeout=_PATIENCE) as client:
            got = client.post(self.receiver, content=body, headers=dict(headers))
        return Answered(got.status_code, got.text, time.monotonic() - started)

    def replay(self) -> Answered:
        """Send the last request once more, to the last byte."""
        assert self.last is not None, "nothing was sent yet"
        return self.send(*self.last)

    def _user(self, user: User | str) -> User:
        return self._workspace.user(user if isinstance(user, str) else user.id)

    def _modal(self, user: User | str, view: Modal | str) -> Modal:
        wanted = view if isinstance(view, str) else view.id
        for modal in views.stack(self._workspace, self._user(user).id):
            if modal.id == wanted:
                return modal
        raise AssertionError(f"{wanted} is not open before {self._user(user).id}")

    def _seconds(self, at: Instant) -> float:
        if at is None:
            return self._workspace.now()
        return at.timestamp() if isinstance(at, datetime) else at
