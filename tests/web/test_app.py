"""The application and its server, without a desk behind them."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from web.app import create_app
from web.bodies import read_body
from web.serving import CannotListen, listening


async def _echo(request: Request) -> Response:
    return PlainTextResponse(await read_body(request, 10))


async def _break(_request: Request) -> Response:
    message = "a mistake of this program"
    raise RuntimeError(message)


ROUTES = [Route("/echo", _echo, methods=["POST"]), Route("/break", _break)]


@asynccontextmanager
async def browsing() -> AsyncIterator[httpx.AsyncClient]:
    """A client before the application on a free port."""
    async with (
        listening(create_app(ROUTES), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        yield http


async def test_a_sign_of_life_tells_nothing_else() -> None:
    """It is for probes, and kept by nobody."""
    async with browsing() as http:
        answer = await http.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/", 404, "There is no such page"),
        ("GET", "/healthz/", 404, "There is no such page"),
        ("PUT", "/healthz", 405, "cannot be used so"),
        ("POST", "/break", 405, "cannot be used so"),
    ],
)
async def test_what_is_not_there_has_a_page_that_says_what_to_do(
    method: str, path: str, status: int, words: str
) -> None:
    """A person may have come there by a broken link."""
    async with browsing() as http:
        answer = await http.request(method, path)
    assert answer.status_code == status
    assert words in answer.text
    assert "Open the link in the message" in answer.text or "open the link" in answer.text


async def test_pages_run_nothing_load_nothing_and_leave_nothing_behind() -> None:
    """No script, nothing from elsewhere, no cache, no frame; and addresses are told to nobody."""
    async with browsing() as http:
        answer = await http.get("/nowhere")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in answer.text
    assert "http" not in answer.text


async def test_a_body_is_bounded_however_it_comes() -> None:
    """By its stated length or in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"12345"
        yield b"678901"

    async with browsing() as http:
        assert (await http.post("/echo", content=b"1234567890")).text == "1234567890"
        assert (await http.post("/echo", content=b"12345678901")).status_code == 413
        assert (await http.post("/echo", content=pieces())).status_code == 413


async def test_a_mistake_of_ours_is_logged_and_shown_as_such(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without a word of what went wrong inside."""
    async with browsing() as http:
        answer = await http.get("/break")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "mistake of this program" not in answer.text
    assert "RuntimeError" in caplog.text


async def test_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An address is the right to answer."""
    with caplog.at_level(logging.DEBUG, logger="uvicorn"):
        async with browsing() as http:
            await http.get("/answer/a-token")
            await http.get("/break?a-token")
    assert "a-token" not in "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")
    )


async def test_whoever_is_being_served_at_the_end_is_served() -> None:
    """Within bounds; and then the port is free."""
    reached, finish = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        reached.set()
        await finish.wait()
        return PlainTextResponse("done")

    async with httpx.AsyncClient(trust_env=False) as http:
        async with listening(create_app([Route("/", slow)]), "127.0.0.1", 0) as port:
            asked = asyncio.create_task(http.get(f"http://127.0.0.1:{port}/"))
            await reached.wait()
            asyncio.get_running_loop().call_later(0.2, finish.set)
        assert (await asked).text == "done"
    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_signals_stay_with_whoever_runs_the_loop() -> None:
    """The worker ends itself in its own order."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with browsing() as http:
        await http.get("/healthz")
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_a_port_that_is_taken_is_named() -> None:
    """With the settings that name another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=rf"port {port} .*HOLDFAST_WEB_PORT"):
            async with listening(create_app([]), "127.0.0.1", port):
                pass
