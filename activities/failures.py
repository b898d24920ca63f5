"""One taxonomy of errors: permanent, or worth retrying (translated to Temporal's here alone)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, runtime_checkable

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from ladders.errors import HoldfastError

BEHIND = "ledger-behind"
"""The code by which a ledger says that it lacks what was recorded before."""

_LOG = logging.getLogger("holdfast.activities")


@runtime_checkable
class Coded(Protocol):
    """A failure that names its kind by a short code, and says whether trying again can help."""

    code: str
    permanent: bool
    retry_after: timedelta | None


UNREACHABLE = "unreachable"
"""The code by which a message is parked whose channel has been out of reach for long."""

MAIL_UNREACHABLE = "mail_unreachable"
"""The code by which a message is parked that its channel refuses, while mail is out of reach."""

ATTEMPT = timedelta(seconds=90)
"""When Temporal takes an attempt at a channel for lost and begins another. Longer than any attempt
of a process that lives, so that two never post at once."""


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
            _say(error.code)
            raise ApplicationError(
                error.code,
                type=error.code,
                non_retryable=error.permanent,
                next_retry_delay=error.retry_after,
                # Else the SDK logs each attempt with its traceback, which says no more than this.
                category=ApplicationErrorCategory.BENIGN,
            ) from None
        # The whole story stays in this process's log.
        _LOG.warning("an activity failed", exc_info=error)
        kind = type(error).__name__
        permanent = isinstance(error, HoldfastError)
        raise ApplicationError(kind, type=kind, non_retryable=permanent) from None


def _say(code: str) -> None:
    """Log an attempt that failed in one line."""
    # The workflow says once that the ledger is behind; that each attempt fails goes without saying.
    if code == BEHIND or not activity.in_activity():
        return
    info = activity.info()
    _LOG.warning(
        "%s of %s, attempt %d: %s", info.activity_type, info.workflow_id, info.attempt, code
    )
