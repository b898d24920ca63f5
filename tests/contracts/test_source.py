"""Reading YAML: where everything stands, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.source import Fields, Place, Scalar, Sequence, parse


def test_every_node_knows_its_place() -> None:
    """A value's place is where it begins; an empty one's is its key's."""
    node, problems = parse("a: 1\nlist:\n  - x: 'y'\n    z:\n", "f.yaml")
    assert problems == []
    assert isinstance(node, Fields)
    assert node.keys["list"] == Place("f.yaml", 2, 1, "list")
    assert node.entries["a"] == Scalar(Place("f.yaml", 1, 4, "a"), "1", "number")
    items = node.entries["list"]
    assert isinstance(items, Sequence)
    (item,) = items.items
    assert item.place == Place("f.yaml", 3, 5, "list[0]")
    assert isinstance(item, Fields)
    assert item.entries["x"] == Scalar(Place("f.yaml", 3, 8, "list[0].x"), "y", "text")
    assert item.entries["z"] == Scalar(Place("f.yaml", 4, 5, "list[0].z"), "", "nothing")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no", "text"),
        ("2026-10-01", "text"),
        ("17:00", "text"),
        ("'1'", "text"),
        ("1", "number"),
        ("6.10", "number"),
        ("0x1f", "number"),
        ("1e3", "number"),
        ("True", "truth value"),
        ("~", "nothing"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, kind: str) -> None:
    """Neither ``no`` nor a time of day nor a date is anything but text."""
    node, _ = parse(text, "f.yaml")
    assert isinstance(node, Scalar)
    assert node.kind == kind


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", (1, 1), "the file is empty"),
        ("# only a comment\n", (1, 1), "the file is empty"),
        ("a: [1", (1, 6), "not valid YAML"),
        ("a: 1\n\tb: 2\n", (2, 1), "not valid YAML"),
        ("a: b: c", (1, 5), "not valid YAML"),
        ("ok: 1\na: \x07", (2, 4), "a control character"),
        ("a: &x 1\nb: *x\n", (2, 4), "the alias *x"),
        ("a: !!python/name:os.system x", (1, 4), "the tag"),
        ("a: 1\n---\nb: 2\n", (2, 1), "a second document"),
        ("? [a]\n: 1\n", (1, 3), "a key must be"),
        ("[" * 40 + "]" * 40, (1, 34), "more than 32 levels"),
        ("[" + "1," * 20_001 + "1]", (1, 40_000), "more than 32 levels or 20000 values"),
    ],
)
def test_what_is_not_plain_bounded_data_is_refused_in_place(
    text: str, place: tuple[int, int], what: str
) -> None:
    """Nothing harmful is followed, expanded or built, and the reason stands where it is."""
    node, problems = parse(text, "f.yaml")
    assert node is None
    assert problems[-1][1:3] == place
    assert problems[-1].what.startswith(what)


def test_a_key_said_twice_is_reported_and_reading_goes_on() -> None:
    """The first stands, the second is named with its place."""
    node, problems = parse("a: 1\nb: 2\na: 3\nb: 4\n", "f.yaml")
    assert isinstance(node, Fields)
    assert [p[1:4] for p in problems] == [(3, 1, "a"), (4, 1, "b")]
    assert "first on line 1" in problems[0].what


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_no_text_makes_reading_raise(text: str) -> None:
    """Whatever the text: a node, or at least one problem."""
    node, problems = parse(text, "f.yaml")
    assert node is not None or problems


@given(st.text(alphabet="{}[]:-,&*!|>'\"%@`?#\n\t ab1~"))
def test_no_punctuation_makes_reading_raise(text: str) -> None:
    """The same of YAML's own signs, in any order."""
    node, problems = parse(text, "f.yaml")
    assert node is not None or problems
    assert all(p.line > 0 and p.column > 0 for p in problems)
