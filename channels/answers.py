"""Answers: what each one is called and what follows from it, wherever it is offered or given."""

from __future__ import annotations

from typing import NamedTuple

from ladders.events import ActionName


class Answer(NamedTuple):
    """The words of one answer.

    ``label`` stands on the button that offers it; an ellipsis says that a form comes first, which
    is called ``title`` and sent by ``submit``. Slack shows 24 characters of these. ``meaning`` says
    what follows, as a clause.
    """

    label: str
    title: str
    submit: str
    meaning: str

    @property
    def consequence(self) -> str:
        """What follows, as a sentence."""
        return f"{self.meaning[:1].upper()}{self.meaning[1:]}."


ANSWERS: dict[ActionName, Answer] = {
    "acknowledge": Answer(
        label="Acknowledge",
        title="Acknowledge",
        submit="Acknowledge",
        meaning="you have seen this: reminders pause, no clock does",
    ),
    "complete": Answer(
        label="Action done…",
        title="Report the action done",
        submit="Report it done",
        meaning="the action is done; the ladder itself goes on until a delivery is accepted",
    ),
    "confirm": Answer(
        label="Not delivered",
        title="Not delivered",
        submit="It was not delivered",
        meaning="it was not delivered; it is missed once the due date is over",
    ),
    "escalate": Answer(
        label="Escalate now…",
        title="Escalate now",
        submit="Escalate now",
        meaning="the next rung opens now, and its owner is told",
    ),
    "tender": Answer(
        label="Delivered…",
        title="Report the delivery",
        submit="Report the delivery",
        meaning="it was delivered, on a day you name; the authority is asked",
    ),
    "accept": Answer(
        label="Accept…",
        title="Accept the delivery",
        submit="Accept",
        meaning="the ladder closes, from the day of delivery",
    ),
    "reject": Answer(
        label="Reject…",
        title="Reject the delivery",
        submit="Reject",
        meaning="the ladder goes on",
    ),
    "withdraw": Answer(
        label="Withdraw…",
        title="Withdraw the ladder",
        submit="Withdraw",
        meaning="the ladder was opened in error; it closes without admission",
    ),
    "note": Answer(
        label="Note…",
        title="Add a note",
        submit="Add the note",
        meaning="put something on record; nothing else changes",
    ),
}
"""Every answer, by the name of its action. Who may give it stands in the table of actions."""
