"""``holdfast slack-manifest``: the app that Slack is asked to create, with exactly our rights."""

from __future__ import annotations

from urllib.parse import urlsplit

from channels.slack_scopes import SCOPES
from ladders.errors import HoldfastError

INTERACTIONS = "/slack/interactions"
"""Where clicks come in over HTTP, below the public address."""

_MANIFEST = """\
# The Slack app of one Holdfast: at api.slack.com/apps, Create New App, From a manifest.
# Printed by holdfast slack-manifest{asked}.
display_information:
  name: Holdfast
  description: Runs the escalation clauses of vendor contracts
  background_color: "#1f2a44"
features:
  app_home:
    home_tab_enabled: false
    messages_tab_enabled: true
    messages_tab_read_only_enabled: true
  bot_user:
    display_name: Holdfast
    always_online: true
oauth_config:
  scopes:
    bot:
{scopes}
settings:
  interactivity:
    is_enabled: true
{receiving}
  org_deploy_enabled: false
  token_rotation_enabled: false
"""
_SOCKET = """\
  # Clicks come in by Socket Mode: no public address is needed. For HTTP, print it with --url.
  socket_mode_enabled: true"""
_HTTP = """\
    request_url: "{url}"
  socket_mode_enabled: false"""


class NotAPublicAddress(HoldfastError):
    """An address to which Slack would send nothing."""


def manifest(public_url: str | None = None) -> str:
    """The manifest as YAML: for Socket Mode, or for clicks sent to ``public_url`` over HTTP.

    Raises NotAPublicAddress.
    """
    asked, receiving = "", _SOCKET
    if public_url is not None:
        asked, receiving = f" --url {public_url}", _HTTP.format(url=_endpoint(public_url))
    scopes = "\n".join(f"      - {scope}" for scope in sorted(SCOPES))
    return _MANIFEST.format(asked=asked, scopes=scopes, receiving=receiving)


def _endpoint(public_url: str) -> str:
    """Where below an address clicks come in. Raises NotAPublicAddress."""
    parts = urlsplit(public_url)
    odd = parts.query or parts.fragment or set(public_url) & set(" \"'\\\n")
    if parts.scheme != "https" or not parts.hostname or odd:
        what = f"{public_url!r} is no address to which Slack sends clicks"
        raise NotAPublicAddress(what, "name it as in --url https://holdfast.example.com")
    return f"{public_url.rstrip('/')}{INTERACTIONS}"
