"""A Slack on loopback, as strict as Slack: ``with fake_slack() as slack: …``.

Its clock is the real one unless another is given; everything may be called from any thread, and
the server from any process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.slack.changing import Changing
from tests.slack.faults import Faults
from tests.slack.server import Front, bound_socket
from tests.slack.sockets import Sockets
from tests.slack.watching import Watching
from tests.slack.workspace import Workspace
from tests.slack.world import BOT_USER, TEAM, Json


class FakeSlack(Changing, Watching):
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

    @property
    def lag(self) -> float:
        """Seconds after which a message can be read where it was posted."""
        return self.workspace.lag

    @lag.setter
    def lag(self, seconds: float) -> None:
        self.workspace.lag = seconds

    def fail(self, method: str, error: str, times: int = 1) -> None:
        """Let the next ``times`` calls of a method fail; nothing is done for them.

        ``error`` is one of Slack's codes, or a kind of :data:`tests.slack.faults.Fault`; ``lost``
        and ``fatal`` do what was asked first.
        """
        with self.workspace.lock:
            self.workspace.scripted += [(method, error)] * times

    def recover(self) -> None:
        """Nothing is made to fail any more."""
        with self.workspace.lock:
            self.workspace.scripted.clear()

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

    def socket_send(self, payload: Json, seconds: float = 3) -> Json | None:
        """Hand a payload over in Socket Mode; return what the acknowledgement carries."""
        return self.sockets.send(payload, seconds)


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
