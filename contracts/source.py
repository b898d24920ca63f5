"""YAML text to nodes that know their place, read safely: plain data only, bounded in every way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MAX_BYTES = 1024 * 1024
"""The largest file that is read."""

_MAX_DEPTH = 32
_MAX_NODES = 20_000
_LONGEST_WORDS = 300


class Place(NamedTuple):
    """Where something stands: file, line and column (both from 1), and the path of its field."""

    file: str
    line: int
    column: int
    field: str


class Problem(NamedTuple):
    """Something to put right in a file. Sorting problems sorts them by place."""

    file: str
    line: int
    column: int
    field: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """One line, in the form editors and terminals can jump to."""
        field = f" {self.field}:" if self.field else ""
        return f"{self.file}:{self.line}:{self.column}:{field} {self.what}; {self.remedy}"


def problem(place: Place, what: str, remedy: str) -> Problem:
    """A problem at ``place``; very long words in it are cut, and control characters shown."""
    file, line, column, field = place
    return Problem(file, line, column, *(_tamed(words) for words in (field, what, remedy)))


def _tamed(words: str) -> str:
    if len(words) > _LONGEST_WORDS:
        half = _LONGEST_WORDS // 2
        words = f"{words[:half]} … {words[-half:]}"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: its text exactly as written, and what YAML 1.2 takes it for."""

    place: Place
    text: str
    kind: Literal["text", "number", "truth value", "nothing"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping: its values and the places of its keys."""

    place: Place
    entries: Mapping[str, Node]
    keys: Mapping[str, Place]


Node: TypeAlias = Scalar | Sequence | Fields


class _Refused(Exception):
    """The text cannot be read on from here."""

    def __init__(self, found: Problem) -> None:
        super().__init__(str(found))
        self.problem = found


def parse(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document; ``file`` is the name problems carry.

    The node is None where the text could not be read to its end; the last problem then says why.
    Of a key said twice the first is kept, and the second reported.
    """
    composer = _Composer(text, file)
    try:
        return composer.document(), composer.problems
    except _Refused as refused:
        return None, [*composer.problems, refused.problem]
    except MarkedYAMLError as error:
        return None, [*composer.problems, _syntax_problem(error, file)]
    except YAMLError as error:
        return None, [*composer.problems, _character_problem(error, text, file)]


def _syntax_problem(error: MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    words = ", ".join(str(part) for part in (error.context, error.problem) if part)
    return problem(
        Place(file, mark.line + 1, mark.column + 1, ""),
        f"not valid YAML: {words}",
        "check the indentation, colons and quotes here and on the line before",
    )


def _character_problem(error: YAMLError, text: str, file: str) -> Problem:
    position = int(getattr(error, "position", 0))
    return problem(
        place_of(text[:position], file),
        "a control character stands here, which YAML does not allow",
        "delete it",
    )


def place_of(before: str, file: str) -> Place:
    """The place right after the text ``before``."""
    line = before.count("\n") + 1
    return Place(file, line, len(before) - (before.rfind("\n") + 1) + 1, "")


_NOTHING = re.compile(r"~|null|Null|NULL|")
_TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
_NUMBER = re.compile(
    r"0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


def _kind(event: ScalarEvent) -> Literal["text", "number", "truth value", "nothing"]:
    if event.style is not None:
        return "text"
    if _NOTHING.fullmatch(event.value):
        return "nothing"
    if _TRUTH.fullmatch(event.value):
        return "truth value"
    return "number" if _NUMBER.fullmatch(event.value) else "text"


class _Composer:
    """Turns the parser's events into nodes, and stops where they could do harm."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self._nodes = 0

    def document(self) -> Node:
        next(self._events)  # the stream's start
        if not isinstance(next(self._events), DocumentStartEvent):
            nothing = problem(
                Place(self.file, 1, 1, ""), "the file is empty", "write a contract into it"
            )
            raise _Refused(nothing)
        node = self._node(next(self._events), "", None, 0)
        next(self._events)  # the document's end
        after = next(self._events)
        if isinstance(after, DocumentStartEvent):
            self._refuse(after, "", "a second document begins here", "put it into its own file")
        return node

    def _refuse(self, event: Any, field: str, what: str, remedy: str) -> None:
        raise _Refused(problem(self._place(event, field), what, remedy))

    def _place(self, event: Any, field: str) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1, field)

    def _node(self, event: Any, field: str, key: Place | None, depth: int) -> Node:
        self._guard(event, field, depth)
        place = self._place(event, field)
        if isinstance(event, ScalarEvent):
            kind = _kind(event)
            return Scalar(key if key and kind == "nothing" else place, event.value, kind)
        if isinstance(event, SequenceStartEvent):
            return Sequence(place, tuple(self._items(field, depth)))
        return self._fields(place, field, depth)

    def _guard(self, event: Any, field: str, depth: int) -> None:
        self._nodes += 1
        if isinstance(event, AliasEvent):
            what = f"the alias *{event.anchor} refers to another place"
            self._refuse(event, field, what, "write the value out, or share it in house.yaml")
        if event.tag is not None:
            what = f"the tag {event.tag} asks for more than plain data"
            self._refuse(event, field, what, "remove it")
        if depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            what = f"more than {_MAX_DEPTH} levels or {_MAX_NODES} values"
            self._refuse(event, field, what, "a contract needs far less; split the file")

    def _items(self, field: str, depth: int) -> Iterator[Node]:
        index = 0
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event, f"{field}[{index}]", None, depth + 1)
            index += 1

    def _fields(self, place: Place, field: str, depth: int) -> Fields:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            name, key = self._key(event, field)
            node = self._node(next(self._events), key.field, key, depth + 1)
            if name in entries:
                what = f"{name!r} is said twice, first on line {keys[name].line}"
                self.problems.append(problem(key, what, "keep one of them"))
            else:
                entries[name], keys[name] = node, key
        return Fields(place, entries, keys)

    def _key(self, event: Any, field: str) -> tuple[str, Place]:
        if not isinstance(event, ScalarEvent) or event.tag is not None:
            self._refuse(event, field, "a key must be a plain word", "write 'field: value'")
        place = self._place(event, f"{field}.{event.value}" if field else event.value)
        return event.value, place
