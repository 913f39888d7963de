"""What `idp doctor` says of files that settings name and nothing else is asked about."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from idp.adapters.places.network_file import open_places
from idp.cli.finding import Finding, failure, warning, well
from idp.settings import PREFIX, Settings, SettingsError

_CHECK: Final = "files"
_FOLDERS: Final = ("client_ca", "passkey_metadata")


def examine_files(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say of networks' places, of files that nothing uses, and of folders that are not there."""
    if settings.network_places is not None:
        yield _places(settings.network_places)
    yield from _unused("messages_secret", settings.messages_secret, "messages", settings.messages[:5] != "file:")
    keys, verifier = settings.biometric_verifier_keys, settings.biometric_verifier
    yield from _unused("biometric_verifier_keys", keys, "biometric_verifier", bool(verifier))
    certificate = settings.service_certificate
    yield from _unused("service_key", settings.service_key, "service_certificate", certificate is not None)
    for name in _FOLDERS:
        folder = getattr(settings, name)
        if folder != Settings.model_fields[name].default and not folder.is_dir():
            yield failure(_CHECK, f"{_setting(name)} names a folder that is not there", "correct it, or unset it")


def _places(path: Path) -> Finding:
    try:
        open_places(path)
    except SettingsError as error:
        return failure("network places", error.problem, error.remedy)
    return well("network places", f"{path} tells where networks are")


def _unused(name: str, path: Path | None, user: str, used: bool) -> Iterator[Finding]:
    """Look at a file that only another setting has a use for, where that one is not set."""
    if path is None or used:
        return
    if not path.is_file() or not os.access(path, os.R_OK):
        yield failure(_CHECK, f"{_setting(name)} names a file that cannot be read", "correct it, or unset it")
    else:
        yield warning(_CHECK, f"{_setting(name)} is set and nothing uses it", f"set {_setting(user)}, or unset it")


def _setting(name: str) -> str:
    return f"{PREFIX}{name.upper()}"
