"""What ends a restore: the record is checked, what the backup cannot vouch for is ended, and nodes may start."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, column, delete, insert, table, update

from idp.adapters.audit_checkpoints import TOKEN_TYPE, read_checkpoints
from idp.adapters.backup.manifest import CHECKPOINTS, Manifest, SeenRecord
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import grants
from idp.adapters.sql.unit_of_work import Append, Run, UnitOfWork
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.audit.audit_verification import Finding, SeenHead, Verification
from idp.domain.events import BackupRestored
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import Seconds

_END_GRANTS = (
    update(grants)
    .where(grants.c.revoked_at.is_(None), grants.c.started_at.is_not(None))
    .values(revoked_at=bindparam("now"), revocation_reason=RevocationReason.RESTORED.value)
)
_REVISIONS = table("alembic_version", column("version_num"))
_SUPPORT = table("schema_support", column("oldest_revision"))
_FORGET_REVISION = delete(_REVISIONS)
_SAY_REVISION = insert(_REVISIONS)
_FORGET_SUPPORT = delete(_SUPPORT)
_SAY_SUPPORT = insert(_SUPPORT)


async def settle(
    database: Database, manifest: Manifest, event: BackupRestored, now: Seconds, *, keep_grants: bool
) -> BackupRestored:
    """End what may have been revoked after the backup and say which schema this is, in one transaction; the event."""
    return await database.write(_settle(manifest, event, now, keep_grants=keep_grants))


def _settle(
    manifest: Manifest, event: BackupRestored, now: Seconds, *, keep_grants: bool
) -> UnitOfWork[BackupRestored]:
    ended = 0 if keep_grants else (yield Run(_END_GRANTS, {"now": now}))
    told = replace(event, grants_ended=ended)
    yield Append(told)
    yield Run(_FORGET_REVISION, {})
    yield Run(_SAY_REVISION, {"version_num": manifest.revision})
    if manifest.oldest_code is not None:
        yield Run(_FORGET_SUPPORT, {})
        yield Run(_SAY_SUPPORT, {"oldest_revision": manifest.oldest_code})
    return told


async def verify_record(
    records: AsyncIterator[AuditRecord], manifest: Manifest, folder: Path, signer: KeystoreTokenSigner
) -> tuple[Verification, list[Finding]]:
    """Follow the whole chain, against what the backup's manifest and its checkpoints saw."""
    seen: list[SeenHead] = []
    findings: list[Finding] = []
    if manifest.has(CHECKPOINTS):
        seen, findings = _checkpoints(folder / CHECKPOINTS, partial(signer.verify_archived, token_type=TOKEN_TYPE))
    verification = Verification([*seen, *(_seen(record) for record in manifest.heads)])
    async for record in records:
        findings += verification.follow(record)
    findings += verification.finish()
    return verification, findings


def _checkpoints(path: Path, verify: Callable[[str], dict[str, Any]]) -> tuple[list[SeenHead], list[Finding]]:
    seen: list[SeenHead] = []
    findings: list[Finding] = []
    for line in read_checkpoints(path, verify):
        if isinstance(line, Finding):
            findings.append(line)
        else:
            seen += line
    return seen, findings


def seen_records(heads: Iterable[AuditRecord]) -> tuple[SeenRecord, ...]:
    """What a manifest says of the newest record of each stream."""
    return tuple(SeenRecord(head.stream, head.sequence, head.digest.hex(), head.at_milliseconds) for head in heads)


def _seen(record: SeenRecord) -> SeenHead:
    return SeenHead(record.stream, record.sequence, bytes.fromhex(record.digest), record.at_milliseconds)
