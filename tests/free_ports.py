"""Ports for the servers of tests: none that an outgoing connection may hold (Linux: `ip_local_port_range`)."""

import contextlib
import random
import socket


def free_port() -> int:
    """Return a port that nothing listens on, below those that the kernel lends to outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(10_240, 20_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
