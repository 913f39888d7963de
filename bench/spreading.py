"""Connections spread evenly over the processes that answer, however the kernel hands them out.

Workers share one listening socket, and whichever wakes first takes a connection: of sixteen, one may have eleven. So
connections are opened until each process has its share, and the others are closed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench.connection import Connection
from bench.installation import Installation
from bench.machine import family

_PROBE = b"GET /livez HTTP/1.1\r\nhost: bench\r\n\r\n"
_MOST_TRIES = 20
"""Connections opened for each that is wanted, before it is given up."""


@asynccontextmanager
async def spread(installation: Installation, connections: int) -> AsyncIterator[dict[int, list[Connection]]]:
    """Open connections, the same number to each process; by the process that holds them, closed afterwards.

    Rounded up, so that no process has fewer.
    """
    each = -(-connections // installation.processes)
    held: dict[int, list[Connection]] = {}
    surplus: list[Connection] = []
    try:
        for number in range(each * installation.processes * _MOST_TRIES):
            if is_even(held.values(), installation.processes, each):
                break
            port = installation.port(number)
            connection = await Connection.open("127.0.0.1", port)
            await connection.ask(_PROBE)  # answered: a process has taken it
            mine = held.setdefault(_holder(installation.pids, port, connection.port), [])
            (mine if len(mine) < each else surplus).append(connection)
        assert is_even(held.values(), installation.processes, each), {pid: len(mine) for pid, mine in held.items()}
        _close(surplus)
        yield held
    finally:
        _close(connection for mine in held.values() for connection in mine)
        _close(surplus)
        await asyncio.sleep(0)


def in_turn(held: Mapping[int, list[Connection]]) -> list[Connection]:
    """Return all connections, so that neighbours are held by different processes."""
    return [connection for turn in zip(*held.values(), strict=True) for connection in turn]


def is_even(held: Iterable[list[Connection]], processes: int, each: int) -> bool:
    """Tell whether so many processes hold so many connections each."""
    return [len(mine) for mine in held] == [each] * processes


def _close(connections: Iterable[Connection]) -> None:
    for connection in connections:
        connection.close()


def _holder(nodes: Iterable[int], port: int, peer: int) -> int:
    """Return the process of a node that has the server's end of a connection between these two ports."""
    name = f"socket:[{_inode(port, peer)}]"
    for pid in (each for node in nodes for each in family(node)):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if str(file.readlink()) == name:
                    return pid
            except FileNotFoundError:  # closed meanwhile
                continue
    raise AssertionError(f"no process holds the connection from port {peer}")


def _inode(port: int, peer: int) -> str:
    ends = [f"{port:04X}", f"{peer:04X}"]
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if [end.rpartition(":")[2] for end in fields[1:3]] == ends:
            return fields[9]
    raise AssertionError(f"no connection from port {peer}")
