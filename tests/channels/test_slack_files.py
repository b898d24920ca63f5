"""Files in Slack: the content as it is there, a token that goes nowhere else, failures by name."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest
from slack_sdk import WebClient

from channels.slack import slack_client
from channels.slack_files import SlackFiles, Unfetched
from tests.slack.fake import fake_slack

PHOTO = bytes(range(256)) * 1000
TOKEN = "xoxb-the-bot's"  # noqa: S105
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Page:
    """One HTTP answer. ``length`` is what it claims to be long."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


@dataclass
class Files:
    """A server in Slack's place: what it says of a file, how it hands it out, what it was asked."""

    origin: str
    info: Page | None = None
    page: Page = Page(body=PHOTO)
    described: dict[str, object] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def client(self) -> WebClient:
        """A client of it."""
        return slack_client(TOKEN, f"{self.origin}/api/")

    def answer(self, path: str) -> Page:
        """The answer to one request."""
        if not path.startswith("/api/files.info"):
            return self.page
        return self.info or said({"ok": True, "file": {**self._file(), **self.described}})

    def _file(self) -> dict[str, object]:
        url = f"{self.origin}/files-pri/T1-F1/download/photo.jpg"
        return {"size": len(PHOTO), "mimetype": "image/jpeg", "url_private_download": url}


def said(answer: object) -> Page:
    """An answer of the interface."""
    return Page(body=json.dumps(answer).encode(), kind="application/json")


def refused(error: str) -> Page:
    """A refusal of the interface."""
    return said({"ok": False, "error": error})


@pytest.fixture
def files() -> Iterator[Files]:
    """The server, for one test."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    served = Files(origin=f"http://127.0.0.1:{httpd.server_port}")
    httpd.RequestHandlerClass = _handler(served)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def _handler(files: Files) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files.asked.append((self.path, self.headers["Authorization"]))
            page = files.answer(self.path)
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", page.kind)
            length = len(page.body) if page.length is None else page.length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(page.body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing on standard error."""

    return Handler


def failure(files: SlackFiles) -> Unfetched:
    """How fetching fails."""
    with pytest.raises(Unfetched) as failed:
        list(files.fetch("F1"))
    return failed.value


def test_a_file_comes_as_it_is_there(files: Files) -> None:
    """In pieces, asked for with the bot's token, both times."""
    assert b"".join(SlackFiles(files.client).fetch("F1")) == PHOTO
    (info, told), (download, shown) = files.asked
    assert info.startswith("/api/files.info")
    assert download.startswith("/files-pri/")
    assert told == shown == f"Bearer {TOKEN}"


def test_a_name_may_hold_anything(files: Files) -> None:
    """Slack's addresses hold names; what no address may hold is encoded."""
    url = f"{files.origin}/files-pri/T1-F1/Prüfbericht 7.jpg"
    files.described = {"url_private_download": url}
    assert b"".join(SlackFiles(files.client).fetch("F1")) == PHOTO
    assert files.asked[-1][0] == "/files-pri/T1-F1/Pr%C3%BCfbericht%207.jpg"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/photo.jpg",
        "http://localhost/photo.jpg",
        "https://slack.com.example/photo.jpg",
        "https://notslack.com/photo.jpg",
        "https://files.slack.com@example.org/photo.jpg",
        "https://files.slack.com:8443/photo.jpg",
        "http://files.slack.com/photo.jpg",
        "file:///etc/passwd",
        "//files.slack.com/photo.jpg",
        "https://[/",
        "",
        None,
    ],
)
def test_the_token_goes_to_slack_alone(files: Files, url: str | None) -> None:
    """Another host, another port, no encryption: the file is not asked for at all."""
    files.described = {"url_private_download": url}
    error = failure(SlackFiles(files.client))
    assert (error.code, error.permanent) == ("not_in_slack", True)
    assert len(files.asked) == 1


@pytest.mark.parametrize("to", ["/signin", "http://127.0.0.1:1/photo.jpg"])
def test_a_redirect_is_followed_nowhere(files: Files, to: str) -> None:
    """It leads to where one signs in; somebody has to mend the rights."""
    files.page = Page(status=302, headers={"Location": to})
    error = failure(SlackFiles(files.client))
    assert (error.code, error.permanent, error.retry_after) == ("asked_to_sign_in", False, _HOUR)
    assert len(files.asked) == 2


def test_a_page_to_sign_in_on_is_no_evidence(files: Files) -> None:
    """It comes with status 200, where the file should be."""
    files.page = Page(body=b"<html>Sign in</html>", kind="text/html; charset=utf-8")
    error = failure(SlackFiles(files.client))
    assert (error.code, error.permanent) == ("asked_to_sign_in", False)


def test_a_page_that_was_attached_is(files: Files) -> None:
    """If Slack says that it is one."""
    files.page = Page(body=b"<html>Minutes</html>", kind="text/html")
    files.described = {"mimetype": "text/html", "size": 20}
    assert b"".join(SlackFiles(files.client).fetch("F1")) == b"<html>Minutes</html>"


@pytest.mark.parametrize("length", [None, len(PHOTO)])
def test_half_a_file_is_fetched_again(files: Files, length: int | None) -> None:
    """Whether the line broke, or the answer itself was short."""
    files.page = Page(body=PHOTO[:1000], length=length)
    error = failure(SlackFiles(files.client))
    assert not error.permanent
    assert error.code in {"cut_short", "connection_lost"}


def test_a_download_that_does_not_end_is_left(files: Files) -> None:
    """After two minutes, as the timer counts them."""
    minutes = count(step=60)
    error = failure(SlackFiles(files.client, timer=lambda: next(minutes)))
    assert (error.code, error.permanent) == ("too_slow", False)


@pytest.mark.parametrize(
    ("page", "code", "permanent", "pause"),
    [
        (refused("file_not_found"), "file_not_found", True, None),
        (refused("file_deleted"), "file_deleted", True, None),
        (refused("missing_scope"), "missing_scope", False, _HOUR),
        (refused("token_revoked"), "token_revoked", False, _HOUR),
        (refused("something_new"), "something_new", False, _HOUR),
        (refused("ratelimited"), "ratelimited", False, None),
        (refused("fatal_error"), "fatal_error", False, None),
        (Page(429, b"{}", "application/json", {"Retry-After": "30"}), "ratelimited", False,
         timedelta(seconds=30)),
        (Page(503, b"down"), "http_503", False, None),
        (Page(200, b"no json"), "unreadable_answer", False, None),
        (said({"ok": True}), "unreadable_answer", False, None),
        (said({"ok": True, "file": {"id": "F1", "mode": "tombstone"}}), "file_deleted", True, None),
    ],
)  # fmt: skip
def test_what_the_interface_refuses(
    files: Files, page: Page, code: str, *, permanent: bool, pause: timedelta | None
) -> None:
    """Only what is gone is given up; what somebody has to mend is tried every hour."""
    files.info = page
    error = failure(SlackFiles(files.client))
    assert (error.code, error.permanent, error.retry_after) == (code, permanent, pause)


@pytest.mark.parametrize(
    ("page", "code", "permanent", "pause"),
    [
        (Page(404), "file_not_found", True, None),
        (Page(403), "http_403", False, _HOUR),
        (Page(429, headers={"Retry-After": "7"}), "http_429", False, timedelta(seconds=7)),
        (Page(500), "http_500", False, None),
    ],
)
def test_what_the_download_refuses(
    files: Files, page: Page, code: str, *, permanent: bool, pause: timedelta | None
) -> None:
    """The same, of the second request."""
    files.page = page
    error = failure(SlackFiles(files.client))
    assert (error.code, error.permanent, error.retry_after) == (code, permanent, pause)


def test_a_slack_that_is_not_there_is_tried_again() -> None:
    """Nobody listens, or nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = slack_client(TOKEN, f"http://127.0.0.1:{silent.getsockname()[1]}/api/")
        client.timeout = 1
        assert failure(SlackFiles(client)).code == "timeout"
    refused = failure(SlackFiles(client))
    assert (refused.code, refused.permanent) == ("connection_refused", False)


def test_against_a_slack_that_is_strict() -> None:
    """What was uploaded comes; without the scope once that is granted; deleted, it is gone."""
    with fake_slack() as slack:
        mira = slack.add_user("mira@ardent.example")
        uploaded = slack.attach(mira, "Prüfbericht 7.pdf", PHOTO)["id"]
        files = SlackFiles(slack_client(slack.token, slack.base_url))
        assert b"".join(files.fetch(uploaded)) == PHOTO
        slack.deny_scope("files:read")
        with pytest.raises(Unfetched) as denied:
            list(files.fetch(uploaded))
        assert (denied.value.code, denied.value.permanent) == ("missing_scope", False)
        slack.grant_scope("files:read")
        assert b"".join(files.fetch(uploaded)) == PHOTO
        slack.delete_file(uploaded)
        with pytest.raises(Unfetched) as gone:
            list(files.fetch(uploaded))
        assert (gone.value.code, gone.value.permanent) == ("file_deleted", True)


def test_a_client_that_retries_is_refused() -> None:
    """Temporal alone retries."""
    with pytest.raises(ValueError, match="retries"):
        SlackFiles(WebClient(token=TOKEN))
