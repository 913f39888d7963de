"""A process that writes until it is stopped, and tells what was acknowledged, one write a line.

Its arguments: the database file, a name for its notes, how many to write (0 for ever).
"""

import asyncio
import sys
from pathlib import Path

from idp.adapters.crypto.system import SystemClock
from idp.adapters.sql.sqlite.database import SqliteDatabase
from tests.adapters.sql.notes import write_note

_CONCURRENT = 16


async def write(path: Path, name: str, count: int) -> None:
    database = SqliteDatabase(path, SystemClock(), lock_timeout=30.0)
    numbers = iter(range(count or sys.maxsize))

    async def worker() -> None:
        for number in numbers:
            key = await database.write(write_note(f"{name}-{number:06}", b"x" * 300, audited=True))
            print(key, flush=True)

    await asyncio.gather(*(worker() for _ in range(_CONCURRENT)))
    await database.close()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
