"""Pages: HTML without scripts and without anything from elsewhere, kept by nobody on the way."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.responses import HTMLResponse, Response

_TEMPLATES = Path(__file__).parent / "templates"


def page(
    template: str, status: HTTPStatus, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    """The page that ``template`` makes of ``values``, all of which are escaped.

    Raises jinja2.UndefinedError if a value that the template needs is missing.
    """
    content = _environment().get_template(template).render(values)
    return HTMLResponse(content, status, headers={**(headers or {}), **_headers()})


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )


@cache
def _headers() -> dict[str, str]:
    style = _environment().get_template("style.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        # The address of the page is the right to answer: nobody else may learn it.
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex",
    }
