"""Files that people attach: what an act brings is owed until an entry says what became of it."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ladders import entries as kinds
from ladders.contract import Attachment, Document
from ladders.entries import Entry
from ladders.errors import ActionRefused
from ladders.events import ActionName, Kept, Unkept
from ladders.folding import fold
from ladders.outbox import superseded
from ladders.prose import Prose
from tests.world import CARLA, MIRA, Case, pick

NAMES: tuple[ActionName, ...] = ("complete", "tender", "reject", "note", "withdraw")


def attachment(number: int) -> Attachment:
    """A file that lies somewhere else."""
    return Attachment(id=f"F{number}", name=Prose(f"photo {number}.jpg"), size=number)


def kept(act: str, number: int) -> Kept:
    """It came."""
    document = Document(name=Prose(f"photo {number}.jpg"), sha256=f"{number:064x}", size=number)
    return Kept(act=act, attachment=f"F{number}", document=document)


def unkept(act: str, number: int) -> Unkept:
    """It never will."""
    return Unkept(act=act, attachment=f"F{number}", problem="file_deleted")


def missed() -> Case:
    """A ladder on its first rung after the miss."""
    case = Case()
    case.pass_days(15)
    assert case.state.current is not None
    return case


def test_what_an_act_brings_is_owed_to_whoever_brought_it() -> None:
    """With the deed, with the tender, with a note."""
    case = missed()
    case.act("complete", key="done", attached=(attachment(1), attachment(2)))
    case.act("tender", key="offered", delivered=date(2026, 10, 5), attached=(attachment(3),))
    case.act("note", CARLA, key="noted", note="see photo", attached=(attachment(4),))
    owed = [(each.act, each.by, each.file.id) for each in case.state.attached]
    assert owed == [
        ("done", MIRA, "F1"),
        ("done", MIRA, "F2"),
        ("offered", MIRA, "F3"),
        ("noted", CARLA, "F4"),
    ]


def test_a_file_that_came_is_owed_no_more() -> None:
    """Its entry has name, size and hash; a second report of it changes nothing."""
    case = missed()
    case.act("complete", key="done", attached=(attachment(1), attachment(2)))
    (entry,) = case.feed(kept("done", 2))
    assert isinstance(entry.body, kinds.EvidenceKept)
    assert entry.body.document == kept("done", 2).document
    assert [each.file.id for each in case.state.attached] == ["F1"]
    assert case.feed(kept("done", 2)) == []
    assert case.feed(unkept("done", 2)) == []


def test_a_file_that_is_gone_is_asked_for_again_even_after_the_close() -> None:
    """Of whoever attached it, in a message that nothing supersedes."""
    case = missed()
    case.act("tender", key="offered", delivered=date(2026, 10, 5), attached=(attachment(1),))
    case.act("accept", CARLA)
    (entry,) = case.feed(unkept("offered", 1))
    (told,) = [message for message in entry.body.tell if message.topic == "evidence"]
    assert (told.to, superseded(case.state, told)) == (MIRA, False)
    assert case.state.attached == ()


def test_a_report_of_what_nobody_attached_is_nothing() -> None:
    """Another act's file, or another file."""
    case = missed()
    case.act("complete", key="done", attached=(attachment(1),))
    assert case.feed(kept("other", 1)) == []
    assert case.feed(kept("done", 2)) == []


def test_no_clock_waits_for_a_file() -> None:
    """With a file owed all the while, a ladder takes the course it would have taken anyway."""
    without, owing = missed(), missed()
    without.act("complete", key="done")
    owing.act("complete", key="done", attached=(attachment(1),))
    expected = [(entry.key, entry.occurred_at) for entry in without.pass_days(150)]
    assert [(entry.key, entry.occurred_at) for entry in owing.pass_days(150)] == expected


ACTS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(st.integers(1, 4), max_size=3)), max_size=8
)
REPORTS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5), st.booleans()), max_size=30)


@settings(max_examples=150)
@given(acts=ACTS, reports=REPORTS)
def test_whatever_was_attached_ends_kept_or_missing_exactly_once(
    acts: list[tuple[ActionName, list[int]]], reports: list[tuple[int, int, bool]]
) -> None:
    """In whatever order reports come, however often, and of whatever was never attached."""
    case, attached = missed(), set[tuple[str, str]]()
    for number, (name, files) in enumerate(acts):
        who = CARLA if name in ("reject", "withdraw") else MIRA
        delivered = date(2026, 10, 5) if name == "tender" else None
        brought = tuple(map(attachment, files))
        try:
            case.act(
                name, who, key=f"act-{number}", note="x", delivered=delivered, attached=brought
            )
        except ActionRefused:
            continue
        if name in ("complete", "tender", "note"):
            attached |= {(f"act-{number}", file.id) for file in brought}
        _report(case, reports[number::8])
    for owed in case.state.attached:
        case.feed(kept(owed.act, int(owed.file.id[1:])))
    assert case.state.attached == ()
    assert Counter(_outcomes(case.entries)) == Counter(attached)
    stored = [Entry.model_validate_json(e.model_dump_json(exclude_none=True)) for e in case.entries]
    assert fold(stored) == case.state


def _report(case: Case, reports: list[tuple[int, int, bool]]) -> None:
    for act, number, came in reports:
        case.feed((kept if came else unkept)(f"act-{act}", number))


def _outcomes(entries: list[Entry]) -> list[tuple[str, str]]:
    """Which files entries say are kept or missing, by act and id."""
    came = [(body.act, body.attachment) for _, body in pick(entries, kinds.EvidenceKept)]
    lost = [(body.act, body.attachment.id) for _, body in pick(entries, kinds.EvidenceMissing)]
    return came + lost
