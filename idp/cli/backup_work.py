"""What `idp backup` does."""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from idp.adapters.backup.database_copy import database_copy
from idp.adapters.backup.folder import appearing, copy_file
from idp.adapters.backup.keystore_files import save_keystore
from idp.adapters.backup.manifest import CHECKPOINTS, Manifest, measure, write_manifest
from idp.adapters.backup.settling import seen_records
from idp.adapters.crypto.secret_file import Secret, load_secret
from idp.adapters.sql import schema
from idp.adapters.sql.revisions import known_revisions
from idp.cli.main import DISTRIBUTION
from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.events import BackupMade
from idp.domain.values import dataclass
from idp.settings import Settings


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made."""

    target: Path
    manifest: Manifest
    digest: str
    secret_file: Path

    @property
    def size(self) -> int:
        """Bytes of all parts together."""
        return sum(part.size for part in self.manifest.parts)

    def document(self) -> dict[str, Any]:
        """What a program is told."""
        manifest = self.manifest
        return {
            "target": str(self.target),
            "created_at": _moment(manifest.created_at),
            "engine": manifest.engine,
            "schema": manifest.revision,
            "keystore": manifest.keystore,
            "parts": len(manifest.parts),
            "bytes": self.size,
            "digest": self.digest,
        }

    def lines(self) -> list[str]:
        """What a person is told."""
        told = [f"{self.target}: {len(self.manifest.parts)} parts, {self.size:,} bytes, digest {self.digest}."]
        if self.manifest.keystore == "pkcs11":
            told.append("The keys lie in a PKCS #11 token, which its module's own means back up.")
        told.append(
            f"Not in it: {self.secret_file}. Keep a copy of that in another place; neither opens without the other."
        )
        return told


def refuse_what_cannot_be_backed_up(settings: Settings) -> None:
    """Raise `Refusal` where something is missing; nothing is made, as other commands would."""
    load_secret(settings.secret_file, create=False)
    found = schema.find(settings.database_url)
    if found.revision is None:
        raise Refusal("there is no database yet", "set IDP_DATABASE_URL to the one to back up")
    if found.revision not in known_revisions():
        raise Refusal(f"the database has schema {found.revision}", "back it up with the release that made it")
    if settings.keystore.startswith("file:") and not any(settings.keystore_path.glob("*.json")):
        raise Refusal(f"{settings.keystore_path} holds no keys", "set IDP_KEYSTORE to the keystore of this database")


async def made_backup(provider: Provider, target: Path) -> Backup:
    """Make the backup and record that. Raises `BackupError`, `KeyMaterialError`, `OSError`."""
    secret = load_secret(provider.settings.secret_file, create=False)
    with appearing(target) as folder:
        manifest = await _fill(provider, secret, folder)
        digest = write_manifest(folder, manifest, secret)
    await provider.stores.audit_trail.record(BackupMade(origin=provider.origin, digest=digest))
    return Backup(target, manifest, digest, provider.settings.secret_file)


async def _fill(provider: Provider, secret: Secret, folder: Path) -> Manifest:
    """Save the parts. What checkpoints saw is in the database that is copied after them; keys it needs come last."""
    settings = provider.settings
    copy = database_copy(settings.database_url)
    found = schema.find(settings.database_url)
    created_at = provider.clock.now()
    heads = seen_records(await provider.stores.audit_log.heads())
    names = _save_checkpoints(settings, folder)
    await asyncio.to_thread(copy.save, folder)
    names.append(copy.part)
    in_files = settings.keystore.startswith("file:")
    if in_files:
        names += save_keystore(settings.keystore_path, secret, folder)
    return Manifest(
        created_at=created_at,
        issuer=settings.issuer,
        release=version(DISTRIBUTION),
        engine=copy.engine,
        engine_version=await asyncio.to_thread(copy.version),
        revision=found.revision or "",
        oldest_code=found.oldest_code,
        keystore="file" if in_files else "pkcs11",
        heads=heads,
        parts=tuple(measure(folder, name) for name in names),
    )


def _save_checkpoints(settings: Settings, folder: Path) -> list[str]:
    path = settings.audit_checkpoint_path
    if path is None or not path.exists():
        return []
    copy_file(path, folder / CHECKPOINTS)
    return [CHECKPOINTS]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
