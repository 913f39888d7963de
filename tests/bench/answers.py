"""A connection that waits for an answer without a server behind it."""

import asyncio

from bench.connection import Answer, Connection


def answer_of(connection: Connection) -> asyncio.Future[Answer]:
    waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    connection._waiting = waiting
    return waiting
