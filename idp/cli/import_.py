"""`idp import`: loads people, officers, agencies, organisations, clients and resources."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idp.cli.output import JsonFlag, print_json
from idp.cli.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractContextManager

    from idp.adapters.importing.loading import Importer, Progress
    from idp.adapters.importing.preparation import Preparer
    from idp.adapters.importing.problems import ImportRefused
    from idp.cli.opening import Provider
    from idp.domain.records import Loaded
    from idp.ports.mail import Mailer

_SHOWN = 100
_WORTH_WORKERS = 8 * 1024 * 1024
"""Bytes of a file from which on other processes help: they take a second to start."""
_MOST_WORKERS = 4


def command(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="YAML files, or JSON lines of people (*.jsonl).")
    ],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Load people, officers, agencies, organisations, clients and resources.

    A YAML file is loaded completely or not at all. JSON lines are loaded in batches: what stands before a refused line
    is kept, and the next run goes on there. Loading a file again changes nothing that is already so.
    """
    from idp.cli.opening import on_provider

    for file in files:
        if not file.is_file():
            raise Refusal(f"{file} is not a file", "name files that can be read")
    on_provider(lambda provider: _load(provider, files, as_json=as_json))


async def _load(provider: "Provider", files: list[Path], *, as_json: bool) -> None:
    from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
    from idp.adapters.importing.loading import Importer
    from idp.adapters.importing.preparation_pool import WorkerLostError
    from idp.adapters.importing.problems import ImportRefused
    from idp.adapters.mail.mailer import open_mailer
    from idp.adapters.mail.smtp_mailer import SmtpMailer

    outcomes: list[dict[str, Any]] = []
    hasher = Argon2PasswordHasher(provider.settings.argon2)
    stores, algorithms = provider.stores, provider.keystore.token_signer().algorithms()
    mailer = open_mailer(provider.settings, provider.clock, provider.entropy)
    reaches = partial(_reaches_beyond_ascii, mailer)
    importer = Importer(stores.records, stores.accounts, hasher, provider.origin, algorithms, reaches, provider.clock)
    try:
        for position, file in enumerate(files):
            try:
                loaded = await _load_file(provider, importer, file)
            except ImportRefused as refused:
                others = [each async for each in _refused_besides(importer, files[position + 1 :])]
                raise _refuse([refused, *others], outcomes, as_json=as_json) from None
            outcomes.append(_tell(file, loaded, as_json=as_json))
    except WorkerLostError:
        raise Refusal("a process that helped was ended", "import again: it goes on where it was stopped") from None
    finally:
        hasher.close()
        if isinstance(mailer, SmtpMailer):
            mailer.close()
    if as_json:
        print_json({"files": outcomes})


async def _refused_besides(importer: "Importer", files: list[Path]) -> "AsyncIterator[ImportRefused]":
    """Look at the files behind one that was refused, so that all may be corrected at once; nothing is loaded.

    JSON lines say what is wrong with them when it is their turn: there may be a hundred million.
    """
    from idp.adapters.importing.problems import ImportRefused
    from idp.adapters.importing.yaml_document import MAXIMUM_BYTES

    for file in files:
        if file.suffix == ".jsonl":
            continue
        with file.open("rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
        try:
            await importer.check_document(str(file), content)
        except ImportRefused as refused:
            yield refused


async def _reaches_beyond_ascii(mailer: "Mailer") -> bool:
    """Whether the mail server is there and takes mailboxes outside of ASCII."""
    from idp.ports.mail import MailError

    try:
        return await mailer.reaches_beyond_ascii()
    except MailError:
        return False


async def _load_file(provider: "Provider", importer: "Importer", file: Path) -> "Loaded":
    from idp.adapters.importing.yaml_document import MAXIMUM_BYTES

    with file.open("rb") as stream:
        if file.suffix != ".jsonl":
            return await importer.load_document(str(file), stream.read(MAXIMUM_BYTES + 1))
        with _preparer(provider, file) as preparer, _progress(file) as progress:
            return await importer.load_lines(str(file), stream, preparer, progress)


def _preparer(provider: "Provider", file: Path) -> "AbstractContextManager[Preparer]":
    """Return what prepares the lines: every processor for a large file, a thread for a small one."""
    from idp.adapters.importing.preparation import ThreadPreparer
    from idp.adapters.importing.preparation_pool import preparation_pool
    from idp.adapters.sql.people.sealed_people import PeopleSealer
    from idp.cli.import_worker import open_preparer

    if file.stat().st_size < _WORTH_WORKERS:
        return nullcontext(ThreadPreparer(PeopleSealer(provider.keystore.vault(), provider.clock, provider.entropy)))
    return preparation_pool(min(len(os.sched_getaffinity(0)), _MOST_WORKERS), open_preparer)


@contextmanager
def _progress(file: Path) -> "Iterator[Progress]":
    """Show how far the file is loaded, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(file.name, total=max(file.stat().st_size, 1))
        yield lambda done: bar.update(task, completed=done)


def _tell(file: Path, loaded: "Loaded", *, as_json: bool) -> dict[str, Any]:
    counts = {"created": loaded.created, "changed": loaded.changed, "unchanged": loaded.unchanged}
    if not as_json:
        typer.echo(f"{file}: {loaded.created} new, {loaded.changed} changed, {loaded.unchanged} unchanged")
    return {"file": str(file), **counts}


def _refuse(refused: "list[ImportRefused]", outcomes: list[dict[str, Any]], *, as_json: bool) -> Refusal:
    """Print every problem of every file, and return the refusal that names the first."""
    total = sum(len(each.problems) for each in refused)
    if as_json:
        print_json({"files": [*outcomes, *(_problems_listed(each) for each in refused)]})
    elif total > 1:
        for each in refused:
            for problem in each.problems[:_SHOWN]:
                typer.echo(f"{each.source}: {problem}")
    first, more = refused[0], f" (and {total - 1} more)" if total > 1 else ""
    kept = "what stands before it is loaded" if first.source.endswith(".jsonl") else "nothing of this file is loaded"
    return Refusal(f"{first}{more}", f"correct it and import again; {kept}")


def _problems_listed(refused: "ImportRefused") -> dict[str, Any]:
    listed = [{"path": problem.path, "reason": problem.reason} for problem in refused.problems]
    return {"file": refused.source, "problems": listed}
