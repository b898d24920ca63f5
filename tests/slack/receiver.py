"""An app on loopback that takes clicks, checks them with the SDK and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

from slack_sdk.signature import SignatureVerifier

from tests.slack.world import Json


@dataclass
class Receiver:
    """Where it listens, what it answers with, and the payloads that were rightly signed."""

    url: str
    secret: str
    answer: Json | None = None
    status: int = 200
    payloads: list[Json] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Check a request and keep its payload; return status and body of the answer."""
        if not SignatureVerifier(self.secret).is_valid_request(body, headers):
            return 401, b""
        (payload,) = parse_qs(body.decode())["payload"]
        self.payloads.append(json.loads(payload))
        return self.status, b"" if self.answer is None else json.dumps(self.answer).encode()


@contextmanager
def receiver(secret: str) -> Iterator[Receiver]:
    """Take clicks until the block is left."""
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    app = Receiver(f"http://127.0.0.1:{server.server_port}/slack", secret)
    server.RequestHandlerClass = _handler(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(app: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            status, body = app.take(dict(self.headers), self.rfile.read(size))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing on standard error."""

    return Handler
