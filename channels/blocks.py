"""Blocks: a letter as Slack shows it, built through the SDK's models.

What a contract or a person says stands in rich-text elements and plain-text objects, where nothing
of it is parsed; in text objects the three characters that Slack reads as control are escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextQuoteElement,
    RichTextSectionElement,
    SectionBlock,
)

from channels.inert import clip, lines, one_line
from channels.marking import labelled, linked, pieces
from channels.message import Letter, Mark, Offer

ACTION_PREFIX = "holdfast."
"""What the action ids of all our buttons begin with; the action's name follows."""

LONGEST_UPDATE = 4_000
"""Characters, escaped, of the text of a message that is changed; Slack refuses more."""

_HEADER, _FIELD, _CONFIRM, _FOOTER, _PASSAGE = 150, 200, 300, 400, 2_500
_MOST_PASSAGES = 20
_LONGEST = 6_000
"""Characters in all passages. Slack publishes no limit for all blocks together, but has one."""
_MOST_FIELDS = 10
_LEAST = 80
_DATE_FORMAT = "{date_short_pretty} at {time}"
_BOARD = "The whole ladder, in its channel"
_Style = RichTextElementParts.TextStyle


def escaped(text: str) -> str:
    """``text`` with the characters escaped that Slack reads as control characters."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fitting(text: str, length: int) -> str:
    """``text``, cut visibly so that it is at most ``length`` characters long once escaped."""
    inert = lines(text)
    if len(escaped(inert)) <= length:
        return escaped(inert)
    kept, size = 0, 0
    room = length - len(" […]")
    for character in inert:
        size += len(escaped(character))
        if size > room:
            break
        kept += 1
    return f"{escaped(inert[:kept])} […]"


def plain(text: str, length: int) -> PlainTextObject:
    """A plain-text object: one line, escaped, at most ``length`` characters long."""
    return PlainTextObject(text=fitting(one_line(text), length), emoji=False)


def fallback(letter: Letter) -> str:
    """The letter in full sentences, for screen readers and notifications."""
    subject = f"{one_line(letter.subject)}\n\n" if letter.thread is None else ""
    return fitting(f"{subject}{letter.body}", LONGEST_UPDATE)


def blocks(letter: Letter, link: str | None = None) -> list[Block]:
    """The letter as blocks; ``link`` leads to the ladder's board."""
    built: list[Block] = []
    if letter.thread is None:
        built.append(HeaderBlock(text=plain(letter.subject, _HEADER)))
    built.append(_passages(letter))
    if letter.facts:
        fields = [plain(f"{name}: {value}", _FIELD) for name, value in letter.facts]
        built.append(SectionBlock(fields=list[Any](fields[:_MOST_FIELDS])))
    if letter.aside is not None:
        built.append(SectionBlock(text=plain(letter.aside, _PASSAGE)))
    if letter.offers:
        built.append(ActionsBlock(elements=[_button(offer) for offer in letter.offers]))
    if link is not None:
        built.append(_link(link))
    if letter.mark is not None:
        footer = ContextBlock(elements=[plain(footer_of(letter.mark), _FOOTER)])
        built.append(footer)
    return built


def as_json(built: list[Block]) -> list[dict[str, Any]]:
    """The blocks as the Web API takes them; raises SlackObjectFormationError beyond a limit."""
    return [block.to_dict() for block in built]


def footer_of(mark: Mark) -> str:
    """Where a message stands in the ledger; the head as ``holdfast verify --seen`` takes it."""
    return (
        f"{mark.reference} · entry {mark.seq} · head {mark.hash}@{mark.seq} · "
        f"previous {mark.prev[:16]}"
    )


def _passages(letter: Letter) -> RichTextBlock:
    elements: list[RichTextSectionElement | RichTextQuoteElement] = []
    room = _LONGEST
    for passage in letter.passages[:_MOST_PASSAGES]:
        words = clip(_joined(passage), max(min(_PASSAGE, room), _LEAST))
        room -= len(words)
        if passage.startswith("  "):
            elements.append(RichTextQuoteElement(elements=list(_parts(words))))
        else:
            elements.append(RichTextSectionElement(elements=list(_parts(f"{words}\n"))))
    return RichTextBlock(elements=list[Any](elements))


def _joined(passage: str) -> str:
    """A paragraph of the text as Slack shows it: its lines kept, their indent taken out."""
    return "\n".join(line.strip() for line in passage.split("\n"))


def _parts(words: str) -> Iterator[Any]:
    label, words = labelled(words)
    if label:
        yield RichTextElementParts.Text(text=label, style=_Style(bold=True))
    for piece, instant in pieces(words):
        for said, is_link in linked(piece):
            yield (
                RichTextElementParts.Link(url=said, text=_BOARD)
                if is_link
                else RichTextElementParts.Text(text=said)
            )
        if instant is not None:
            yield RichTextElementParts.Text(text=", your time ")
            yield RichTextElementParts.Date(
                timestamp=instant, format=_DATE_FORMAT, fallback=one_line(piece)
            )


def _button(offer: Offer) -> ButtonElement:
    return ButtonElement(
        text=plain(offer.label, 75),
        action_id=f"{ACTION_PREFIX}{offer.action}",
        value=str(offer.handle),
        style=offer.style,
        confirm=_confirm(offer),
    )


def _confirm(offer: Offer) -> ConfirmObject | None:
    if offer.confirm is None:
        return None
    style: Literal["danger", "primary"] = "danger" if offer.style == "danger" else "primary"
    return ConfirmObject(
        title=plain(f"{offer.label}?", 100),
        text=plain(offer.confirm, _CONFIRM),
        confirm=plain("Yes", 30),
        deny=plain("Cancel", 30),
        style=style,
    )


def _link(link: str) -> RichTextBlock:
    words = RichTextElementParts.Link(url=link, text=_BOARD)
    return RichTextBlock(elements=[RichTextSectionElement(elements=[words])])
