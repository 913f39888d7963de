"""A process that dies right after one of its writes, for providers in this process.

While a `Process` runs, every transaction of the database, every write of the short-lived store and every file of the
keystore is counted. After the one that was named everything is refused, mails and calls too, as if nobody were there
any more: what was written stays, what was in memory is gone with the application, which the next one replaces.
"""

import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from http.cookiejar import Cookie
from pathlib import Path
from typing import Any, Final

import pytest

from idp.adapters.crypto import sealed_folder
from idp.adapters.durable_file import replace_file
from idp.adapters.mail.file_mailer import FileMailer
from idp.adapters.messages.file_messenger import FileMessenger
from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.adapters.sql.sqlite.database import SqliteDatabase
from tests.flows.provider import Browser, Provider, running_provider
from tests.services import ServicesInProcess

DURABLE: Final = "transaction"
FILE: Final = "file"
_SHORT_LIVED: Final = ("put", "replace", "delete", "claim", "increment", "mark")
_THROTTLES: Final = ("take", "give_back")
"""Not counted: a try too many that is out of a bucket comes back by itself."""


class Stopped(BaseException):
    """The process is gone: nothing runs that would clean up."""


@dataclass
class Process:
    """Writes of one process by their kind, in order; it dies after the `last` of them (None: it lives)."""

    last: int | None = None
    written: list[str] = field(default_factory=list)
    is_gone: bool = False

    def must_live(self) -> None:
        if self.is_gone:
            raise Stopped

    def wrote(self, kind: str) -> None:
        self.written.append(kind)
        if len(self.written) == self.last:
            self.is_gone = True
            raise Stopped

    @contextmanager
    def runs(self) -> Iterator[None]:
        """Whatever is done meanwhile is done by this process."""
        token = _running.set(self)
        try:
            yield
        except Stopped:
            pass
        finally:
            _running.reset(token)


_running: ContextVar[Process | None] = ContextVar("running", default=None)
_within: ContextVar[bool] = ContextVar("within", default=False)
"""Whether a write of the short-lived store is under way, which is a transaction of the database here."""


def install(patch: pytest.MonkeyPatch) -> None:
    """Have every process counted, and stopped, from now on."""
    _count_files(patch)
    _watch(patch, SqliteDatabase, "write", DURABLE)
    for name in _SHORT_LIVED:
        _watch(patch, SqlShortLivedStore, name, name)
    for name in _THROTTLES:
        _watch(patch, SqlShortLivedStore, name, None)
    for place, name in (
        (SqliteDatabase, "run_read"),
        (FileMailer, "send"),
        (FileMessenger, "send"),
        (ServicesInProcess, "_call"),
    ):
        _watch(patch, place, name, None)


def _count_files(patch: pytest.MonkeyPatch) -> None:
    """A keystore in files is a third place: whatever is put there counts as a write of its own."""

    def replaced(path: Path, content: bytes) -> None:
        process = _running.get()
        if process is not None:
            process.must_live()
        replace_file(path, content)
        if process is not None:
            process.wrote(FILE)

    patch.setattr(sealed_folder, "replace_file", replaced)


def _watch(patch: pytest.MonkeyPatch, place: type, name: str, kind: str | None) -> None:
    original = getattr(place, name)

    async def watched(self: Any, *arguments: Any, **named: Any) -> Any:
        process = _running.get()
        if process is None or _within.get():
            return await original(self, *arguments, **named)
        process.must_live()
        token = _within.set(place is SqlShortLivedStore)
        try:
            answer = await original(self, *arguments, **named)
        finally:
            _within.reset(token)
        if kind is not None:
            process.wrote(kind)
        return answer

    patch.setattr(place, name, watched)


Step = Callable[[], Awaitable[Any]]
Journey = Callable[[Browser], Awaitable[Step]]


@dataclass
class Stop:
    """Where a process died: after so many writes of all that the step makes; and the provider that came after it."""

    provider: Provider
    journey: Journey
    step: Step
    browsers: list[Browser]
    """Those of the journey, the one of the step in front."""
    written: list[str]
    is_lost: bool
    """Whether the short-lived store came back empty."""
    before: "Books"
    """What was there when the step was taken."""
    events: Counter[str] = field(init=False)
    """What the record told of the step when its process was gone."""

    def __post_init__(self) -> None:
        self.events = self.now()

    def __str__(self) -> str:
        return f"{' '.join(self.written)}{', short-lived state lost' if self.is_lost else ''}"

    @property
    def browser(self) -> Browser:
        return self.browsers[0]

    def now(self) -> Counter[str]:
        """How often each event was recorded since the step was taken."""
        return Counter(Books(self.provider.folder).events()) - Counter(self.before.events())

    def rows(self, table: str) -> int:
        """How many rows of a table came since."""
        return Books(self.provider.folder).rows(table) - self.before.rows(table)


@dataclass(frozen=True)
class Books:
    """A provider's database, read from outside."""

    folder: Path

    def events(self) -> list[str]:
        return [name for (name,) in self._read("SELECT name FROM audit_records")]

    def rows(self, table: str) -> int:
        return int(self._read(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 -- the tests' own names

    def _read(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "idp.db")) as database:
            return database.execute(statement).fetchall()


class Stage:
    """A journey up to its last step, from where that step is taken again and again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = folder.with_name(f"{folder.name}-kept")
        self._browsers: list[tuple[Browser, list[Cookie]]] = []
        self._at = 0
        self._journey: Journey
        self._step: Step

    async def set(self, journey: Journey) -> None:
        """Go as far as the last step."""
        made: list[Browser] = []
        async with running_provider(self._folder) as provider:
            _keep_browsers(provider, made)
            self._journey, self._step = journey, await journey(provider.browser())
            self._at = provider.clock.at
        self._browsers = [(each, list(each.http.cookies.jar)) for each in made]
        shutil.copytree(self._folder, self._kept)

    async def writes(self) -> list[str]:
        """What the step writes when nothing stops it."""
        process = Process()
        async with self._from_the_kept() as _:
            with process.runs():
                await self._step()
        return process.written

    @asynccontextmanager
    async def stopped(self, last: int, *, is_lost: bool) -> AsyncIterator[Stop]:
        """Take the step in a process that dies after its write number `last`, and go on in another one."""
        process = Process(last)
        async with self._from_the_kept():
            with process.runs():
                await self._step()
        if is_lost:
            _empty(self._folder)
        async with self._again() as provider:
            browsers = [browser for browser, _ in self._browsers]
            before = Books(self._kept)
            yield Stop(provider, self._journey, self._step, browsers, process.written, is_lost, before)

    @asynccontextmanager
    async def _from_the_kept(self) -> AsyncIterator[Provider]:
        shutil.rmtree(self._folder)
        shutil.copytree(self._kept, self._folder)
        for browser, cookies in self._browsers:
            browser.http.cookies.clear()
            for cookie in cookies:
                browser.http.cookies.jar.set_cookie(copy(cookie))
        async with self._again() as provider:
            yield provider

    @asynccontextmanager
    async def _again(self) -> AsyncIterator[Provider]:
        """Another application on what is there, which the browsers of before reach."""
        async with running_provider(self._folder) as provider:
            provider.clock.at = self._at
            for browser, _ in self._browsers:
                cookies = list(browser.http.cookies.jar)
                browser.provider, browser.http = provider, provider.client()
                for cookie in cookies:
                    browser.http.cookies.jar.set_cookie(cookie)
            yield provider


def _keep_browsers(provider: Provider, made: list[Browser]) -> None:
    """Have every browser that the provider gives noted."""

    def browser() -> Browser:
        made.append(Browser(provider))
        return made[-1]

    provider.browser = browser  # type: ignore[method-assign]


def _empty(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "idp.db")) as database, database:
        database.execute("DELETE FROM short_lived")
