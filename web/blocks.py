"""Blocks: the pieces that modals and answers are built of, each within Slack's limits.

Running text is rich text, whose literal pieces Slack never reads as markup; everything else is
escaped plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import (
    FileInputElement,
    InputInteractiveElement,
    RichTextElement,
)

from channels.blocks import plain
from channels.inert import clip
from channels.marking import pieces
from ladders.prose import Prose

_LABEL, _OPTION, _HINT = 150, 75, 300
_MOST_OPTIONS, _MOST_RADIOS = 100, 10
_MOST_FILES = 10
_PARAGRAPH = 1500
_LOCAL = "{date_short_pretty} at {time}"


def paragraphs(texts: Iterable[str], link: tuple[str, str] | None = None) -> RichTextBlock:
    """Texts as paragraphs, their marked instants in the reader's own time too.

    ``link`` is an address with the words that lead there. The texts must be inert.
    """
    parts: list[RichTextElement] = []
    for text in texts:
        parts += [] if not parts else [RichTextElementParts.Text(text="\n")]
        parts += _parts(text)
    if link is not None:
        url, words = link
        parts += [
            RichTextElementParts.Text(text="\n"),
            RichTextElementParts.Link(url=url, text=words),
        ]
    return RichTextBlock(elements=[RichTextSectionElement(elements=parts)])


def _parts(text: str) -> Iterator[RichTextElement]:
    left = _PARAGRAPH
    for words, at in pieces(text):
        shown = clip(words, max(left, len(words) if at else 5))
        yield RichTextElementParts.Text(text=shown)
        left = max(0, left - len(shown))
        if at is not None:
            yield RichTextElementParts.Text(text=", your time ")
            yield RichTextElementParts.Date(timestamp=at, format=_LOCAL, fallback=words)


def words_input(
    name: str, label: str, hint: str, *, needed: bool, lines: bool = True, most: int | None = None
) -> Block:
    """A field for words."""
    length = Prose.max_length if most is None else most
    element = PlainTextInputElement(action_id=name, multiline=lines, max_length=length)
    return _input(name, label, element, hint, needed=needed)


def day_input(name: str, label: str, hint: str, initial: date | None) -> Block:
    """A field for a day, which must be given."""
    shown = None if initial is None else initial.isoformat()
    element = DatePickerElement(action_id=name, initial_date=shown)
    return _input(name, label, element, hint, needed=True)


def files_input(name: str, label: str, hint: str) -> Block:
    """A field for files, which may stay empty."""
    element = FileInputElement(action_id=name, max_files=_MOST_FILES)
    return _input(name, label, element, hint, needed=False)


def option(value: str, text: str, meaning: str | None = None) -> Option:
    """A choice, and what it means."""
    described = None if meaning is None else plain(meaning, _OPTION)
    return Option(value=value, text=plain(text, _OPTION), description=described)


def choice_input(
    name: str, label: str, hint: str, options: Sequence[Option], initial: Option | None = None
) -> Block:
    """A field in which one of some is chosen: all in view where they are few."""
    element: InputInteractiveElement
    if len(options) <= _MOST_RADIOS:
        element = RadioButtonsElement(action_id=name, options=options, initial_option=initial)
    else:
        shown = options[:_MOST_OPTIONS]
        element = StaticSelectElement(action_id=name, options=shown, initial_option=initial)
    return _input(name, label, element, hint, needed=True)


def choices_input(
    name: str, label: str, hint: str, options: Sequence[Option], initial: Sequence[Option]
) -> Block:
    """A field in which any number may be chosen, of the first hundred."""
    element = StaticMultiSelectElement(
        action_id=name, options=options[:_MOST_OPTIONS], initial_options=initial or None
    )
    return _input(name, label, element, hint, needed=False)


def _input(
    name: str, label: str, element: InputInteractiveElement, hint: str, *, needed: bool
) -> Block:
    return InputBlock(
        block_id=name,
        label=plain(label, _LABEL),
        hint=plain(hint, _HINT) if hint else None,
        element=element,
        # Slack's own check is a courtesy; what is sent is checked again.
        optional=not needed,
    )
