"""The fields of a contract file, of its parts and of ``house.yaml``: what may stand where."""

from __future__ import annotations

from contracts import words
from contracts.kinds import Choice, Either, Field, Form, Named, Several, Sheet, Text, Whole
from ladders.contract import Notices
from ladders.damages import LiquidatedDamages
from ladders.prose import PersonRef, Prose
from ladders.values import Money

_LATEST = 2**31 - 1
_AMOUNT = r"[0-9]{1,15}(\.[0-9]{1,4})? [A-Z]{3}"
_UNIT = "[Bb]usiness day|[Cc]alendar day|[Dd]ay|[Ww]eek|[Hh]our|[Mm]inute|[Ss]econd"
_LENGTH = rf"[0-9]{{1,4}} ({_UNIT})s?"
_SHARE = r"[0-9.]+ ?%"
_DAMAGES = rf"{_SHARE} of {_AMOUNT} per (started |completed )?(day|week|month)(, cap {_SHARE})?"

PROSE = Text(Prose, "a text", "Kitano Sealing Systems")
REF = Text(words.ref, "an identifier", "tooling", words.REF)
ROLE = Text(words.role, "the name of a role", "lead", words.ROLE)
EMAIL = Text(
    lambda text: PersonRef(words.email(text)),
    "an e-mail address",
    "mira@ardent.example",
    words.EMAIL,
)
DUE = Text(words.due, "a date", "2026-10-01", rf"{words.DATE}|[0-9]{{1,4}} .+ after {words.REF}")
MONEY = Text(Money.parse, "an amount of money", "400000 EUR", _AMOUNT)
PERIOD = Text(words.period, "a period", "10 business days", _LENGTH)
RUNG_DUE = Text(words.rung_due, "a deadline", "2 business days", rf"{_LENGTH}|day [0-9]{{1,3}}")
PERCENT = Text(words.percent, "a percentage", "0.5%", _SHARE)
CLOCK = Text(words.clock, "a time of day", "17:00", words.CLOCK)
QUIET_HOURS = Text(words.quiet_hours, "hours", "20:00-07:00", rf"{words.CLOCK}-{words.CLOCK}|none")
ZONE = Text(words.zone, "a time zone", "Europe/Berlin", r"[A-Za-z0-9_+/-]{1,64}")
CALENDAR = Text(words.calendar, "a holiday calendar", "DE-BW", words.CALENDAR)
ABSENCE = Text(
    words.absence,
    "days away",
    "2026-12-20..2027-01-06",
    rf"{words.DATE}( *\.\. *{words.DATE})?",
)


def _damages(sheet: Sheet) -> LiquidatedDamages:
    return LiquidatedDamages.model_validate(sheet.values)


def _notices(sheet: Sheet) -> Notices:
    return Notices(email=Prose(sheet.values["email"]))


PERSON = Form(
    "the person",
    {
        "email": Field(EMAIL, "the address the person is known by", required=True),
        "name": Field(PROSE, "the person's name"),
        "slack": Field(PROSE, "the person's Slack member id, such as U012AB3CD"),
        "deputies": Field(Several(EMAIL), "who stands in, by e-mail, in this order"),
        "absences": Field(Several(ABSENCE), "days away, such as 2026-12-20..2027-01-06"),
    },
)

RUNG = Form(
    "the rung",
    {
        "id": Field(REF, "a short name of the rung, used once in the ladder", required=True),
        "day": Field(
            Whole(-_LATEST, _LATEST),
            "calendar days from the due date; negative is an early warning; at most 90",
            required=True,
        ),
        "owner": Field(ROLE, "the role that must act", required=True),
        "action": Field(PROSE, "exactly what to do, as a sentence", required=True),
        "remedy": Field(PROSE, "the right that the contract grants here"),
        "clause": Field(PROSE, "the clause that grants the remedy"),
        "due": Field(
            RUNG_DUE, "a period from the rung's opening, or a day such as 'day 90'", required=True
        ),
        "notice": Field(Choice(("cure",)), "the period that a notice of this rung starts"),
        "requires": Field(
            Choice(("cure period expired",)), "what must have happened before the remedy is used"
        ),
        "on_silence": Field(
            Choice(("wait", "climb")), "an unmet deadline waits for the next rung, or opens it"
        ),
    },
)

LADDER = Form(
    "the ladder",
    {
        "id": Field(REF, "the name milestones choose the ladder by", required=True),
        "version": Field(Whole(1, _LATEST), "counted up with every change; 1 if not said"),
        "situation": Field(PROSE, "what the ladder is for", required=True),
        "rungs": Field(Several(RUNG, 1), "the steps, by day", required=True),
    },
)

DAMAGES = Form(
    "the damages clause",
    {
        "rate": Field(PERCENT, "the percentage of the base for each unit of time", required=True),
        "base": Field(MONEY, "the amount the percentages are of", required=True),
        "per": Field(Choice(("day", "week", "month")), "the unit of time", required=True),
        "part": Field(
            Choice(("started", "completed")),
            "whether a unit counts from its first day, or only when completed (the default)",
        ),
        "cap": Field(PERCENT, "the most that can be owed, as a percentage of the base"),
    },
)

MILESTONE = Form(
    "the milestone",
    {
        "id": Field(REF, "a short name of the milestone, used once in the contract", required=True),
        "due": Field(DUE, "the date it is due, or such as '30 days after tooling'", required=True),
        "title": Field(PROSE, "what it is, in words"),
        "clause": Field(PROSE, "the clause it stands in; without one no right is claimed"),
        "acceptance": Field(PROSE, "when it counts as accepted"),
        "price": Field(MONEY, "what is paid for it"),
        "damages": Field(
            Either(
                Text(
                    LiquidatedDamages.parse,
                    "a damages clause",
                    "0.5% of 400000 EUR per started week, cap 5%",
                    _DAMAGES,
                ),
                DAMAGES,
                _damages,
            ),
            "what a late delivery costs, on one line or as fields",
        ),
        "cure": Field(PERIOD, "the cure period the contract grants, from deemed receipt"),
        "ladder": Field(REF, "the ladder that runs when it is missed; 'launch' if not said"),
        "owner": Field(EMAIL, "who owns it, where that is not the contract's owner"),
        "confirm_within": Field(
            PERIOD, "how long the question on the due date may stay unanswered; 2 business days"
        ),
        "respond_within": Field(
            PERIOD, "how long the authority has to answer a tender; 5 business days"
        ),
        "past_due": Field(
            Choice(("open", "delivered")), "what is so, where the date has already passed"
        ),
    },
)

_COUNTING = {
    "zone": Field(ZONE, "the IANA time zone in which days are counted, such as Europe/Berlin"),
    "calendar": Field(CALENDAR, "the holidays that count: a country or region, such as DE-BW"),
    "opens": Field(CLOCK, "when a working day begins and rungs open; 09:00 if not said"),
    "closing_time": Field(CLOCK, "when a day is over as a deadline; midnight if not said"),
}

_SHARED = {
    "buyer": Field(PROSE, "the buying company"),
    "slack_channel": Field(PROSE, "the Slack channel where escalations are posted"),
    "quiet_hours": Field(
        QUIET_HOURS, "when nobody is pinged, in each person's own time; 20:00-07:00 if not said"
    ),
    "owner": Field(EMAIL, "who owns the contract: the role 'owner'"),
    "approver": Field(EMAIL, "who decides, and takes every role nobody fills"),
    "roles": Field(Named(ROLE, EMAIL), "who fills which role, by e-mail"),
    "people": Field(Several(PERSON), "the people named here"),
    **_COUNTING,
    "counting": Field(Form("the counting", _COUNTING), "how days are counted"),
}

HOUSE = Form("the house file", _SHARED)
"""What all contracts of a house share."""

CONTRACT = Form(
    "the contract",
    {
        "contract": Field(REF, "the contract's own number", required=True),
        "title": Field(PROSE, "what the contract is about"),
        "supplier": Field(PROSE, "the company that must deliver", required=True),
        "notices": Field(
            Either(
                Text(
                    lambda text: Notices(email=Prose(words.email(text))),
                    "an e-mail address",
                    "notices@kitano.example",
                    words.EMAIL,
                ),
                Form("notices", {"email": Field(EMAIL, "the address", required=True)}),
                _notices,
            ),
            "where formal notices to the supplier go",
        ),
        "document": Field(PROSE, "the signed contract, beside this file; its hash is recorded"),
        "law": Field(PROSE, "the governing law, such as DE"),
        "cisg": Field(Choice(("excluded", "applies")), "whether the UN sales convention applies"),
        **_SHARED,
        "authority": Field(
            Several(ROLE, 1), "the roles that may accept, reject and withdraw; approver if not said"
        ),
        "ladders": Field(Several(LADDER), "ladders of this contract's own"),
        "milestones": Field(Several(MILESTONE, 1), "the dated obligations", required=True),
    },
)
"""A contract file; what ``house.yaml`` says need not be said again."""
