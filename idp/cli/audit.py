"""`idp audit`: verify the audit chain, and write it out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idp.cli.output import JsonFlag, print_json, print_table
from idp.cli.refusal import Refusal

if TYPE_CHECKING:
    from idp.cli.opening import Provider
    from idp.domain.audit.audit_chain import AuditRecord
    from idp.domain.audit.audit_verification import Finding, SeenHead, Verification

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Verify the audit chain, or write it out as JSON lines."
)

_MOST_FINDINGS = 100
"""Findings that are listed; the rest is counted."""


@app.command()
def verify(
    *,
    checkpoints: Annotated[
        Path | None,
        typer.Option("--checkpoints", help="Another copy of the signed checkpoints, beside the configured file."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Find any edit, deletion, insertion or reordering; by the checkpoints a cut tail, or a chain written anew."""
    from idp.cli.opening import on_provider

    verification, findings = on_provider(lambda provider: _verify(provider, checkpoints))
    result = {
        "holds": not findings,
        "records": verification.records,
        "streams": verification.streams,
        "checkpoints_confirmed": verification.confirmed,
        "findings": [_described(finding) for finding in findings[:_MOST_FINDINGS]],
        "findings_in_all": len(findings),
    }
    if as_json:
        print_json(result)
    elif findings:
        columns = ("fault", "stream", "sequence", "time")
        print_table("Audit findings", columns, [list(_described(finding).values()) for finding in findings])
    if findings:
        first = _described(findings[0])
        raise Refusal(
            f"the audit record does not hold: {len(findings)} findings, the first at stream {first['stream']}, "
            f"sequence {first['sequence']}, time {first['time']} ({first['fault']})",
            "keep the database as it is and compare it with a backup",
        )
    if not as_json:
        print(f"{verification.records} records hold; {verification.confirmed} checkpoints confirm them.")


@app.command()
def export(
    *,
    stream: Annotated[str | None, typer.Option("--stream", help="One stream only.")] = None,
    after: Annotated[int, typer.Option("--after", help="With --stream: records behind this sequence.", min=0)] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Write the record as JSON lines (one array with --json).

    `digest` is the SHA-256 of the bytes of `previous` followed by the text of `record` exactly as it stands.
    """
    from idp.cli.opening import on_provider

    if after and stream is None:
        raise Refusal("--after needs a stream", "add --stream, such as --stream main")
    on_provider(lambda provider: _export(provider.stores.audit_log.records(stream, after), as_json=as_json))


async def _verify(provider: "Provider", given: Path | None) -> "tuple[Verification, list[Finding]]":
    """Read the checkpoints first: the chain may grow meanwhile, and then has what they saw."""
    from idp.adapters.audit_checkpoints import DUE
    from idp.domain.audit.audit_verification import Verification

    seen, findings = _read_checkpoints(provider, given)
    due_before = None
    if provider.settings.audit_checkpoint_path is not None:
        due_before = (provider.clock.now() - DUE) * 1000
    verification = Verification(seen, due_before)
    last_trace = await provider.stores.audit_log.last_trace()
    async for record in provider.stores.audit_log.records():
        findings += verification.follow(record)
    findings += verification.finish(None if last_trace is None else last_trace * 1000)
    return verification, findings


def _read_checkpoints(provider: "Provider", given: Path | None) -> "tuple[list[SeenHead], list[Finding]]":
    from functools import partial

    from idp.adapters.audit_checkpoints import TOKEN_TYPE, read_checkpoints
    from idp.domain.audit.audit_verification import Finding

    configured = provider.settings.audit_checkpoint_path
    # A file that ought to be there and is not has seen nothing: the records say whether that is a fault.
    paths = {path for path in (given, configured if configured and configured.exists() else None) if path}
    seen: dict[SeenHead, None] = {}
    findings: list[Finding] = []
    signer = provider.keystore.token_signer()
    for path in sorted(paths):
        for line in read_checkpoints(path, partial(signer.verify_archived, token_type=TOKEN_TYPE)):
            if isinstance(line, Finding):
                findings.append(line)
            else:
                seen.update(dict.fromkeys(line))
    return list(seen), findings


async def _export(records: "AsyncIterator[AuditRecord]", *, as_json: bool) -> None:
    separator = "[" if as_json else ""
    async for record in records:
        print(separator + _line(record))
        separator = "," if as_json else ""
    if as_json:
        print("[]" if separator == "[" else "]")


def _line(record: "AuditRecord") -> str:
    """One record with its links. A payload that somebody made unreadable is written as it is, in base64."""
    import base64

    import msgspec

    line: dict[str, Any] = {"previous": record.previous.hex(), "digest": record.digest.hex()}
    try:
        readable = msgspec.json.decode(record.payload) is not None and b"\n" not in record.payload
    except (msgspec.DecodeError, UnicodeDecodeError):
        readable = False
    if readable:
        return msgspec.json.encode({"record": msgspec.Raw(record.payload), **line}).decode()
    return msgspec.json.encode({"payload_base64": base64.b64encode(record.payload).decode(), **line}).decode()


def _described(finding: "Finding") -> dict[str, object]:
    return {
        "fault": finding.fault.value,
        "stream": finding.stream,
        "sequence": finding.sequence,
        "time": _time(finding.at_milliseconds),
    }


def _time(at_milliseconds: int) -> str:
    """The moment in UTC, or the bare number when somebody wrote one that is no moment."""
    try:
        return datetime.fromtimestamp(at_milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return str(at_milliseconds)
