"""Links: the right of one person to take one action, signed, and good for some days."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from itsdangerous import BadData, BadPayload, URLSafeSerializer
from pydantic import StringConstraints, ValidationError

from channels.message import Handle
from ladders.errors import HoldfastError
from ladders.events import ActionName
from ladders.prose import PersonRef
from ladders.values import Instant, Value

PATH = "/answer"
"""Where links lead, below the address by which we are reached."""

LASTS = timedelta(days=14)
"""How long a link may be used. Reminders and later messages bring new ones."""

_PURPOSE = "holdfast: answer by link"
_SHORTEST_SECRET = 32
_FIRST, _LAST = "a", "z"
"""Stand around what is signed: it may begin with a dot, which some servers hide, or end in a dash,
which some mail programs leave out of a link."""


class WeakSecret(HoldfastError):
    """The secret that links are to be signed with can be guessed."""


class NotAnAddress(HoldfastError):
    """What links are to begin with is no address that a browser can open."""


class ForgedLink(HoldfastError):
    """A link that we did not sign, or that did not arrive as we signed it."""


class ExpiredLink(HoldfastError):
    """A link that was ours, and is too old."""


class Link(Value):
    """What a link stands for. ``person`` is a pseudonym, so that no address holds a name."""

    person: Annotated[PersonRef, StringConstraints(pattern=r"^p-")]
    handle: Handle
    action: ActionName
    issued_at: Instant


class Links:
    """Makes and reads links."""

    def __init__(
        self,
        secret: str,
        public_url: str,
        clock: Callable[[], datetime],
        lasts: timedelta = LASTS,
    ) -> None:
        """Sign with ``secret``; ``public_url`` is how we are reached.

        A secret of several lines is several: the last signs, the ones before it are still read,
        so that the links of earlier days go on until they expire. Raises WeakSecret and
        NotAnAddress.
        """
        secrets = [line.strip() for line in secret.splitlines() if line.strip()] or [""]
        shortest = min(range(len(secrets)), key=lambda line: len(secrets[line]))
        if len(secrets[shortest]) < _SHORTEST_SECRET:
            which = f"line {shortest + 1} of the secrets" if len(secrets) > 1 else "the secret"
            raise WeakSecret(
                f"{which} for links has {len(secrets[shortest])} characters",
                f"set HOLDFAST_LINK_SECRET to {_SHORTEST_SECRET} or more on one line, made by "
                "chance; for example with openssl rand -hex 32",
            )
        if re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", public_url) is None:
            raise NotAnAddress(
                f"{public_url!r} is no address that links can begin with",
                "set HOLDFAST_PUBLIC_URL to how this is reached, such as https://holdfast.example",
            )
        self._base = public_url.rstrip("/") + PATH
        self._clock = clock
        self._lasts = lasts
        self._signing = URLSafeSerializer(
            secrets,
            salt=_PURPOSE,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def make(self, person: PersonRef, handle: Handle, action: ActionName) -> str:
        """The address behind which ``person`` may take ``action`` on ``handle``."""
        link = Link(person=person, handle=handle, action=action, issued_at=self._clock())
        token = self._signing.dumps(link.model_dump(mode="json", exclude_none=True))
        return f"{self._base}/{_FIRST}{token}{_LAST}"

    def read(self, token: str) -> Link:
        """What the last part of a link's address stands for. Raises ForgedLink, ExpiredLink."""
        try:
            signed = token.removeprefix(_FIRST).removesuffix(_LAST)
            if token != f"{_FIRST}{signed}{_LAST}":
                raise BadPayload("not whole")
            link = Link.model_validate(self._signing.loads(signed))
        except (BadData, ValidationError):
            raise ForgedLink(
                "this link is none of ours, did not arrive as a whole, or was withdrawn",
                "nothing was recorded; open it from the message again, or copy all of it; or use "
                "the link in a newer message, or ask whoever runs Holdfast to record your answer",
            ) from None
        expired = link.issued_at + self._lasts
        if self._clock() >= expired:
            raise ExpiredLink(
                f"this link was good until {expired:%F %R} UTC",
                "nothing was recorded; use the link in a newer message, or ask whoever runs "
                "Holdfast to record your answer for you",
            )
        return link
