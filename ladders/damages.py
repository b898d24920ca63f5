"""What a contract says a late delivery costs. The terms alone; no sum is worked out here yet."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Literal

from pydantic import model_validator

from ladders.values import Money, Number, Value, parse_percent

_LINE = re.compile(
    r"(?P<rate>[\d.]+ ?%) of (?P<base>.+?) per (?P<part>started |completed )?"
    r"(?P<per>day|week|month)(?:, cap (?P<cap>[\d.]+ ?%))?"
)
_EXAMPLE = "0.5% of 400000 EUR per started week, cap 5%"


class LiquidatedDamages(Value):
    """An agreed sum for delay: a rate of a base per unit of time, possibly capped.

    ``rate`` and ``cap`` are percentages of ``base``. ``part`` says whether a unit counts from its
    first day (started) or only when it has run out (completed).
    """

    rate: Number
    base: Money
    per: Literal["day", "week", "month"]
    part: Literal["started", "completed"] = "completed"
    cap: Number | None = None

    @classmethod
    def parse(cls, text: str) -> LiquidatedDamages:
        """Read the one-line form, such as ``0.5% of 400000 EUR per started week, cap 5%``."""
        match = _LINE.fullmatch(" ".join(text.split()))
        if match is None:
            message = f"{text!r} is not a damages clause; write for example '{_EXAMPLE}'"
            raise ValueError(message)
        cap = match["cap"]
        return cls.model_validate(
            {
                "rate": parse_percent(match["rate"]),
                "base": Money.parse(match["base"]),
                "per": match["per"],
                "part": (match["part"] or "completed").strip(),
                "cap": None if cap is None else parse_percent(cap),
            }
        )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return cls.parse(value).model_dump() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_sensible(self) -> LiquidatedDamages:
        for name, percent in (("rate", self.rate), ("cap", self.cap)):
            if percent is not None and not Decimal(0) < percent <= Decimal(100):
                message = f"{name} {percent}% is not between 0 and 100 percent"
                raise ValueError(message)
        return self

    def __str__(self) -> str:
        """Return the one-line form."""
        part = "started " if self.part == "started" else ""
        cap = "" if self.cap is None else f", cap {self.cap:f}%"
        return f"{self.rate:f}% of {self.base} per {part}{self.per}{cap}"
