"""What `idp doctor` says of the metadata by which makers of authenticators are believed."""

from collections.abc import Iterator
from datetime import UTC, datetime

from idp.adapters.webauthn.metadata import UntrustedMetadataError
from idp.adapters.webauthn.trusted_models import read_folder
from idp.cli.finding import Finding, failure, warning, well
from idp.ports.clock import Clock
from idp.settings import Settings

_CHECK = "passkey metadata"


def examine_passkeys(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Yield what there is to say; nothing where no metadata was put."""
    folder, now = settings.passkey_metadata, clock.now()
    try:
        metadata = read_folder(folder, now)
    except UntrustedMetadataError as error:
        yield failure(_CHECK, f"{folder} is not believed: {error}", "get the blob anew (keys/README.md)")
        return
    if metadata is None:
        return
    if datetime.fromtimestamp(now, UTC).date() > metadata.next_update:
        told = f"the blob was to be renewed by {metadata.next_update}"
        yield warning(_CHECK, told, "get the next one: models that were broken since are still trusted")
    else:
        told = f"{len(metadata.models)} models of authenticators are trusted until {metadata.next_update}"
        yield well(_CHECK, told)
