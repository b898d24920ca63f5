"""What Slack serves beside its API: answers to clicks at a response_url, and files."""

from __future__ import annotations

import json

from tests.slack import shapes
from tests.slack.api import Answer
from tests.slack.wording import kept_blocks
from tests.slack.workspace import Workspace
from tests.slack.world import BOT_USER, Ephemeral, Json, Posted, ResponseUrl, StoredFile

_SECONDS = 30 * 60
_USES = 5
_KEYS = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "mrkdwn",
        "parse",
        "metadata",
    }
)


def respond(workspace: Workspace, path: str, body: bytes) -> Answer:
    """Take the app's answer to a click."""
    with workspace.lock:
        entry = workspace.response_urls.get(path.rpartition("/")[2])
        if entry is None:
            return Answer("no_such_url", 404)
        if workspace.now() - entry.made_at > _SECONDS:
            return Answer("expired_url", 404)
        if entry.uses >= _USES:
            return Answer("used_url", 404)
        said = _read(body)
        if isinstance(said, Answer):
            return said
        entry.uses += 1
        _apply(workspace, entry, said)
        return Answer("ok")


def _read(body: bytes) -> Json | Answer:
    try:
        said = json.loads(body)
    except ValueError:
        return Answer("invalid_payload", 400)
    if not isinstance(said, dict) or said.keys() - _KEYS:
        return Answer("invalid_payload", 400)
    if said.get("delete_original"):
        return said
    if not said.get("text") and not said.get("blocks"):
        return Answer("no_text", 400)
    if shapes.check_blocks(said.get("blocks") or []):
        return Answer("invalid_blocks", 400)
    return said


def _apply(workspace: Workspace, entry: ResponseUrl, said: Json) -> None:
    original = workspace.message(entry.channel, entry.ts)
    text, blocks = said.get("text") or "", kept_blocks(said.get("blocks") or [])
    if said.get("delete_original") and original:
        workspace.messages.remove(original)
    elif said.get("replace_original") and original:
        original.former.append(original.text)
        original.text, original.blocks, original.edited = text, blocks, workspace.next_ts()
    elif said.get("response_type") == "in_channel":
        posted = Posted(entry.channel, workspace.next_ts(), BOT_USER, text, blocks, arguments=said)
        workspace.messages.append(posted)
    else:
        thread = said.get("thread_ts")
        told = Ephemeral(entry.channel, entry.user, text, blocks, "response_url", thread)
        workspace.ephemerals.append(told)


def download(workspace: Workspace, path: str, token: str) -> StoredFile | Answer:
    """A file. Without the right to it Slack answers with a page to sign in, not with an error."""
    with workspace.lock:
        file = workspace.files.get(path.split("/")[2].rpartition("-")[2])
        if token != workspace.token or "files:read" not in workspace.scopes:
            return Answer("<html><title>Sign in to Slack</title></html>")
        if file is None or file.deleted:
            return Answer("<html>not found</html>", 404)
        return file
