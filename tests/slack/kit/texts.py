"""Rich text: sections, lists, quotes and preformatted text, and the elements within."""

from __future__ import annotations

from tests.slack.kit.checks import array, boolean, by_type, choice, integer, record, string, typed
from tests.slack.kit.parts import URL

_STYLE = record(dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_MENTION_STYLE = record(
    dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), boolean)
)
_ID = string(20, 2, r"[A-Z0-9]+")

_INLINE = by_type(
    {
        **typed("text", {"text": string(3000, 1), "style": _STYLE}, ("text",)),
        **typed(
            "link",
            {"url": URL, "text": string(3000, 1), "unsafe": boolean, "style": _STYLE},
            ("url",),
        ),
        **typed("user", {"user_id": _ID, "style": _MENTION_STYLE}, ("user_id",)),
        **typed("channel", {"channel_id": _ID, "style": _MENTION_STYLE}, ("channel_id",)),
        **typed("usergroup", {"usergroup_id": _ID, "style": _MENTION_STYLE}, ("usergroup_id",)),
        **typed("broadcast", {"range": choice("here", "channel", "everyone")}, ("range",)),
        **typed("emoji", {"name": string(100, 1), "unicode": string(100, 1)}, ("name",)),
        **typed("color", {"value": string(20, 1)}, ("value",)),
        **typed(
            "date",
            {
                "timestamp": integer(0, 10**10 - 1),
                "format": string(300, 1),
                "url": URL,
                "fallback": string(300, 1),
                "style": _STYLE,
            },
            ("timestamp", "format"),
        ),
    }
)
_LINE = array(_INLINE, 0, 1000)
_BORDER = {"border": integer(0, 1)}

_SECTION = typed("rich_text_section", {"elements": _LINE}, ("elements",))
_PARTS = {
    **_SECTION,
    **typed(
        "rich_text_list",
        {
            "style": choice("bullet", "ordered"),
            "elements": array(by_type(_SECTION), 1, 1000),
            "indent": integer(0, 8),
            "offset": integer(0, 10**6),
            **_BORDER,
        },
        ("style", "elements"),
    ),
    **typed("rich_text_quote", {"elements": _LINE, **_BORDER}, ("elements",)),
    **typed(
        "rich_text_preformatted",
        {"elements": _LINE, "language": string(40, 1), **_BORDER},
        ("elements",),
    ),
}

RICH_TEXT = typed(
    "rich_text",
    {"block_id": string(255, 1), "elements": array(by_type(_PARTS), 1, 1000)},
    ("elements",),
)
