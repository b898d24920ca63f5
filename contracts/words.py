"""The words a contract file uses for dates, days away, addresses, zones: text to value.

Every function takes the text as written and raises :class:`Unreadable` where it means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import NamedTuple
from zoneinfo import available_timezones

from ladders.contract import Absence
from ladders.ladder import Due
from ladders.prose import Prose
from ladders.values import Period, Ref, parse_percent

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
EMAIL = r"[^@\s,;:<>()\[\]\"']{1,64}@[^@\s,;:<>()\[\]\"'.]+(\.[^@\s,;:<>()\[\]\"'.]+)+"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
REF = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ROLE = r"[a-z][a-z0-9_-]{0,31}"
CALENDAR = r"[A-Z]{2}(-[A-Z0-9]{1,3})?"

# What no text column holds, and no canonical JSON: controls but tab and newline, lone surrogates.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_YEARS = range(2000, 2100)
_LONGEST_ADDRESS = 254
_LONGEST_TEXT = 2000
_MOST_COMPARED = 200


class Unreadable(ValueError):
    """A text that is not what its field needs: what is wrong, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        """Keep both halves."""
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy


class After(NamedTuple):
    """A due date said as a number of calendar days after another milestone's."""

    days: int
    milestone: Ref


def suggestion(word: str, known: Iterable[str]) -> str:
    """What to write instead of ``word``: the nearest of ``known``, or all there are."""
    names = sorted(known)
    # Addresses of one company resemble each other by their domain alone.
    likeness = 0.85 if "@" in word else 0.6
    few = names if len(names) <= _MOST_COMPARED else []
    if near := get_close_matches(word, few, n=1, cutoff=likeness):
        return f"did you mean {near[0]!r}?"
    return f"known are: {', '.join(names)}" if names else "there is none yet"


def prose(text: str) -> str:
    """Free text: anything but emptiness, at most 2,000 characters, none of them a control."""
    if not text.strip():
        raise Unreadable("the text is blank", "write it, or remove the line")
    if len(text) > _LONGEST_TEXT:
        what = f"the text is {len(text)} characters long"
        raise Unreadable(what, f"shorten it to {_LONGEST_TEXT}")
    if found := _CONTROL.search(text):
        raise Unreadable(f"the text holds the control character {found[0]!r}", "delete it")
    if Prose(text).is_sealed:
        raise Unreadable("the text has the form of a sealed text in the ledger", "reword it")
    return text


def quiet_hours(text: str) -> str:
    """Local hours from when to when nobody is pinged, or ``none``."""
    if text == "none":
        return text
    if not re.fullmatch(f"{CLOCK}-{CLOCK}", text) or text[:5] == text[6:]:
        raise Unreadable(f"{text!r} are no hours", "write for example 20:00-07:00, or none")
    return text


def ref(text: str) -> str:
    """An identifier."""
    if not re.fullmatch(REF, text):
        what = f"{text!r} is not an identifier"
        remedy = "use letters, digits, '.', '-' and '_', no spaces, at most 64, such as 'tooling'"
        raise Unreadable(what, remedy)
    return text


def role(text: str) -> str:
    """The name of a role."""
    if not re.fullmatch(ROLE, text):
        what = f"{text!r} is not the name of a role"
        raise Unreadable(what, "use lower-case letters, digits, hyphens, such as 'lead'")
    return text


def email(text: str) -> str:
    """An e-mail address."""
    if len(text) > _LONGEST_ADDRESS or not re.fullmatch(EMAIL, text):
        what = f"{text!r} is not an e-mail address"
        raise Unreadable(what, "write it as name@company.example")
    return text


def day(text: str) -> date:
    """A date, such as ``2026-10-01``, of this century."""
    try:
        found = date.fromisoformat(text) if re.fullmatch(DATE, text) else None
    except ValueError as error:
        raise Unreadable(f"{text!r} is not a date: {error}", "correct it") from None
    if found is None:
        raise Unreadable(f"{text!r} is not a date", "write year-month-day, such as 2026-10-01")
    return within_years(found)


def within_years(found: date) -> date:
    """The date itself, where it lies in the years a contract can run in."""
    if found.year not in _YEARS:
        what = f"{found} is not between {_YEARS[0]} and {_YEARS[-1]}"
        raise Unreadable(what, "correct the year")
    return found


def due(text: str) -> date | After:
    """A due date: ``2026-10-01``, or ``30 days after tooling``."""
    length, word, milestone = text.partition(" after ")
    if not word:
        return day(text)
    try:
        period = Period.parse(length)
    except ValueError:
        what = f"{length!r} is not a number of days"
        raise Unreadable(what, f"write for example '30 days after {milestone}'") from None
    if period.unit != "days":
        what = f"{period} after a milestone cannot be counted in advance"
        raise Unreadable(what, "use calendar days or weeks, or write the date")
    return After(period.count, ref(milestone.strip()))


def period(text: str) -> Period:
    """A period, such as ``10 business days``."""
    return Period.parse(text)


def rung_due(text: str) -> Due:
    """A rung's deadline: ``2 business days`` or ``day 90``."""
    return Due.parse(text)


def absence(text: str) -> Absence:
    """Days away, both ends included: ``2026-12-20..2027-01-06``, or a single date."""
    first, _, last = text.partition("..")
    found = Absence(first=day(first.strip()), last=day((last or first).strip()))
    if found.last < found.first:
        what = f"the absence ends on {found.last}, before it begins on {found.first}"
        raise Unreadable(what, "swap the two dates, or correct one")
    return found


def clock(text: str) -> time:
    """A time of day, such as ``17:00``."""
    if not re.fullmatch(CLOCK, text):
        what = f"{text!r} is not a time of day"
        raise Unreadable(what, "write for example 17:00; for midnight leave the line out")
    return time.fromisoformat(text)


def percent(text: str) -> Decimal:
    """A percentage above 0 and up to 100, such as ``0.5%``."""
    try:
        found = parse_percent(text)
    except ValueError:
        raise Unreadable(f"{text!r} is not a percentage", "write for example 0.5%") from None
    if not found.is_finite() or not 0 < found <= 100:  # noqa: PLR2004  (percent)
        raise Unreadable(f"{text} is not between 0 and 100 percent", "correct the number")
    return found


def zone(text: str) -> str:
    """A time zone by its IANA name, such as ``Europe/Berlin``."""
    known = available_timezones()
    if text not in known:
        near = get_close_matches(text, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else "write for example Europe/Berlin"
        raise Unreadable(f"{text!r} is not a time zone", remedy)
    return text


def calendar(text: str) -> str:
    """A holiday calendar: an ISO 3166 country, possibly with a subdivision, such as ``DE-BW``."""
    import holidays  # noqa: PLC0415  (takes a noticeable part of a second)

    country, _, subdivision = text.partition("-")
    what = f"{text!r} is not a holiday calendar that is known"
    if not re.fullmatch(CALENDAR, text):
        raise Unreadable(what, "write a country, or country and region, such as DE or DE-BW")
    try:
        known = holidays.country_holidays(country).subdivisions
    except NotImplementedError:
        remedy = suggestion(country, holidays.list_supported_countries(include_aliases=False))
        raise Unreadable(what, remedy if "?" in remedy else "write an ISO 3166 code") from None
    regions = [region for region in known if re.fullmatch(CALENDAR, f"{country}-{region}")]
    if subdivision and subdivision not in regions:
        raise Unreadable(what, f"the regions of {country} are: {', '.join(regions) or 'none'}")
    return text


def ahead(start: date, days: int) -> date:
    """The date ``days`` after ``start``; raises Unreadable where no contract can run that long."""
    try:
        return within_years(start + timedelta(days=days))
    except OverflowError:
        raise Unreadable(f"{days} days after {start} is too far ahead", "shorten it") from None
