"""The small values everything else is made of: identifiers, instants, periods, money."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    model_serializer,
    model_validator,
)

Ref = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""An identifier: of a contract, a milestone, a ladder, a rung. It is never hidden: no names."""

Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""What somebody is to a contract: ``owner``, ``lead``, ``approver``, ``counsel`` …"""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, lower-case hexadecimal."""


def _as_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""A point in time, always UTC. Zones belong to calendars, never to instants."""


class Value(BaseModel):
    """Base of every model in the heart: immutable, and nothing unknown gets in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_LONGEST = 9999
_PERIOD = re.compile(r"(\d{1,4}) (business day|calendar day|day|week|hour|minute|second)s?")
_A_DAY = timedelta(days=1)

Unit = Literal["days", "business days", "hours", "minutes", "seconds"]
_CONTINUOUS: dict[Unit, timedelta] = {
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
}


class Period(Value):
    """A length of time as contracts say it, such as ``10 business days``; a week is seven days.

    Serialised in that same form, so that a ledger line reads as the contract does.
    """

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``10 business days``, ``2 weeks``, ``30 minutes``; raise ValueError otherwise."""
        match = _PERIOD.fullmatch(" ".join(text.split()).lower())
        weeks = match is not None and match[2] == "week"
        if match is None or not 0 < int(match[1]) * (7 if weeks else 1) <= _LONGEST:
            message = (
                f"{text!r} is not a period; write for example '10 business days' or '24 hours'"
            )
            raise ValueError(message)
        count, word = int(match[1]), match[2]
        if word == "week":
            return cls(count=count * 7, unit="days")
        units: dict[str, Unit] = {"day": "days", "calendar day": "days"}
        return cls.model_validate({"count": count, "unit": units.get(word, f"{word}s")})

    @property
    def continuous(self) -> timedelta | None:
        """Its length where it runs on without regard to days; None where days are counted."""
        one = _CONTINUOUS.get(self.unit)
        return None if one is None else self.count * one

    @property
    def longest_days(self) -> int:
        """Its length in days begun, weekends and holidays left out of account."""
        length = self.continuous
        return self.count if length is None else -(-length // _A_DAY)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            parsed = cls.parse(value)
            return {"count": parsed.count, "unit": parsed.unit}
        return value

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """Return the form a contract uses."""
        return f"{self.count} {self.unit if self.count != 1 else self.unit.removesuffix('s')}"


def _plain(number: Decimal) -> str:
    return format(number, "f")


Number = Annotated[Decimal, PlainSerializer(_plain, return_type=str)]
"""A decimal, written in full; never a float (law 16)."""

_MONEY = re.compile(r"(?P<amount>\d{1,15}(?:\.\d{1,4})?) (?P<currency>[A-Z]{3})")


class Money(Value):
    """An amount in a currency (ISO 4217 code), such as ``400000 EUR``; no separators, no float."""

    amount: Number
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read ``400000 EUR`` or ``1250.50 USD``; raise ValueError otherwise."""
        match = _MONEY.fullmatch(" ".join(text.split()))
        if match is None:
            message = f"{text!r} is not an amount of money; write for example '400000 EUR'"
            raise ValueError(message)
        return cls(amount=Decimal(match["amount"]), currency=match["currency"])

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            parsed = cls.parse(value)
            return {"amount": parsed.amount, "currency": parsed.currency}
        return value

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """Return the form a contract uses."""
        return f"{_plain(self.amount)} {self.currency}"


_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%")


def parse_percent(text: str) -> Decimal:
    """Read ``0.5%`` as the decimal 0.5; raise ValueError otherwise."""
    match = _PERCENT.fullmatch(text.strip())
    if match is None:
        message = f"{text!r} is not a percentage; write for example '0.5%'"
        raise ValueError(message)
    return Decimal(match[1])
