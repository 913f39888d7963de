"""What `idp restore` does: everything is checked before anything is touched, and the database appears last."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from idp.adapters.audit_checkpoints import CheckpointFile, CheckpointWriter
from idp.adapters.backup.database_copy import DatabaseCopy, database_copy
from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.keystore_files import (
    refuse_another_keystore,
    refuse_other_checkpoints,
    restore_checkpoints,
    restore_keystore,
)
from idp.adapters.backup.manifest import Manifest, manifest_digest, read_manifest
from idp.adapters.backup.settling import settle, verify_record
from idp.adapters.crypto.keystore import Keystore, open_keystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.sql import schema
from idp.adapters.sql.revisions import known_revisions
from idp.adapters.sql.stores import DatabaseLimits, open_database
from idp.adapters.sql.trail.audit import SqlAuditLog
from idp.domain.audit.audit_verification import Finding, Verification
from idp.domain.events import BackupRestored, Origin
from idp.domain.ids import RequestId
from idp.domain.values import dataclass
from idp.settings import Settings, load_settings

_PATIENCE: Final = DatabaseLimits(connections=2, seconds=24 * 3600.0, retries=0)
"""Ending every grant of a country takes its time."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was restored. `state_url`: whether short-lived state lies in a store of its own."""

    manifest: Manifest
    verification: Verification
    findings: list[Finding]
    grants_ended: int
    schema: str
    has_state_store: bool

    def document(self) -> dict[str, Any]:
        """What a program is told."""
        return {
            "created_at": self._moment(),
            "schema": self.schema,
            "records": self.verification.records,
            "confirmed": self.verification.confirmed,
            "findings": len(self.findings),
            "grants_ended": self.grants_ended,
        }

    def lines(self) -> list[str]:
        """What a person is told, and does next."""
        checked = f"{self.verification.records} audit records, {self.verification.confirmed} confirmed from outside"
        sessions = "" if self.has_state_store else "every session, and "
        told = [
            f"The backup of {self._moment()} is restored, schema {self.schema}: {checked}.",
            f"Ended: {sessions}{self.grants_ended} grants with their refresh tokens.",
            "What happened after the backup is not in it: locks, used recovery codes, new people and clients.",
        ]
        if self.has_state_store:
            told.append("Sessions are NOT ended: empty the store of IDP_STATE_URL before idp serve starts.")
        told.append("Then run idp doctor and idp audit verify, and start idp serve.")
        return told

    def _moment(self) -> str:
        return datetime.fromtimestamp(self.manifest.created_at, UTC).isoformat()


def restored(source: Path, *, keep_grants: bool) -> Restored:
    """Restore the backup in `source`. Raises `BackupError`, `KeyMaterialError`, `StoreUnavailableError`, `OSError`."""
    settings = load_settings()
    secret = load_secret(settings.secret_file, create=False)
    manifest = read_manifest(source, secret)
    copy = database_copy(settings.database_url)
    _refuse_another_place(settings, manifest, copy, source)
    if manifest.keystore == "file":
        restore_keystore(settings.keystore_path, secret, manifest, source)
    keystore = open_keystore(settings, SystemClock())
    with copy.restoring(source) as url:
        # Before any node can start, which would write checkpoints of its own.
        restore_checkpoints(settings.audit_checkpoint_path, manifest, source)
        result = asyncio.run(_finish(url, settings, manifest, source, keystore, keep_grants=keep_grants))
    asyncio.run(_see(settings, keystore))
    return result


def _refuse_another_place(settings: Settings, manifest: Manifest, copy: DatabaseCopy, source: Path) -> None:
    """Raise `BackupError` unless the settings name an empty place for just this backup."""
    if manifest.revision not in known_revisions():
        raise BackupError(f"the backup has schema {manifest.revision}", "restore it with the release that made it")
    if manifest.engine != copy.engine:
        raise BackupError(f"the backup is of {manifest.engine}", f"set IDP_DATABASE_URL to {manifest.engine}://…")
    if manifest.issuer != settings.issuer:
        raise BackupError(f"the backup is of the issuer {manifest.issuer}", "set IDP_ISSUER to it")
    if (manifest.keystore == "file") != settings.keystore.startswith("file:"):
        raise BackupError(f"the backup needs a {manifest.keystore} keystore", "set IDP_KEYSTORE to one")
    copy.refuse_unless_empty()
    if manifest.keystore == "file":
        refuse_another_keystore(settings.keystore_path, manifest, source)
    refuse_other_checkpoints(settings.audit_checkpoint_path, manifest, source)


async def _finish(
    url: str, settings: Settings, manifest: Manifest, source: Path, keystore: Keystore, *, keep_grants: bool
) -> Restored:
    """Verify the record, end what has to end, and bring the schema up to date; nobody else is on the database yet."""
    clock, entropy = SystemClock(), SystemEntropy()
    database = open_database(url, clock, _PATIENCE)
    try:
        records = SqlAuditLog(database).records()
        verification, findings = await verify_record(records, manifest, source, keystore.token_signer())
        origin = Origin(request_id=RequestId(entropy.identifier()), source="command")
        event = BackupRestored(origin=origin, digest=manifest_digest(source), grants_ended=0)
        event = await settle(database, manifest, event, clock.now(), keep_grants=keep_grants)
    finally:
        await database.close()
    migration = schema.migrate(url)
    has_state_store = settings.state_store is not None
    return Restored(manifest, verification, findings, event.grants_ended, migration.after, has_state_store)


async def _see(settings: Settings, keystore: Keystore) -> None:
    """Write a checkpoint that has seen the restored record, where checkpoints go into a file."""
    path = settings.audit_checkpoint_path
    if path is None:
        return
    clock = SystemClock()
    database = open_database(settings.database_url, clock)
    try:
        log, signer = SqlAuditLog(database), keystore.token_signer()
        await CheckpointWriter(log, signer, CheckpointFile(path), clock).write_checkpoint()
    finally:
        await database.close()
