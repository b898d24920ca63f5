"""One taxonomy of errors: permanent, or worth retrying (translated to Temporal's here alone)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Protocol, runtime_checkable

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from ladders.errors import HoldfastError

BEHIND = "ledger-behind"
"""The code by which a ledger says that it lacks what was recorded before."""

_LOG = logging.getLogger("holdfast.activities")
_LOUDNESS = {BEHIND: ApplicationErrorCategory.BENIGN}
"""The workflow says once that the ledger is behind; that each attempt fails goes without saying."""


@runtime_checkable
class Coded(Protocol):
    """A failure that names its kind by a short code, and says whether trying again can help."""

    code: str
    permanent: bool
    retry_after: timedelta | None


ATTEMPT = timedelta(seconds=60)
"""How long one attempt at a channel may take, as Temporal sees it."""

_WITHIN = timedelta(seconds=45)
"""How long it takes at most: a call that is under way then ends before ATTEMPT is over."""


@asynccontextmanager
async def bounded() -> AsyncIterator[None]:
    """End an attempt before another may begin, so that two never post at once.

    Whatever thread is still at work then has a time limit of its own. Raises TimeoutError.
    """
    async with asyncio.timeout(_WITHIN.total_seconds()):
        yield


@contextmanager
def translated() -> Iterator[None]:
    """Turn our refusals into Temporal's terms; whatever else is raised is worth retrying.

    A refusal is permanent: the same request would be refused again. A :class:`Coded` failure
    says so itself. The message carried into Temporal's history is the code or the class name
    alone, because the text may name a person (law 19).
    """
    try:
        yield
    except ApplicationError:
        raise
    except Exception as error:  # noqa: BLE001  (the one boundary)
        if isinstance(error, Coded):
            raise ApplicationError(
                error.code,
                type=error.code,
                non_retryable=error.permanent,
                next_retry_delay=error.retry_after,
                category=_LOUDNESS.get(error.code, ApplicationErrorCategory.UNSPECIFIED),
            ) from None
        # The whole story stays in this process's log.
        _LOG.warning("an activity failed", exc_info=error)
        kind = type(error).__name__
        permanent = isinstance(error, HoldfastError)
        raise ApplicationError(kind, type=kind, non_retryable=permanent) from None
