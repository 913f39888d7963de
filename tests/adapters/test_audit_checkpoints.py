import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.audit_checkpoints import (
    TOKEN_TYPE,
    CheckpointFile,
    CheckpointPost,
    CheckpointWriter,
    open_sink,
    read_checkpoints,
)
from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.domain.audit.audit_chain import AuditRecord, ChainHead, extend
from idp.domain.audit.audit_verification import Fault, Finding, SeenHead
from idp.ports.http import Answer, OutgoingError
from tests.adapters.turned_clock import START, TurnedClock
from tests.ports.samples import event

FIRST, SECOND = extend("main", ChainHead(), [event("a"), event("b")], START * 1000)


class GrowingLog:
    """An audit log whose heads a test decides."""

    def __init__(self) -> None:
        self.newest: list[AuditRecord] = []

    def records(self, stream: str | None = None, after: int = 0) -> Any:
        raise NotImplementedError

    async def told(self, stream: str, after: int, to: int, names: frozenset[str]) -> Sequence[AuditRecord]:
        raise NotImplementedError

    async def heads(self) -> Sequence[AuditRecord]:
        return self.newest

    async def last_trace(self) -> None:
        raise NotImplementedError


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> KeystoreTokenSigner:
    folder = tmp_path_factory.mktemp("keystore")
    return FileKeystore(folder / "keys", load_secret(folder / "secret", create=True), TurnedClock()).token_signer()


@pytest.fixture
def log() -> GrowingLog:
    return GrowingLog()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outside" / "checkpoints.jsonl"


@pytest.fixture
def writer(log: GrowingLog, signer: KeystoreTokenSigner, path: Path) -> CheckpointWriter:
    return CheckpointWriter(log, signer, CheckpointFile(path), TurnedClock())


def lines(path: Path, signer: KeystoreTokenSigner) -> list[Sequence[SeenHead] | Finding]:
    return list(read_checkpoints(path, lambda token: signer.verify_archived(token, token_type=TOKEN_TYPE)))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def append(path: Path, text: str) -> str:
    """Append to the file; what it held before."""
    with path.open("r+", encoding="utf-8") as file:
        before = file.read()
        file.write(text)
    return before


def seen(record: AuditRecord) -> list[SeenHead]:
    return [SeenHead(record.stream, record.sequence, record.digest, record.at_milliseconds)]


async def test_a_checkpoint_is_written_when_the_chain_grew(
    writer: CheckpointWriter, log: GrowingLog, signer: KeystoreTokenSigner, path: Path
) -> None:
    assert not await writer.write_checkpoint()
    for record in (FIRST, SECOND):
        log.newest = [record]
        assert await writer.write_checkpoint()
        assert not await writer.write_checkpoint()
    assert lines(path, signer) == [seen(FIRST), seen(SECOND)]


async def test_the_file_is_its_owner_s_alone(writer: CheckpointWriter, log: GrowingLog, path: Path) -> None:
    log.newest = [FIRST]
    await writer.write_checkpoint()
    assert mode(path) == 0o600


async def test_a_torn_line_is_passed_over_and_taken_away_by_the_next(
    writer: CheckpointWriter, log: GrowingLog, signer: KeystoreTokenSigner, path: Path
) -> None:
    log.newest = [FIRST]
    await writer.write_checkpoint()
    append(path, '{"checkpoint":"eyJ')
    assert lines(path, signer) == [seen(FIRST)]
    log.newest = [SECOND]
    await writer.write_checkpoint()
    assert lines(path, signer) == [seen(FIRST), seen(SECOND)]


async def test_a_line_that_was_taken_out_is_missed(
    writer: CheckpointWriter, log: GrowingLog, signer: KeystoreTokenSigner, path: Path
) -> None:
    for record in (FIRST, SECOND, FIRST):
        log.newest = [record]
        await writer.write_checkpoint()
    first, second, third = path.read_bytes().splitlines(keepends=True)  # noqa: ASYNC240 -- a small file of a test
    missing = Finding(Fault.CHECKPOINT_MISSING, "checkpoints", 2, START * 1000)
    assert lines(path, signer) == [seen(FIRST), seen(SECOND), seen(FIRST)]
    path.write_bytes(first + third)  # noqa: ASYNC240
    assert lines(path, signer) == [seen(FIRST), missing, seen(FIRST)]
    path.write_bytes(second + third)  # noqa: ASYNC240
    assert lines(path, signer) == [replace(missing, sequence=1), seen(SECOND), seen(FIRST)]


async def test_numbers_go_on_when_the_end_of_the_file_is_cut_under_a_running_process(
    writer: CheckpointWriter, log: GrowingLog, signer: KeystoreTokenSigner, path: Path
) -> None:
    for record in (FIRST, SECOND):
        log.newest = [record]
        await writer.write_checkpoint()
    path.unlink()  # noqa: ASYNC240
    log.newest = [FIRST]
    await writer.write_checkpoint()
    assert lines(path, signer) == [Finding(Fault.CHECKPOINT_MISSING, "checkpoints", 1, START * 1000), seen(FIRST)]


async def test_processes_that_write_to_one_file_continue_each_other(
    writer: CheckpointWriter, log: GrowingLog, signer: KeystoreTokenSigner, path: Path
) -> None:
    other = CheckpointWriter(log, signer, CheckpointFile(path), TurnedClock())
    for each, record in ((writer, FIRST), (other, SECOND), (writer, SECOND)):
        log.newest = [record]
        await each.write_checkpoint()
    assert lines(path, signer) == [seen(FIRST), seen(SECOND), seen(SECOND)]


async def test_a_changed_or_foreign_line_is_refused_and_named(
    writer: CheckpointWriter, log: GrowingLog, signer: KeystoreTokenSigner, path: Path
) -> None:
    log.newest = [FIRST]
    await writer.write_checkpoint()
    good = append(path, "")
    header, payload, signature = good.split(".")
    other_type = signer.sign({"heads": []}, algorithm="ES256", token_type="at+jwt")
    shapeless = signer.sign({"heads": [{"stream": 1}]}, algorithm="ES256", token_type=TOKEN_TYPE)
    bad = [
        f"{header}.{payload[:-4]}AAAA.{signature}",
        '{"checkpoint": "x"}\n',
        "no JSON\n",
        "\n",
        f'{{"checkpoint": "{other_type}"}}\n',
        f'{{"checkpoint": "{shapeless}"}}\n',
    ]
    append(path, "".join(bad))
    refused = [Finding(Fault.CHECKPOINT_REFUSED, "checkpoints", number, 0) for number in range(2, 8)]
    assert lines(path, signer) == [seen(FIRST), *refused]


async def test_a_checkpoint_that_was_not_kept_is_written_again(log: GrowingLog, signer: KeystoreTokenSigner) -> None:
    class Keeper:
        """Fails once."""

        def __init__(self) -> None:
            self.answers = [Answer(503, b""), Answer(204, b"")]
            self.posted: list[dict[str, str]] = []

        async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
            assert url == "https://keeper.example.vn/checkpoints"
            self.posted.append(fields)
            return self.answers.pop(0)

    keeper = Keeper()
    sink = open_sink("https://keeper.example.vn/checkpoints", keeper)
    assert isinstance(sink, CheckpointPost)
    writer = CheckpointWriter(log, signer, sink, TurnedClock())
    log.newest = [FIRST]
    with pytest.raises(OutgoingError):
        await writer.write_checkpoint()
    assert await writer.write_checkpoint()
    assert not await writer.write_checkpoint()
    claims = signer.verify_archived(keeper.posted[-1]["checkpoint"], token_type=TOKEN_TYPE)
    assert claims["iat"] == START


def test_a_file_is_named_by_its_path(tmp_path: Path) -> None:
    class Nobody:
        async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
            raise NotImplementedError

    assert isinstance(open_sink(f"file:{tmp_path / 'checkpoints'}", Nobody()), CheckpointFile)
