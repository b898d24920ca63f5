"""What a field of a contract file may hold: how each kind is read, and how a schema describes it.

Reading a node gives its value, or None where it holds none; then every reason is in ``problems``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from pydantic import ValidationError

from contracts.source import Fields, Node, Place, Problem, Scalar, Sequence, problem
from contracts.words import Unreadable, prose, suggestion

Schema = dict[str, Any]


class Placed(NamedTuple):
    """A value and where it stands."""

    value: Any
    place: Place


class Kind(Protocol):
    """A kind of value."""

    def read(self, node: Node, problems: list[Problem]) -> Any:
        """The value, or None and at least one further problem."""

    def schema(self) -> Schema:
        """The JSON Schema of the values that can be read."""


def described(node: Node) -> str:
    """What a node holds, for a sentence."""
    if isinstance(node, Scalar):
        return "nothing" if node.kind == "nothing" else f"the {node.kind} {node.text}"
    return "a list" if isinstance(node, Sequence) else "a group of fields"


def _wrong(node: Node, needs: str, remedy: str) -> Problem:
    return problem(node.place, f"{described(node)} stands where {needs} is needed", remedy)


@dataclass(frozen=True)
class Text:
    """A single text that ``parse`` turns into a value, raising ValueError where it cannot."""

    parse: Callable[[str], Any]
    needs: str
    example: str
    pattern: str | None = None

    def read(self, node: Node, problems: list[Problem]) -> Any:
        """The parsed text; numbers and truth values are not taken for text unquoted."""
        if not isinstance(node, Scalar) or node.kind == "nothing":
            example = f"write for example {self.example}"
            problems.append(_wrong(node, self.needs, example))
        elif node.kind != "text":
            problems.append(_wrong(node, self.needs, f"put it in quotes if meant: '{node.text}'"))
        else:
            return self._parsed(node, problems)
        return None

    def _parsed(self, node: Scalar, problems: list[Problem]) -> Any:
        try:
            return self.parse(prose(node.text))
        except ValueError as error:
            problems.append(problem(node.place, *halves(error)))
            return None

    def schema(self) -> Schema:
        """A string, with its pattern where one can say it."""
        pattern = {"pattern": f"^({self.pattern})$"} if self.pattern else {"pattern": r"\S"}
        return {"type": "string", "maxLength": 2000, **pattern, "examples": [self.example]}


def halves(error: ValueError) -> tuple[str, str]:
    """What is wrong and what to do, out of the message of a parser."""
    if isinstance(error, Unreadable):
        return error.what, error.remedy
    first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    what, _, remedy = first.removeprefix("Value error, ").rpartition("; ")
    return (what, remedy) if what else (remedy, "correct it")


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def read(self, node: Node, problems: list[Problem]) -> str | None:
        """The word."""
        if isinstance(node, Scalar) and node.text in self.options:
            return node.text
        if isinstance(node, Scalar) and node.kind == "text":
            what, remedy = f"{node.text!r} is not one of the choices", "write"
        else:
            what, remedy = f"{described(node)} stands where a choice is needed", "write"
        words = " or ".join(repr(option) for option in self.options)
        problems.append(problem(node.place, what, f"{remedy} {words}"))
        return None

    def schema(self) -> Schema:
        """The words."""
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class Whole:
    """A whole number from ``least`` to ``most``."""

    least: int
    most: int

    def read(self, node: Node, problems: list[Problem]) -> int | None:
        """The number."""
        words = node.text if isinstance(node, Scalar) and node.kind == "number" else ""
        digits = words.removeprefix("-").removeprefix("+")
        if digits.isdecimal() and len(digits) < len(str(2**31)):
            number = int(words)
            if self.least <= number <= self.most:
                return number
        needs = f"a whole number from {self.least} to {self.most}"
        problems.append(_wrong(node, needs, "write such a number, without quotes"))
        return None

    def schema(self) -> Schema:
        """The range."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Several:
    """A list of values of one kind."""

    kind: Kind
    at_least: int = 0

    def read(self, node: Node, problems: list[Problem]) -> tuple[Placed, ...] | None:
        """The values that could be read, each with its place."""
        if not isinstance(node, Sequence):
            problems.append(_wrong(node, "a list", "begin each item with '- '"))
            return None
        if len(node.items) < self.at_least:
            problems.append(problem(node.place, "the list is empty", "name at least one"))
            return None
        found = ((self.kind.read(item, problems), item.place) for item in node.items)
        return tuple(Placed(value, place) for value, place in found if value is not None)

    def schema(self) -> Schema:
        """An array."""
        least = {"minItems": self.at_least} if self.at_least else {}
        return {"type": "array", "items": self.kind.schema(), **least}


@dataclass(frozen=True)
class Named:
    """A mapping from names, each read by ``key``, to values of one kind."""

    key: Text
    kind: Kind

    def read(self, node: Node, problems: list[Problem]) -> Mapping[str, Placed] | None:
        """The values that could be read, by name."""
        if not isinstance(node, Fields):
            problems.append(_wrong(node, "a group of 'name: value'", "write one line for each"))
            return None
        found = {
            name: Placed(self.kind.read(item, problems), item.place)
            for name, item in node.entries.items()
            if self.key.read(Scalar(node.keys[name], name, "text"), problems) is not None
        }
        return {name: placed for name, placed in found.items() if placed.value is not None}

    def schema(self) -> Schema:
        """An object with any property name that fits."""
        names = {"pattern": f"^{self.key.pattern}$"}
        return {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": self.kind.schema(),
        }


def inside(node: Fields, name: str) -> Place:
    """Where a field that is missing should be: at the group itself, under the field's path."""
    path = node.place.field
    return node.place._replace(field=f"{path}.{name}" if path else name)


class Field(NamedTuple):
    """A field of a form: the kind of its value, what an editor says of it, whether it must be."""

    kind: Kind
    describe: str
    required: bool = False


@dataclass(frozen=True)
class Sheet:
    """A form as somebody filled it in: the values that could be read, and where all stands."""

    node: Fields
    values: Mapping[str, Any]
    is_clean: bool
    """Whether everything in it could be read."""

    def get(self, name: str) -> Any:
        """The value of a field; None where it is missing or cannot be read."""
        return self.values.get(name)

    def says(self, name: str) -> bool:
        """Whether the field is there, readable or not."""
        return name in self.node.entries

    def place(self, name: str) -> Place:
        """Where the field's value stands; of a missing field, where it should be."""
        node = self.node.entries.get(name)
        return node.place if node else inside(self.node, name)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the fields that have a value."""
        return {name: self.values[name] for name in names if name in self.values}


@dataclass(frozen=True)
class Form:
    """A group of fields."""

    title: str
    fields: Mapping[str, Field]

    def read(self, node: Node, problems: list[Problem]) -> Sheet | None:
        """The fields that could be read; unknown and missing ones are problems."""
        if not isinstance(node, Fields):
            problems.append(_wrong(node, f"{self.title} with its fields", "write 'field: value'"))
            return None
        before, values = len(problems), {}
        for name, item in node.entries.items():
            if (field := self.fields.get(name)) is None:
                problems.append(self._unknown(name, node.keys[name]))
            elif (value := field.kind.read(item, problems)) is not None:
                values[name] = value
        problems.extend(self._absent(node))
        return Sheet(node, values, is_clean=len(problems) == before)

    def _absent(self, node: Fields) -> Iterator[Problem]:
        for name, field in self.fields.items():
            if field.required and name not in node.entries:
                what = f"{self.title} has no {name!r}"
                yield problem(inside(node, name), what, f"add it: {field.describe}")

    def _unknown(self, name: str, key: Place) -> Problem:
        what = f"{self.title} has no field {name!r}"
        return problem(key, what, suggestion(name, self.fields))

    def schema(self) -> Schema:
        """An object with exactly these properties."""
        required = [name for name, field in self.fields.items() if field.required]
        return {
            "type": "object",
            "properties": {
                name: {"description": field.describe, **field.kind.schema()}
                for name, field in self.fields.items()
            },
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class Either:
    """A short form of one line, or a long form with fields that ``build`` puts together."""

    short: Text
    long: Form
    build: Callable[[Sheet], Any]

    def read(self, node: Node, problems: list[Problem]) -> Any:
        """The value, whichever way it was written."""
        if not isinstance(node, Fields):
            return self.short.read(node, problems)
        sheet = self.long.read(node, problems)
        return self.build(sheet) if sheet and sheet.is_clean else None

    def schema(self) -> Schema:
        """Either of the two."""
        return {"anyOf": [self.short.schema(), self.long.schema()]}
