"""Signed checkpoints of the audit chain, kept outside the database: in a file, or posted to somebody else's keeping.

A checkpoint is a JWS (RFC 7515) over the head of every stream: whoever rewrites or cuts the chain later contradicts it.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import msgspec

from idp.adapters.durable_file import synchronise_folder
from idp.domain.audit_chain import AuditRecord
from idp.domain.audit_verification import Fault, Finding, SeenHead
from idp.ports.audit import AuditLog
from idp.ports.clock import Clock
from idp.ports.http import OutgoingError, OutgoingHttp
from idp.ports.keys import InvalidTokenError, TokenSigner

TOKEN_TYPE: Final = "audit-checkpoint+jwt"
_ALGORITHM: Final = "ES256"
_LONGEST_LINE: Final = 1 << 20


class CheckpointSink(Protocol):
    """Where checkpoints are kept."""

    async def keep(self, checkpoint: str) -> None:
        """Return when the checkpoint is in safe keeping. Raises `OSError` or `OutgoingError`."""
        ...


class CheckpointFile:
    """One JSON line for each checkpoint, appended; the file is its owner's alone (0600)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def keep(self, checkpoint: str) -> None:
        await asyncio.to_thread(self._append, checkpoint)

    def _append(self, checkpoint: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(_end_of_lines(file))
            file.write(msgspec.json.encode({"checkpoint": checkpoint}) + b"\n")
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        synchronise_folder(self._path.parent)


def _end_of_lines(file: BinaryIO) -> int:
    """Where the last whole line ends; what stands behind it was torn by a crash, and never acknowledged."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _LONGEST_LINE)
    file.seek(start)
    return start + file.read().rfind(b"\n") + 1


class CheckpointPost:
    """Posts each checkpoint as the form field `checkpoint`."""

    def __init__(self, url: str, http: OutgoingHttp) -> None:
        self._url = url
        self._http = http

    async def keep(self, checkpoint: str) -> None:
        answer = await self._http.post_form(self._url, {"checkpoint": checkpoint})
        if not 200 <= answer.status < 300:  # noqa: PLR2004 -- the class of status codes that mean success
            raise OutgoingError(f"the keeper of checkpoints answered {answer.status}")


def open_sink(destination: str, http: OutgoingHttp) -> CheckpointSink:
    """The sink that `IDP_AUDIT_CHECKPOINTS` names: `file:PATH` or an https address."""
    path = destination.removeprefix("file:")
    return CheckpointPost(destination, http) if path == destination else CheckpointFile(Path(path))


class CheckpointWriter:
    """Writes a checkpoint whenever it is asked to and the chain has grown since."""

    def __init__(self, log: AuditLog, signer: TokenSigner, sink: CheckpointSink, clock: Clock) -> None:
        self._log = log
        self._signer = signer
        self._sink = sink
        self._clock = clock
        self._kept: tuple[bytes, ...] = ()

    async def write_checkpoint(self) -> bool:
        """Keep a checkpoint; whether there was anything new to see. Raises what the sink raises."""
        heads = await self._log.heads()
        digests = tuple(head.digest for head in heads)
        if digests == self._kept:
            return False
        claims = {"iat": self._clock.now(), "heads": [_told(head) for head in heads]}
        await self._sink.keep(self._signer.sign(claims, algorithm=_ALGORITHM, token_type=TOKEN_TYPE))
        self._kept = digests
        return True


class _Head(msgspec.Struct):
    """A head as a checkpoint tells it; `digest` is hexadecimal."""

    stream: str
    sequence: int
    digest: str
    at: int


class _Checkpoint(msgspec.Struct):
    heads: list[_Head]


def _told(head: AuditRecord) -> dict[str, object]:
    return {
        "stream": head.stream,
        "sequence": head.sequence,
        "digest": head.digest.hex(),
        "at": head.at_milliseconds,
    }


class _Line(msgspec.Struct):
    checkpoint: str


Verify = Callable[[str], dict[str, Any]]
"""The claims of a signed checkpoint; raises `InvalidTokenError`."""


def read_checkpoints(path: Path, verify: Verify) -> Iterator[Sequence[SeenHead] | Finding]:
    """Yield what each line saw, or a finding for a line that this provider did not sign. Raises `OSError`.

    A last line without its end is left out: the power went while it was written.
    """
    with path.open("rb") as file:
        number = 0
        while content := file.readline(_LONGEST_LINE):
            number += 1
            if content.endswith(b"\n"):
                seen = _read_line(content, verify)
                yield Finding(Fault.CHECKPOINT_REFUSED, "checkpoints", number, 0) if seen is None else seen


def _read_line(content: bytes, verify: Verify) -> Sequence[SeenHead] | None:
    try:
        line = msgspec.json.decode(content, type=_Line)
        checkpoint = msgspec.convert(verify(line.checkpoint), type=_Checkpoint)
        return [SeenHead(head.stream, head.sequence, bytes.fromhex(head.digest), head.at) for head in checkpoint.heads]
    except (msgspec.MsgspecError, InvalidTokenError, ValueError):
        return None
