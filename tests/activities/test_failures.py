"""Failures in Temporal's terms: what it is told, and what stands in the log."""

from __future__ import annotations

import logging

import pytest
from temporalio.testing import ActivityEnvironment

from activities.failures import translated
from channels.message import NotSent, Parked
from tests.stage import Stage, until


async def test_an_attempt_that_a_channel_refuses_is_one_line_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Which activity of which workflow, the attempt and the code; no traceback, from nobody."""
    await stage.missed()

    async def refuse(_letter: object) -> None:
        raise Parked("not_in_channel")

    stage.mailbox.trouble = refuse
    with caplog.at_level(logging.INFO):
        await stage.act("escalate", "p-mira@ardent.example", note="no answer")
        await until(lambda: bool(stage.state().parked))
    told = [record for record in caplog.records if "not_in_channel" in record.getMessage()]
    assert told
    assert "notify of ladder:KSS-2026-014:tooling:1, attempt 1: not_in_channel" in told[0].message
    assert not [record for record in caplog.records if record.exc_info]


def test_what_nobody_foresaw_is_logged_as_a_whole(caplog: pytest.LogCaptureFixture) -> None:
    """A failure without a code is a mistake of this program, and its traceback is needed."""

    def fail() -> None:
        with translated():
            raise ZeroDivisionError

    with pytest.raises(Exception, match="ZeroDivisionError"):
        ActivityEnvironment().run(fail)
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_what_may_be_tried_again_is_said_so(caplog: pytest.LogCaptureFixture) -> None:
    """The code alone travels, and one line is logged of it."""

    def fail() -> None:
        with translated():
            raise NotSent("connection_refused")

    with pytest.raises(Exception, match="connection_refused"):
        ActivityEnvironment().run(fail)
    [record] = caplog.records
    assert "attempt 1: connection_refused" in record.message
    assert record.exc_info is None
