"""Ports of the loopback: one that nobody else will be given before it is used."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port on which a listener may be started within the next minute.

    A connection that has ended there keeps it from being handed out to anybody else, while a
    listener that may reuse addresses can still take it (TIME-WAIT, RFC 9293, 3.6.1). Temporal's own
    server finds the ports that it needs inside in the same way.
    """
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)):
            accepted, _ = listener.accept()
            # Whoever closes first is the one that waits.
            accepted.close()
    return port
