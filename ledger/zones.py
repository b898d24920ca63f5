"""Zones: the time zone that people have set in Slack, as far as they are known there."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlmodel import col, select

from ledger.opening import reading
from ledger.tables import SlackIdentityRow


def zones(engine: Engine) -> dict[str, str]:
    """The IANA zone of each person, by pseudonym, who has set one in whatever workspace."""
    query = select(SlackIdentityRow).where(col(SlackIdentityRow.zone).is_not(None))
    order = (col(SlackIdentityRow.team), col(SlackIdentityRow.member))
    with reading(engine) as session:
        return {row.ref: row.zone or "" for row in session.exec(query.order_by(*order))}
