"""A dump of a PostgreSQL database by `pg_dump`, and loading it by `pg_restore`: PostgreSQL's own, well-kept tools.

What says the schema's revision is left out of the dump and written last, in the transaction that ends a restore: on a
database that was loaded and not finished no node starts.
"""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.folder import new_file, synchronise_file
from idp.adapters.sql.postgresql.connection import connect
from idp.adapters.sql.schema import current_revision

PART: Final = "database.dump"
_SECONDS: Final = 10.0
_LEFT_OUT: Final = ("short_lived*", "job_leases", "alembic_version", "schema_support")
_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")


class PostgresqlCopy:
    """Implements `DatabaseCopy`; the tools are those found first on PATH."""

    engine: Literal["postgresql"] = "postgresql"
    part = PART

    def __init__(self, url: str) -> None:
        self._url = url

    def version(self) -> str:
        """The server's, such as `18.1`."""
        return asyncio.run(self._ask("SHOW server_version"))

    def refuse_unless_empty(self) -> None:
        self._tool("pg_restore")
        if current_revision(self._url) is not None:
            raise BackupError("the database has tables already", "restore into a new one: createdb, IDP_DATABASE_URL")

    def save(self, folder: Path) -> None:
        tool = self._tool("pg_dump")
        new_file(folder / PART)
        left_out = [f"--exclude-table-data=*.{table}" for table in _LEFT_OUT]
        options = ["--format=custom", "--no-owner", "--no-privileges", *left_out]
        self._run([tool, *options, f"--file={folder / PART}"])
        synchronise_file(folder / PART)

    @contextmanager
    def restoring(self, folder: Path) -> Iterator[str]:
        """Load everything in one transaction, then give the database's own URL."""
        tool = self._tool("pg_restore")
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        self._run([tool, *options, str(folder / PART)])
        yield self._url

    def _tool(self, name: str) -> str:
        """The path of a tool that is no older than the server. Raises `BackupError`."""
        path = shutil.which(name)
        server = int(asyncio.run(self._ask("SHOW server_version_num"))) // 10_000
        remedy = f"put the client programs of PostgreSQL {server} or newer on PATH"
        if path is None:
            raise BackupError(f"{name} is not installed", remedy)
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 -- a program of the operator's PATH
        version = _VERSION.search(told)
        if version is None or int(version[1]) < server:
            raise BackupError(f"{path} is older than the server, PostgreSQL {server}", remedy)
        return path

    def _run(self, command: list[str]) -> None:
        """Run a tool on the database, in this process's environment: what it says of TLS holds for the tool too."""
        with _password_apart(self._url) as address:
            done = subprocess.run([*command, f"--dbname={address}"], capture_output=True, text=True, check=False)  # noqa: S603 -- a program of the operator's PATH
        if done.returncode:
            raise BackupError(f"{Path(command[0]).name} failed ({_first_error(done.stderr)})", "see the server's log")

    async def _ask(self, statement: str) -> str:
        connection = await connect(self._url, _SECONDS)
        try:
            return str(await connection.fetchval(statement))
        finally:
            await connection.close(timeout=_SECONDS)


@contextmanager
def _password_apart(url: str) -> Iterator[str]:
    """Give `url` with a file of its owner's alone in place of the password: other users see a command's arguments."""
    parts = urlsplit(url)
    user, _, hosts = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    if not password:
        yield url
        return
    escaped = unquote(password).replace("\\", "\\\\").replace(":", "\\:")
    with NamedTemporaryFile("w", encoding="utf-8", prefix="idp-") as file:
        file.write(f"*:*:*:*:{escaped}\n")
        file.flush()
        query = "&".join(filter(None, (parts.query, f"passfile={quote(file.name)}")))
        yield urlunsplit(parts._replace(netloc=f"{name}@{hosts}" if name else hosts, query=query))


def _first_error(told: str) -> str:
    """What the tool complains about first: the lines behind it may repeat rows."""
    lines = [line for line in told.splitlines() if "error:" in line]
    return lines[0].partition("error:")[2].strip()[:200] if lines else "it did not say why"
