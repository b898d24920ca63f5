"""One form only: whatever could be read in two ways, or was not written by us, is refused."""

from __future__ import annotations

import hashlib
import json
import typing
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ladders.entries import AnyBody, Entry, RungAcknowledged
from ladders.prose import Prose, replace_leaves
from ledger.errors import NotStorable, UnreadableHead
from ledger.lines import GENESIS, Head, read, write
from ledger.strict import NotCanonical, parse
from tests.ledger.chronicle import NOTHING, START, note, registration
from tests.world import Case

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=10,
)


def written(document: dict[str, Any]) -> str:
    """The canonical form, by the standard library."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@given(st.dictionaries(st.text(st.characters(codec="ascii")), PLAIN))
def test_both_writers_agree_on_the_profile(document: dict[str, Any]) -> None:
    """RFC 8785 and the standard library write the same bytes, and the parser takes them."""
    assert rfc8785.dumps(document).decode() == written(document)
    assert parse(written(document)) == document


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a":1,"a":2}', "twice"),
        ('{"b":1,"a":2}', "canonical"),
        ('{"a": 1}', "canonical"),
        ('{"a":1} ', "canonical"),
        ('{"a":1}\r', "canonical"),
        ('\ufeff{"a":1}', "not JSON"),
        ('{"a":"\\u0041"}', "canonical"),
        ('{"a":"\\u00e9"}', "canonical"),
        ('{"a":"\\ud800"}', "canonical"),
        ('{"a":"\\/"}', "canonical"),
        ('{"a":"\udc80"}', "UTF-8"),
        ('{"a":1.0}', "float"),
        ('{"a":1e3}', "float"),
        ('{"a":NaN}', "float"),
        ('{"a":-Infinity}', "float"),
        ('{"a":-0}', "canonical"),
        ('{"a":9007199254740992}', "2**53"),
        ('{"a":-9007199254740993}', "2**53"),
        ('{"a":' + "9" * 5000 + "}", "2**53"),
        ('{"é":1}', "ASCII"),
        ('{"a":1', "not JSON"),
        ("", "not JSON"),
        ("[1]", "object"),
        ('{"a":' + "[" * 40 + "]" * 40 + "}", "deeper"),
        ('{"a":' + "[" * 100_000, "deeper"),
        ('{"a":1}{"a":1}', "not JSON"),
    ],
)
def test_ambiguous_lines_are_refused(text: str, why: str) -> None:
    """Duplicate keys, other spacing, escapes, floats, big numbers, cut lines, deep nesting."""
    with pytest.raises(NotCanonical, match=why.replace("*", r"\*")):
        parse(text)


def changed(**change: object) -> str:
    """The line of a note with some fields replaced; None takes a field away."""
    line = write(note(2), seq=2, prev=GENESIS, recorded_at=START)
    document = parse(line.text) | change
    return written({name: value for name, value in document.items() if value is not None})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"v": 2}, "^v:"),
        ({"kind": "note.invented"}, "^body"),
        ({"kind": "climb.ended"}, "^body"),
        ({"extra": 1}, "^extra:"),
        ({"seq": 0}, "^seq:"),
        ({"seq": "2"}, "form"),
        ({"prev": "0" * 63}, "^prev:"),
        ({"key": None}, "^key:"),
        ({"via": "fax"}, "^via:"),
        ({"recorded_at": "2026-09-01T08:00:00+00:00"}, "form"),
        ({"recorded_at": "2026-09-01T08:00:00"}, "recorded_at"),
        ({"body": {"note": "x", "more": 1}}, "^body"),
        ({"contract": "no such form"}, "^contract:"),
    ],
)
def test_lines_of_another_form_are_refused(change: dict[str, object], why: str) -> None:
    """Unknown versions, kinds and fields, and times written otherwise, are no ledger's lines."""
    with pytest.raises(NotCanonical, match=why):
        read(changed(**change))


def test_a_refused_line_does_not_repeat_what_it_says() -> None:
    """The reason names the field, never its value: that may be a name."""
    with pytest.raises(NotCanonical) as refusal:
        read(changed(contract="Mira Holm"))
    assert "Mira" not in str(refusal.value)


def test_the_format_is_this() -> None:
    """The first format, spelled out: histories and audits depend on every byte of it."""
    entry = note(2, stream="tooling/1")
    line = write(entry, seq=7, prev="ab" * 32, recorded_at=START)
    assert line.text == (
        '{"actor":"p-miraaaaa","after":"tooling/1:note:1","authenticated_by":"slack",'
        '"body":{"note":"sealed:' + "0" * 64 + '","tell":[]},"contract":"KSS-2026-014",'
        '"deemed_at":"2026-09-01T08:02:00Z","key":"tooling/1:note:2","kind":"note.added",'
        '"occurred_at":"2026-09-01T08:02:00Z","prev":"' + "ab" * 32 + '",'
        '"recorded_at":"2026-09-01T08:00:00Z","seq":7,"stream":"tooling/1","v":1,"via":"slack"}'
    )
    assert line.hash == hashlib.sha256(line.text.encode()).hexdigest()


def sealed(entry: Entry) -> Entry:
    """The entry with every text hidden."""
    return replace_leaves(entry, Prose, lambda _: NOTHING)


def test_whole_ladders_read_back() -> None:
    """A registration and every entry of a ladder that nobody answers survive the round trip."""
    case = Case(price="400000.50 EUR", damages="0.5% of 400000 EUR per started week, cap 5%")
    case.pass_days(130)
    for entry in map(sealed, [registration(), *case.entries]):
        assert write(entry, seq=1, prev=GENESIS, recorded_at=START).entry == entry


def test_a_required_field_is_never_empty() -> None:
    """Fields that are None are left out of a line, so none may be required on reading."""
    schema = TypeAdapter(AnyBody).json_schema()
    empty = [
        f"{name}.{field}"
        for name, model in schema["$defs"].items()
        for field in model.get("required", ())
        if {"type": "null"} in model["properties"][field].get("anyOf", ())
    ]
    assert empty == []
    assert RungAcknowledged(quiet_until=START).rung is None


def test_every_kind_has_one_name() -> None:
    """No two bodies share a kind, or reading would confuse them."""
    union = typing.get_args(typing.get_args(AnyBody)[0])
    kinds = [body.model_fields["kind"].default for body in union]
    assert len(kinds) == len(set(kinds)) > 20


def test_what_would_not_read_back_is_not_written() -> None:
    """A lone surrogate, forced in past the model, is refused before anything is hashed."""
    broken = note(1).model_copy(update={"key": "\ud800"})
    with pytest.raises(NotStorable):
        write(broken, seq=1, prev=GENESIS, recorded_at=START)


@given(st.integers(1, 10**15 - 1), st.binary(min_size=32, max_size=32))
def test_a_head_reads_back(seq: int, digest: bytes) -> None:
    """A head is printed as HASH@ENTRY and read from that."""
    head = Head(seq, digest.hex())
    assert Head.parse(str(head)) == head


@pytest.mark.parametrize("text", ["", "abc@1", "0" * 64, "0" * 64 + "@0", "0" * 64 + "@1x"])
def test_another_form_is_no_head(text: str) -> None:
    """Whatever is not HASH@ENTRY is refused, and the form is told."""
    with pytest.raises(UnreadableHead, match="64 hexadecimal digits"):
        Head.parse(text)
