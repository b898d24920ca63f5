"""Signatures: whether a request comes from Slack, unchanged and just now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from slack_sdk.signature import Clock, SignatureVerifier

_TIMESTAMP = "x-slack-request-timestamp"
_SIGNATURE = "x-slack-signature"
_SECONDS = re.compile(r"[0-9]{1,12}")
_SIGNED = re.compile(r"v0=[0-9a-f]{64}")


class _At(Clock):
    """The verifier's clock, which is ours."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


class Signatures:
    """Judges requests by the app's signing secret."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        """``clock`` tells the present, to which a request's own time must be within 5 minutes."""
        self._verifier = SignatureVerifier(secret, _At(clock))

    def fault(self, headers: Mapping[str, str], body: bytes) -> HTTPStatus | None:
        """The status that answers a request that is not Slack's; None for one that is.

        ``headers`` have lower-case names. 400 where they are missing or not of their form, 401
        where they do not fit the body, the secret or the time.
        """
        timestamp, signature = headers.get(_TIMESTAMP, ""), headers.get(_SIGNATURE, "")
        # The verifier raises for what is no number or not ASCII, so it is not shown that.
        if not (_SECONDS.fullmatch(timestamp) and _SIGNED.fullmatch(signature)):
            return HTTPStatus.BAD_REQUEST
        try:
            valid = self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            # Slack sends forms, which are ASCII.
            return HTTPStatus.UNAUTHORIZED
        return None if valid else HTTPStatus.UNAUTHORIZED
