"""The HTTP side of the fake Slack: API, files, response_url, on one port of the loopback."""

from __future__ import annotations

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.slack import api, hooks
from tests.slack.api import Answer
from tests.slack.arguments import parsed
from tests.slack.workspace import Workspace
from tests.slack.world import Refused

_PATIENCE = 10  # seconds
_HUNG_UP = (ConnectionError, TimeoutError)


class Front(ThreadingHTTPServer):
    """Serves one workspace; can be closed and opened again on the same port."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, workspace: Workspace, bound: socket.socket) -> None:
        """Serve at a socket that is bound and does not listen yet."""
        super().__init__(bound.getsockname(), Handler, bind_and_activate=False)
        self.workspace = workspace
        self.socket.close()
        self.socket = bound
        self.server_address = bound.getsockname()
        self.server_activate()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.01}, name="slack"
        )
        self._thread.start()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Clients are killed in tests and hang up; anything else is a mistake of the fake."""
        trouble = sys.exception()
        if isinstance(trouble, Exception) and not isinstance(trouble, _HUNG_UP):
            self.workspace.troubles.append(trouble)

    def end(self) -> None:
        """Stop, and let what is under way finish."""
        self.shutdown()
        self._thread.join()
        self.server_close()


def bound_socket(port: int = 0) -> socket.socket:
    """A socket that keeps a port for itself; connections to it are refused until it listens."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", port))
    return held


class Handler(BaseHTTPRequestHandler):
    """Answers one request; every request has a connection of its own."""

    timeout = _PATIENCE

    @property
    def _workspace(self) -> Workspace:
        assert isinstance(self.server, Front)
        return self.server.workspace

    def do_GET(self) -> None:
        """Serve what is named in the address."""
        self._serve(b"")

    def do_POST(self) -> None:
        """Serve what is named in the address, with a body."""
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        # Whoever was killed while sending has asked for nothing.
        if len(body) == size:
            self._serve(body)

    def _serve(self, body: bytes) -> None:
        address = urlsplit(self.path)
        if address.path.startswith("/api/"):
            self._reply(self._called(address.path.removeprefix("/api/"), address.query, body))
        elif address.path.startswith("/actions/"):
            self._reply(hooks.respond(self._workspace, address.path, body))
        elif address.path.startswith("/files-pri/"):
            self._reply_file(address.path)
        else:
            self._reply(Answer("no such page", 404))

    def _called(self, method: str, query: str, body: bytes) -> Answer:
        try:
            arguments = parsed(query, self.headers.get("Content-Type", ""), body)
        except Refused as refusal:
            return api.refused(refusal)
        token = self._token() or str(arguments.pop("token", ""))
        return api.call(self._workspace, method, token, arguments)

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _reply_file(self, path: str) -> None:
        found = hooks.download(self._workspace, path, self._token())
        if isinstance(found, Answer):
            self._reply(found)
        else:
            self._send(200, found.content, {"Content-Type": found.mimetype})

    def _reply(self, answer: Answer) -> None:
        if answer.body is None:
            return
        is_text = isinstance(answer.body, str)
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        kind = "text/html" if is_text else "application/json"
        headers = {"Content-Type": f"{kind}; charset=utf-8", **answer.headers}
        self._send(answer.status, body.encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing on standard error."""
