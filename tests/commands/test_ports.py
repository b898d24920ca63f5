"""Ports that are found free stay so until somebody listens there."""

from __future__ import annotations

import socket

import pytest

from commands.ports import LOOPBACK, free_port


def test_a_listener_may_take_it_and_the_system_hands_it_to_nobody() -> None:
    """Bound without saying that addresses may be reused, as for connections, it is not free."""
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((LOOPBACK, port))
    with socket.create_server((LOOPBACK, port)) as listener:
        assert listener.getsockname() == (LOOPBACK, port)


def test_nothing_listens_there() -> None:
    """Whoever calls is refused."""
    with socket.socket() as caller:
        assert caller.connect_ex((LOOPBACK, free_port())) != 0
