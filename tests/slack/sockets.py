"""The Socket Mode side: web sockets over which Slack hands clicks to the app."""

from __future__ import annotations

import json
import threading
from random import Random
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.slack.world import APP, Json


class Unacknowledged(AssertionError):
    """The app did not confirm an envelope in time, or no app is connected."""


class Sockets:
    """Web sockets of the app; each ticket opens one."""

    def __init__(self, seed: int) -> None:
        """Serve on a port of its own; which connection gets what follows from ``seed``."""
        self._chance = Random(seed)  # noqa: S311
        self._tickets: set[str] = set()
        self._open: list[ServerConnection] = []
        self._acks: dict[str, Json] = {}
        self._heard = threading.Condition()
        self._serial = 0
        self._server, self._thread = self._started()

    def _started(self) -> tuple[Server, threading.Thread]:
        server = serve(self._attend, "127.0.0.1", 0, compression=None, close_timeout=0.1)
        thread = threading.Thread(target=server.serve_forever, name="slack-sockets")
        thread.start()
        return server, thread

    def end(self) -> None:
        """Close all connections."""
        self._server.shutdown()
        self._thread.join()

    def restart(self) -> None:
        """Serve anew after an end; earlier tickets are void."""
        self._tickets.clear()
        self._server, self._thread = self._started()

    def url(self) -> str:
        """An address at which the app may connect, once."""
        self._serial += 1
        ticket = f"ticket-{self._serial}-{self._chance.randrange(10**12)}"
        self._tickets.add(ticket)
        port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}/link/?ticket={ticket}&app_id={APP}"

    def _attend(self, connection: ServerConnection) -> None:
        request = connection.request
        query = parse_qs(urlsplit(request.path).query) if request else {}
        ticket = query.get("ticket", [""])[0]
        if ticket not in self._tickets:
            connection.close(1008, "no such ticket")
            return
        self._tickets.discard(ticket)
        try:
            connection.send(json.dumps(_hello(self.connections + 1)))
            with self._heard:
                self._open.append(connection)
                self._heard.notify_all()
            for message in connection:
                self._take(message)
        except ConnectionClosed:
            return  # an app that is killed closes nothing properly
        finally:
            with self._heard:
                self._open = [each for each in self._open if each is not connection]
                self._heard.notify_all()

    def _take(self, message: str | bytes) -> None:
        try:
            said = json.loads(message)
        except ValueError:
            return
        with self._heard:
            self._acks[str(said.get("envelope_id"))] = said
            self._heard.notify_all()

    @property
    def connections(self) -> int:
        """How many connections the app has open."""
        with self._heard:
            return len(self._open)

    def wait_for(self, connections: int, seconds: float = 10) -> None:
        """Wait until the app has so many connections open; fail otherwise."""
        with self._heard:
            done = self._heard.wait_for(lambda: len(self._open) == connections, seconds)
            assert done, f"{len(self._open)} connections, not {connections}"

    def send(self, payload: Json, seconds: float, envelope: str | None = None) -> Json | None:
        """Hand over a payload, and return what the app answers with. Raises Unacknowledged."""
        with self._heard:
            if not self._open:
                raise Unacknowledged("no app is connected")
            connection = self._chance.choice(self._open)
            self._serial += 1
            name = envelope or f"envelope-{self._serial}"
            self._acks.pop(name, None)
        try:
            connection.send(json.dumps(_envelope(name, payload)))
        except ConnectionClosed:
            raise Unacknowledged("the app is just leaving") from None
        with self._heard:
            if not self._heard.wait_for(lambda: name in self._acks, seconds):
                raise Unacknowledged(f"no answer to {name} within {seconds} s")
            answer: Json | None = self._acks.pop(name).get("payload")
            return answer

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to go, as Slack does every few hours, and close it."""
        self._leave(json.dumps({"type": "disconnect", "reason": reason}))

    def drop(self) -> None:
        """Close every connection without a word before."""
        self._leave(None)

    def _leave(self, word: str | None) -> None:
        with self._heard:
            leaving = list(self._open)
        for connection in leaving:
            try:
                if word:
                    connection.send(word)
            except ConnectionClosed:
                continue  # it has gone by itself, which is what was wanted
            connection.close()


def _hello(count: int) -> Json:
    return {
        "type": "hello",
        "num_connections": count,
        "connection_info": {"app_id": APP},
        "debug_info": {"host": "applink-1", "approximate_connection_time": 18060},
    }


def _envelope(name: str, payload: Json) -> Json:
    return {
        "type": "interactive",
        "envelope_id": name,
        "payload": payload,
        "accepts_response_payload": True,
    }
