"""A web server on loopback in Slack's place: it answers as told and keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; a status of 0 hangs up instead of answering."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def ok(channel: str = "D024BE91L", ts: str = "1791000000.000100") -> Answer:
    """Slack's answer to a message it has posted."""
    return Answer(body=json.dumps({"ok": True, "channel": channel, "ts": ts}))


def refused(error: str, **headers: str) -> Answer:
    """Slack's answer to a message it will not post."""
    return Answer(body=json.dumps({"ok": False, "error": error}), headers=headers)


@dataclass
class SlackServer:
    """Where the server listens, how it will answer, and what it has received."""

    base_url: str
    answer: Answer = field(default_factory=ok)
    received: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def slack_server() -> Iterator[SlackServer]:
    """Serve until the block is left."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server = SlackServer(base_url=f"http://127.0.0.1:{httpd.server_port}/api/")
    httpd.RequestHandlerClass = _handler(server)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def _handler(server: SlackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            request = json.loads(self.rfile.read(size))
            method = self.path.rpartition("/")[2]
            token = self.headers["Authorization"]
            server.received.append({"method": method, "authorization": token, **request})
            if server.answer.status:
                self._reply(server.answer)

        def _reply(self, answer: Answer) -> None:
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing on standard error."""

    return Handler
