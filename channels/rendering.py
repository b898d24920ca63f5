"""Rendering: from a topic and its facts to a subject and a text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.facts import MessageFacts, spoken
from channels.inert import one_line
from ladders.entries import Topic
from ladders.prose import replace_leaves
from ladders.values import Value

TEMPLATES = Path(__file__).parent / "templates"
"""A folder per topic, and in each the templates of a subject and of a text."""


class Wording(Value):
    """What a message says: a one-line subject, and a plain text without markup."""

    subject: str
    text: str


def render(topic: Topic, facts: MessageFacts) -> Wording:
    """Word a message. The same facts always give the same words.

    Every text among the facts is made inert first: it can neither run, nor forge a line, nor
    reorder its surroundings. Raises jinja2.UndefinedError if a fact that the topic needs is
    missing.
    """
    inert = replace_leaves(facts, str, one_line)
    subject, text = (_fill(f"{topic}/{part}.j2", inert) for part in ("subject", "text"))
    return Wording(subject=one_line(subject), text=text.strip("\n"))


def _fill(name: str, facts: MessageFacts) -> str:
    return _environment().get_template(name).render(facts=facts)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # plain text; each channel escapes what it must
    )
    environment.filters["spoken"] = spoken
    return environment
