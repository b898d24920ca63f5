"""Views: whatever a contract and people say in them, they fit Slack's limits and act on nobody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from slack_sdk.models.views import View

from channels.message import Handle
from channels.moments import Moment
from desk.recalling import Deed, Recalled, Turn
from ladders.entries import Doer
from ladders.errors import ActionRefused
from ladders.instructions import Toll
from ladders.prose import Prose, replace_leaves
from tests.slack.shapes import check_message, check_view, live_marks
from tests.web.people import words
from tests.world import CARLA, LAUNCH, MIRA, Case, contract
from web import saying
from web.menus import choices, menu
from web.modals import FORMS, Scene, form
from web.payloads import Carried

NASTY = '<!channel> <@U1> <https://evil.example|x> `a` *b* \u202e\x07\n& "q" ' + "&<>" * 400
LINK = "https://ardent.slack.example/archives/C0/p1"
HANDLE = Handle(contract="KSS-2026-014", stream="tooling/1")


def nasty(text: str) -> str:
    """A text as hostile as it may be long."""
    return (text + NASTY)[: Prose.max_length]


def scene() -> Scene:
    """A tender unanswered and time stopped, under a contract whose every text is hostile."""
    case = Case(replace_leaves(LAUNCH, Prose, nasty), title=nasty("tooling"))
    case.move(case.state.due_close - timedelta(hours=3))
    case.act("confirm", MIRA)
    case.pass_days(2)
    case.act("tender", MIRA, delivered=date(2026, 10, 1))
    case.instruct(Toll(event="FM-1", since=date(2026, 10, 2)))
    terms = replace_leaves(contract(case.state.opened.ladder), Prose, nasty)
    return Scene(terms, case.watch, case.state, case.now, nasty)


def shown(view: View | dict[str, Any]) -> dict[str, Any]:
    """A view as it is sent, which Slack would take and which acts on nobody."""
    sent: dict[str, Any] = view if isinstance(view, dict) else view.to_dict()
    assert check_view(sent) == []
    assert acting(sent) == []
    return sent


def acting(sent: dict[str, Any]) -> list[str]:
    """What acts in something that is sent, but for dates and the one link that is ours."""
    assert "\u202e" not in str(sent)
    marks = live_marks(sent)
    return [mark for mark in marks if not mark.startswith("<!date^") and LINK not in mark]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_within_limits_and_inert(name: str) -> None:
    """Also where names, titles and actions are as long and as hostile as they may be."""
    about = "a" * 200
    carried = Carried(action=name, handle=HANDLE.model_copy(update={"about": about}))
    view = shown(form(scene(), carried))
    assert Carried.model_validate_json(view["private_metadata"]) == carried


def test_the_menu_is_within_limits_and_inert() -> None:
    """With all that the authority may do while time stands still."""
    by = Doer(actor=CARLA, authenticated_by="slack", via="slack")
    built = scene()
    offered = list(choices(built, by))
    assert {"accept", "reject", "withdraw", "toll", "resume", "note"} <= {e.name for e in offered}
    shown(menu(built, Carried(action="more", handle=HANDLE), offered))


def said(name: str) -> str:
    """The form of that name, under a contract whose actions are sentences."""
    case = Case(replace_leaves(LAUNCH, Prose, lambda text: f"{text}."), title="The tool")
    case.move(case.state.due_close - timedelta(hours=3))
    case.act("confirm", MIRA)
    case.pass_days(2)
    terms = contract(case.state.opened.ladder, title=Prose("The tool"))
    built = Scene(terms, case.watch, case.state, case.now, str)
    return words(form(built, Carried(action=name, handle=HANDLE)).to_dict())


def test_a_sentence_of_a_contract_goes_on_without_its_full_stop() -> None:
    """Where ours goes on after it."""
    assert "do plan; due" in said("complete")
    assert "do audit. Notifies" in said("escalate")


def test_a_milestone_is_offered_with_its_title() -> None:
    """An id alone tells little."""
    assert "tooling: The tool" in said("toll")


def test_whoever_accepts_is_told_to_reserve_rights() -> None:
    """Because acceptance is final."""
    assert "Reserve rights here if damages are to be kept; acceptance is final." in said("accept")


def answers() -> list[saying.Said]:
    """Every kind of answer, about hostile things; what reaches them is inert already."""
    built = scene()
    moment = Moment.on(built.state.opened.calendar, built.now)
    recalled = Recalled(
        reference="KSS-2026-014/tooling/1",
        deed=Deed(who="A & <B>", instead_of="C", what="x" * 300, at=moment),
        turn=Turn(role="owner", who="<!here>", deputies=("D",), until=moment),
        board="C0/1.2",
    )
    closed = recalled.model_copy(update={"outcome": "cured", "turn": None})
    return [
        saying.recorded("KSS-2026-014", 17, "y" * 300, recalled),
        saying.recorded("KSS-2026-014", 17, "y" * 300, closed),
        saying.done_before(),
        saying.pending(moment),
        saying.refused(ActionRefused(NASTY, NASTY), recalled),
        saying.stranger("KSS-2026-014", (("owner", NASTY[:90]),) * 40, recalled),
    ]


@pytest.mark.parametrize("said", answers(), ids=lambda said: str(said.title))
@pytest.mark.parametrize("link", [None, LINK])
def test_every_answer_is_within_limits_and_inert(said: saying.Said, link: str | None) -> None:
    """As the last page of a modal and as a message; the one link in it is our own."""
    shown(saying.view(said, link))
    message = saying.message(said, link)
    assert check_message({"channel": "C0123456789", **message}) == []
    assert acting(message) == []
