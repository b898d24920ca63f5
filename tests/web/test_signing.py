"""What is not Slack's is turned away with a 4xx, whatever it is; nothing of it does anything."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from channels.slack import slack_client
from desk.office import Office
from web.app import create_app
from web.receiving import dispatcher
from web.signing import Signatures
from web.slack import PATH, slack_route
from web.telling import LateNews, Teller

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105
NOWHERE = "http://127.0.0.1:1/api/"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=8,
)


def signed(body: bytes, at: float = NOW.timestamp(), secret: str = SECRET) -> dict[str, str]:
    """The headers of a body that is signed at an instant."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


def form(payload: object) -> bytes:
    """A payload as Slack sends it."""
    return urlencode({"payload": json.dumps(payload)}).encode()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A ledger of which nothing is asked."""
    folder: Path = tmp_path_factory.mktemp("signing")
    opened = Office.open(f"sqlite:///{folder / 'ledger.sqlite'}", lambda: NOW)
    yield opened
    opened.close()


@asynccontextmanager
async def receiver(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """The route, behind which neither Temporal nor Slack can be reached."""
    temporal = await Client.connect(
        "127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter
    )
    late = LateNews(office, Teller(slack_client("xoxb-none", NOWHERE)))
    clicks = dispatcher(temporal, office, late)
    app = create_app([slack_route(clicks, Signatures(SECRET, lambda: NOW))])
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
        yield client
    await clicks.finish()


def post(office: Office, body: bytes, headers: dict[bytes, bytes]) -> int:
    """The status that a request is answered with."""

    async def ask() -> int:
        async with receiver(office) as client:
            answer = await client.post(PATH, content=body, headers=list(headers.items()))
            return answer.status_code

    return asyncio.run(ask())


def encoded(headers: dict[str, str]) -> dict[bytes, bytes]:
    """Headers as they travel."""
    return {name.encode(): value.encode() for name, value in headers.items()}


@pytest.mark.parametrize(("late", "status"), [(0, None), (300, None), (301, 401), (-301, 401)])
def test_a_request_is_good_for_five_minutes_either_way(late: int, status: int | None) -> None:
    """Clocks differ, and replays come late."""
    body = form({"type": "other"})
    headers = signed(body, NOW.timestamp() - late)
    assert Signatures(SECRET, lambda: NOW).fault(headers, body) == status


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"x-slack-signature": "v0=" + "0" * 64}, 401),
        ({"x-slack-signature": "v0=" + "é" * 64}, 400),
        ({"x-slack-signature": "v1=" + "0" * 64}, 400),
        ({"x-slack-signature": ""}, 400),
        ({"x-slack-request-timestamp": ""}, 400),
        ({"x-slack-request-timestamp": "soon"}, 400),
        ({"x-slack-request-timestamp": "1e9"}, 400),
        ({"x-slack-request-timestamp": "١٢٣"}, 400),
        ({"x-slack-request-timestamp": "9" * 5000}, 400),
        ({"x-slack-request-timestamp": "0"}, 401),
    ],
)
def test_headers_that_were_tampered_with_are_turned_away(
    changed: dict[str, str], status: int
) -> None:
    """No exception of the verifier's gets out."""
    body = form({"type": "other"})
    signatures = Signatures(SECRET, lambda: NOW)
    assert signatures.fault({**signed(body), **changed}, body) == status
    assert signatures.fault({}, body) == 400
    assert signatures.fault(signed(b"\xff"), b"\xff") == 401


def test_another_secret_or_another_body_is_turned_away() -> None:
    """Both are what a signature is for."""
    body = form({"type": "other"})
    signatures = Signatures(SECRET, lambda: NOW)
    assert signatures.fault(signed(body, secret="another"), body) == 401  # noqa: S106
    assert signatures.fault(signed(body), body + b" ") == 401


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(
        st.sampled_from([b"x-slack-signature", b"x-slack-request-timestamp", b"content-type"]),
        st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n\0")),
    ),
)
def test_no_headers_and_no_body_ever_make_it_fail(
    office: Office, body: bytes, headers: dict[bytes, bytes]
) -> None:
    """Whatever comes unsigned is answered with a 4xx."""
    assert 400 <= post(office, body, headers) < 500


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(payload=JSON)
def test_no_signed_payload_of_any_form_makes_it_fail(office: Office, payload: object) -> None:
    """Of an unknown kind it is let pass, of no form it is refused; it is never a 500."""
    body = form(payload)
    expected = {200} if isinstance(payload, dict) else {400}
    assert post(office, body, encoded(signed(body))) in expected


KINDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["block_actions", "view_submission", "view_closed"])},
    optional=dict.fromkeys(
        ("user", "team", "container", "actions", "view", "trigger_id", "response_url"), JSON
    ),
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(payload=KINDS)
def test_no_payload_of_a_known_kind_makes_it_fail(office: Office, payload: dict[str, Any]) -> None:
    """Whatever is malformed in it is a 400."""
    body = form(payload)
    assert post(office, body, encoded(signed(body))) in {200, 400}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"payload=", b"payload=%7B", b"payload=[1]", b"payload=1&payload=2", b"other=1",
        b"payload=" + b"[" * 100_000, b"&".join([b"a=1"] * 2000), b"payload=%FF",
    ],
)  # fmt: skip
def test_a_signed_body_without_a_payload_is_malformed(office: Office, body: bytes) -> None:
    """Each is a 400, and none of them takes long."""
    assert post(office, body, encoded(signed(body))) == 400


def test_a_body_is_bounded(office: Office) -> None:
    """More than a mebibyte is not read, signed or not."""
    body = b"payload=" + b"x" * (1024 * 1024)
    assert post(office, body, encoded(signed(body))) == 413


def test_only_posts_are_taken(office: Office) -> None:
    """Somebody who opens the address in a browser changes nothing."""

    async def ask() -> int:
        async with receiver(office) as client:
            return (await client.get(PATH)).status_code

    assert asyncio.run(ask()) == 405
