"""Rendering a digest: from its facts to a subject, a text and its passages."""

from __future__ import annotations

from functools import cache

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.digest_facts import DigestFacts, PortfolioFacts
from channels.facts import Moment, spoken
from channels.inert import one_line
from channels.marking import mark, plain
from channels.rendering import TEMPLATES
from ladders.prose import replace_leaves
from ladders.values import Value


class DigestWording(Value):
    """A one-line subject, a plain text, and its paragraphs with their instants marked."""

    subject: str
    text: str
    passages: tuple[str, ...]


def word(facts: DigestFacts | PortfolioFacts) -> DigestWording:
    """Word a digest; every text among the facts is made inert first."""
    folder = "portfolio" if isinstance(facts, PortfolioFacts) else "digest"
    inert = replace_leaves(facts, str, one_line)
    subject, text = (
        _environment().get_template(f"{folder}/{part}.j2").render(facts=inert)
        for part in ("subject", "text")
    )
    paragraphs = (paragraph.strip("\n") for paragraph in text.split("\n\n"))
    passages = tuple(paragraph for paragraph in paragraphs if paragraph)
    return DigestWording(
        subject=one_line(plain(subject)), text=plain("\n\n".join(passages)), passages=passages
    )


def _said(value: object) -> object:
    return mark(value.at, str(value)) if isinstance(value, Moment) else value


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
    return environment
