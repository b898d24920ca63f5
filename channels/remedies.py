"""What mends each lasting refusal of a channel, for whoever operates Holdfast."""

from __future__ import annotations

from fnmatch import fnmatchcase

_RENEW = "put a valid bot token into the file that HOLDFAST_SLACK_TOKEN_FILE names, and start anew"
_REINSTALL = "install the app again from the manifest (holdfast slack-manifest), and allow it all"
_MAIL = "correct HOLDFAST_SMTP_*; holdfast doctor asks the mail server"
_BUG = "report the code to whoever maintains Holdfast; the message itself is tried again"

REMEDIES: dict[str, str] = {
    "unreachable": "Slack has been out of reach for an hour; it is tried again by itself",
    "mail_unreachable": (
        "the mail server does not take the mail for now; it is tried again by itself every hour"
    ),
    "not_in_channel": "invite the bot into the channel: /invite @Holdfast",
    "channel_not_found": (
        "correct slack_channel (holdfast amend); if the channel is private, invite the bot first"
    ),
    "is_archived": "unarchive the channel, or name another one (holdfast amend)",
    "channel_shared_with_outsiders": (
        "name a channel that no other company reads (holdfast amend); nothing is posted in this one"
    ),
    "no_room": "name a slack_channel in the house file (holdfast amend)",
    "no_slack_identity": (
        "correct the person's address, or give their member id with 'slack' (holdfast amend)"
    ),
    "user_not_found": "the person has left Slack: holdfast reassign puts somebody in their place",
    "user_disabled": "the person has left Slack: holdfast reassign puts somebody in their place",
    "invalid_auth": _RENEW,
    "not_authed": _RENEW,
    "account_inactive": _REINSTALL,
    "token_*": _RENEW,
    "missing_scope": _REINSTALL,
    "restricted_action*": "let the app post there: an owner of the workspace restricts who may",
    "message_limit_exceeded": "the workspace has used up its messages: its plan must allow more",
    "invalid_blocks*": _BUG,
    "msg_*": _BUG,
    "metadata_*": _BUG,
    "no_text": _BUG,
    "smtp_*": _MAIL,
    "bad_email_address": "correct the person's address in the house file (holdfast amend)",
    "no_email_address": "give the person an address in the house file (holdfast amend)",
    "no_link": "the person is on the roster no more: holdfast reassign says who follows",
    "unsendable": _BUG,
    "no_smtputf8": "the mail server takes no such address: give the person one in plain letters",
    "tls_refused": "the mail server's certificate is not trusted: check HOLDFAST_SMTP_HOST and TLS",
}
"""By the code of the refusal; the first that fits counts."""

_BY_MAIL: dict[str, str] = {
    "no_slack_identity": "Slack knows no member with this address",
    "user_not_found": "Slack has no such member any more",
    "user_disabled": "this member has left Slack",
    "unreachable": "Slack has been out of reach for an hour",
}

_OTHERWISE = "holdfast doctor looks at the workspace, the channels and the people"


def remedy(code: str) -> str:
    """What mends a refusal with this code."""
    found = (words for pattern, words in REMEDIES.items() if fnmatchcase(code, pattern))
    return next(found, _OTHERWISE)


def by_mail_because(code: str) -> str:
    """Why somebody is told by e-mail what Slack refused with this code, as a sentence for them."""
    return f"Sent by e-mail because {_BY_MAIL.get(code, f'Slack did not take it ({code})')}."
