"""Text and identities that must never enter the chain as they are (laws 17 to 19).

Every string a person may type freely is a :class:`Prose`, every reference to a person a
:class:`PersonRef`. Being types, they can be found wherever they stand in a model and replaced
as a whole: prose by a salted commitment, an e-mail address by a pseudonym.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")

_SEALED = re.compile(r"sealed:[0-9a-f]{64}")


class _Text(str):
    """A string subclass that survives validation and JSON."""

    __slots__ = ()
    max_length: ClassVar[int] = 2000
    min_length: ClassVar[int] = 1

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate as a bounded string, keep the type."""
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(min_length=cls.min_length, max_length=cls.max_length)
        )


class Prose(_Text):
    """Free text: a name, an address, a note, a clause. At most 2,000 characters."""

    __slots__ = ()

    @property
    def is_sealed(self) -> bool:
        """Whether this is a commitment (``sealed:`` and a SHA-256) in place of the text."""
        return _SEALED.fullmatch(self) is not None


class Wording(Prose):
    """A whole message as it was worded. At most 20,000 characters."""

    __slots__ = ()
    max_length: ClassVar[int] = 20_000


class PersonRef(_Text):
    """A person: the e-mail address in a contract file, a pseudonym everywhere behind the desk."""

    __slots__ = ()
    max_length: ClassVar[int] = 254


def replace_leaves(value: T, kind: type[str], change: Callable[[str], str]) -> T:
    """Return ``value`` with every string of type ``kind`` in it passed through ``change``.

    Walks pydantic models, tuples, lists and mapping values (keys are identifiers and stay).
    """
    return cast("T", _replace(value, kind, change))


def leaves(value: object, kind: type[str]) -> list[str]:
    """Every string of type ``kind`` in ``value``, in the order the fields stand."""
    found: list[str] = []

    def note(leaf: str) -> str:
        found.append(leaf)
        return leaf

    replace_leaves(value, kind, note)
    return found


def _replace(value: object, kind: type[str], change: Callable[[str], str]) -> object:
    if isinstance(value, kind):
        return type(value)(change(value))
    if isinstance(value, BaseModel):
        update = {
            name: _replace(getattr(value, name), kind, change) for name in type(value).model_fields
        }
        return value.model_copy(update=update)
    if isinstance(value, tuple | list):
        return type(value)(_replace(item, kind, change) for item in value)
    if isinstance(value, Mapping):
        return {key: _replace(item, kind, change) for key, item in value.items()}
    return value
