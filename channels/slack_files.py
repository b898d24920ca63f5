"""Files in Slack: what somebody attached to a form, fetched with the bot's token.

The token goes to Slack and nowhere else, whatever address Slack's answer names: a file can be
attached from other places, and an answer can be forged by whoever stands in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from time import monotonic
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient

from channels.message import ChannelError
from channels.slack_errors import in_our_terms, lost, pause
from ladders.errors import HoldfastError

_CHUNK = 1 << 16  # bytes
_LONGEST = timedelta(minutes=2).total_seconds()
"""How long one download may take; whoever asks for it waits somewhat longer."""
_GONE = frozenset({"file_not_found", "file_deleted"})
_WRITTEN = "%/:=&?~#+!$,;'@()*[]"
"""What stands in an address as it is; anything else in a file's name is encoded."""
_UNTIL_MENDED = timedelta(hours=1)


class Unfetched(HoldfastError):
    """A file that was not fetched. ``code`` is a short machine code.

    ``permanent`` says that it never will be; ``retry_after`` when trying again may help.
    """

    def __init__(
        self, code: str, *, permanent: bool = False, retry_after: timedelta | None = None
    ) -> None:
        """Keep code and prospects."""
        remedy = "attach it again" if permanent else "it is tried again by itself"
        super().__init__(f"the file could not be fetched from Slack: {code}", remedy)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after


class SlackFiles:
    """Fetches files that were attached in Slack."""

    def __init__(self, client: WebClient, timer: Callable[[], float] = monotonic) -> None:
        """Ask through ``client``, which must not retry by itself; ``timer`` counts seconds."""
        if client.retry_handlers:
            raise ValueError("a Slack client that retries hides how often it asks")
        self._client = client
        self._timer = timer
        https = HTTPSHandler(context=client.ssl)
        proxy = {"http": client.proxy, "https": client.proxy} if client.proxy else {}
        self._web = build_opener(_NoRedirect, https, ProxyHandler(proxy))

    def fetch(self, file_id: str) -> Iterator[bytes]:
        """The content of a file, piece by piece. Raises Unfetched."""
        file = self._described(file_id)
        request = self._request(str(file.get("url_private_download") or ""))
        size, until = 0, self._timer() + _LONGEST
        try:
            with self._web.open(request, timeout=self._client.timeout) as answer:
                _refuse_page(answer.headers, file)
                while chunk := answer.read1(_CHUNK):
                    size += len(chunk)
                    if self._timer() > until:
                        raise Unfetched("too_slow")
                    yield chunk
        except HTTPError as error:
            raise _refused(error) from None
        except (OSError, HTTPException) as error:
            raise _failure(lost(error)) from None
        if size != file.get("size"):
            raise Unfetched("cut_short")

    def _described(self, file_id: str) -> dict[str, Any]:
        try:
            with in_our_terms():
                file = self._client.files_info(file=file_id).get("file")
        except ChannelError as error:
            raise _failure(error) from None
        if not isinstance(file, dict):
            raise Unfetched("unreadable_answer")
        if file.get("mode") == "tombstone":
            raise Unfetched("file_deleted", permanent=True)
        return file

    def _request(self, url: str) -> Request:
        if not self._is_slacks(url):
            raise Unfetched("not_in_slack", permanent=True)
        headers = {"Authorization": f"Bearer {self._client.token}"}
        return Request(quote(url, safe=_WRITTEN), headers=headers)  # noqa: S310  (its scheme was checked)

    def _is_slacks(self, url: str) -> bool:
        """Whether ``url`` is where the interface itself is, or at Slack's own address."""
        try:
            asked, known = urlsplit(url), urlsplit(self._client.base_url)
            same = (asked.scheme, asked.hostname, asked.port) == (
                known.scheme, known.hostname, known.port,
            )  # fmt: skip
            host = asked.hostname or ""
            slacks = asked.scheme == "https" and asked.port in (None, 443)
        except ValueError:
            return False
        return same or (slacks and (host == "slack.com" or host.endswith(".slack.com")))


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: a redirect leads to a page on which to sign in, or away from Slack."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Let the redirect be the failure it is."""


def _refuse_page(headers: HTTPMessage, file: dict[str, Any]) -> None:
    # Whoever lacks the right to a file is shown a page to sign in on, as if that were the file.
    is_page = headers.get_content_type() == "text/html"
    if is_page and "html" not in str(file.get("mimetype")):
        raise Unfetched("asked_to_sign_in", retry_after=_UNTIL_MENDED)


def _refused(error: HTTPError) -> Unfetched:
    with error:
        if HTTPStatus.MULTIPLE_CHOICES <= error.code < HTTPStatus.BAD_REQUEST:
            return Unfetched("asked_to_sign_in", retry_after=_UNTIL_MENDED)
        if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            return Unfetched("file_not_found", permanent=True)
        if error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return Unfetched(f"http_{error.code}", retry_after=_UNTIL_MENDED)
        return Unfetched(f"http_{error.code}", retry_after=pause(error.headers))


def _failure(error: ChannelError) -> Unfetched:
    if error.code in _GONE:
        return Unfetched(error.code, permanent=True)
    # A scope, a token, a membership: somebody mends it, and the file is still there.
    return Unfetched(
        error.code, retry_after=_UNTIL_MENDED if error.permanent else error.retry_after
    )
