"""Signed checkpoints of the audit chain, kept outside the database: in a file, or posted to somebody else's keeping.

A checkpoint is a JWS (RFC 7515) over the head of every stream: whoever rewrites or cuts the chain later contradicts it.
In a file each one also has a number and the digest of the line before, so that none can be taken out unseen.
"""

import asyncio
import fcntl
import os
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import msgspec

from idp.adapters.durable_file import synchronise_folder
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.audit.audit_verification import Fault, Finding, SeenHead
from idp.domain.values import dataclass
from idp.ports.audit import AuditLog
from idp.ports.clock import Clock
from idp.ports.http import FormPosting, OutgoingError
from idp.ports.keys import TokenSigner, UnreadableTokenError

TOKEN_TYPE: Final = "audit-checkpoint+jwt"
_ALGORITHM: Final = "ES256"
_LONGEST_LINE: Final = 1 << 20
_PLACE: Final = "checkpoints"

DUE: Final = 15 * 60
"""Seconds. `idp serve` writes a checkpoint every minute: what none has seen for so long should have been seen."""


@dataclass(frozen=True, slots=True)
class Link:
    """The place of a checkpoint in its file; `previous` is the SHA-256 of the line before, hexadecimal, or empty."""

    number: int
    previous: str


Sign = Callable[[Link | None], str]
"""Makes the checkpoint for a place; None where the keeper alone knows the order."""


class CheckpointSink(Protocol):
    """Where checkpoints are kept."""

    async def keep(self, sign: Sign) -> None:
        """Return when a checkpoint is in safe keeping. Raises `OSError` or `OutgoingError`."""
        ...


class CheckpointFile:
    """One JSON line for each checkpoint, appended; the file is its owner's alone (0600).

    Numbers go on from what this process wrote, even when the file was cut since: then they show the gap.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0

    async def keep(self, sign: Sign) -> None:
        await asyncio.to_thread(self._append, sign)

    def _append(self, sign: Sign) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end, last = _last_line(file)
            link = Link(max(_number(last), self._number) + 1, _digest(last))
            file.seek(end)
            file.write(msgspec.json.encode({"checkpoint": sign(link)}) + b"\n")
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        synchronise_folder(self._path.parent)
        self._number = link.number


def _last_line(file: BinaryIO) -> tuple[int, bytes]:
    """Where the last whole line ends, and that line; what stands behind it was torn by a crash, never acknowledged."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 2 * _LONGEST_LINE)
    file.seek(start)
    whole = file.read().rpartition(b"\n")
    return start + len(whole[0]) + len(whole[1]), whole[0].rpartition(b"\n")[2]


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest() if line else ""


def _number(line: bytes) -> int:
    """The number that a line says it has, unverified; 0 when it says none."""
    try:
        payload = msgspec.json.decode(line, type=_Line).checkpoint.split(".")[1]
        return msgspec.json.decode(urlsafe_b64decode(payload + "=="), type=_Numbered).number
    except (msgspec.MsgspecError, ValueError, IndexError):
        return 0


class CheckpointPost:
    """Posts each checkpoint as the form field `checkpoint`."""

    def __init__(self, url: str, http: FormPosting) -> None:
        self._url = url
        self._http = http

    async def keep(self, sign: Sign) -> None:
        answer = await self._http.post_form(self._url, {"checkpoint": sign(None)})
        if not 200 <= answer.status < 300:  # noqa: PLR2004 -- the class of status codes that mean success
            raise OutgoingError(f"the keeper of checkpoints answered {answer.status}")


def open_sink(destination: str, http: FormPosting) -> CheckpointSink:
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

    async def pass_over(self) -> None:
        """Take what the chain is now as seen: whoever wrote it sees to its checkpoint."""
        self._kept = _digests(await self._log.heads())

    async def write_checkpoint(self) -> bool:
        """Keep a checkpoint; whether there was anything new to see. Raises what the sink raises."""
        heads = await self._log.heads()
        digests = _digests(heads)
        if digests == self._kept:
            return False
        await self._sink.keep(partial(self._sign, heads))
        self._kept = digests
        return True

    def _sign(self, heads: Sequence[AuditRecord], link: Link | None) -> str:
        claims: dict[str, object] = {"iat": self._clock.now(), "heads": [_told(head) for head in heads]}
        if link is not None:
            claims |= {"number": link.number, "previous": link.previous}
        return self._signer.sign(claims, algorithm=_ALGORITHM, token_type=TOKEN_TYPE)


def _digests(heads: Sequence[AuditRecord]) -> tuple[bytes, ...]:
    return tuple(head.digest for head in heads)


class _Head(msgspec.Struct):
    """A head as a checkpoint tells it; `digest` is hexadecimal."""

    stream: str
    sequence: int
    digest: str
    at: int


class _Numbered(msgspec.Struct):
    number: int = 0


class _Checkpoint(_Numbered, kw_only=True):
    heads: list[_Head]
    iat: int = 0
    previous: str = ""

    def follows(self, number: int, line: bytes) -> bool:
        """Whether this one was written behind the line, of that number; posted checkpoints have no numbers at all."""
        return number == self.number == 0 or (self.number, self.previous) == (number + 1, _digest(line))


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
"""The claims of a signed checkpoint; raises `UnreadableTokenError`."""


def read_checkpoints(path: Path, verify: Verify) -> Iterator[Sequence[SeenHead] | Finding]:
    """Yield what each line saw; findings for a line that this provider did not sign, or that lacks the one before it.

    A last line without its end is left out: the power went while it was written. Raises `OSError`.
    """
    with path.open("rb") as file:
        number, before = 0, b""
        for place, content in enumerate(iter(partial(file.readline, _LONGEST_LINE), b""), 1):
            if not content.endswith(b"\n"):
                continue
            line = content[:-1]
            checkpoint = _read_line(line, verify)
            if checkpoint is None:
                yield Finding(Fault.CHECKPOINT_REFUSED, _PLACE, place, 0)
                continue
            if not checkpoint.follows(number, before):
                yield Finding(Fault.CHECKPOINT_MISSING, _PLACE, place, checkpoint.iat * 1000)
            number, before = checkpoint.number, line
            yield [_seen(head) for head in checkpoint.heads]


def _read_line(line: bytes, verify: Verify) -> _Checkpoint | None:
    try:
        token = msgspec.json.decode(line, type=_Line).checkpoint
        checkpoint = msgspec.convert(verify(token), type=_Checkpoint)
        return checkpoint if all(bytes.fromhex(head.digest) for head in checkpoint.heads) else None
    except (msgspec.MsgspecError, UnreadableTokenError, ValueError):
        return None


def _seen(head: _Head) -> SeenHead:
    return SeenHead(head.stream, head.sequence, bytes.fromhex(head.digest), head.at)
