"""Rendering: from a topic and its facts to a subject and a text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.inert import clip, one_line
from channels.marking import link, plain
from channels.moments import Moment, spoken
from channels.telling import localised
from ladders.prose import replace_leaves
from ladders.values import Value

TEMPLATES = Path(__file__).parent / "templates"
"""A folder per kind of message, and in each the templates of a subject and of a text."""

LONGEST_FACT = 2_000
"""Characters of any one text among the facts; what is longer is cut, visibly."""

_GAPS = re.compile(r"\n{3,}")


class Wording(Value):
    """What a message says: a one-line subject, and a plain text without markup.

    ``passages`` are the paragraphs of the text, with its instants marked (:mod:`channels.marking`).
    """

    subject: str
    text: str
    passages: tuple[str, ...]


def render(template: str, facts: Value) -> Wording:
    """Word a message by the templates in the folder ``template``.

    The same facts always give the same words. Every text among the facts is made inert first: it
    can neither run, nor forge a line, nor reorder its surroundings. Raises jinja2.UndefinedError
    if a fact that the templates need is missing.
    """
    inert = replace_leaves(facts, str, _inert)
    subject, text = (_fill(f"{template}/{part}.j2", inert) for part in ("subject", "text"))
    # Passages that are left out leave the lines between them.
    text = _GAPS.sub("\n\n", text)
    paragraphs = (paragraph.strip("\n") for paragraph in text.split("\n\n"))
    return Wording(
        subject=one_line(plain(subject)),
        text=plain(text).strip("\n"),
        passages=tuple(paragraph for paragraph in paragraphs if paragraph),
    )


def _inert(text: str) -> str:
    return clip(one_line(text), LONGEST_FACT)


def _fill(name: str, facts: Value) -> str:
    return _environment().get_template(name).render(facts=facts)


def _said(value: object) -> object:
    return value.marked if isinstance(value, Moment) else value


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # plain text; each channel escapes what it must
        finalize=_said,
    )
    environment.filters["spoken"] = spoken
    environment.filters["localised"] = localised
    environment.filters["link"] = link
    return environment
