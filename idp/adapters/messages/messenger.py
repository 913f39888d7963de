"""The messenger that the `IDP_MESSAGES` setting asks for."""

from pathlib import Path

from idp.adapters.messages.file_messenger import FileMessenger
from idp.adapters.messages.gateway_messenger import GatewayMessenger
from idp.ports.clock import Clock, Entropy
from idp.ports.http import OutgoingHttp
from idp.settings import Settings, SettingsError


def open_messenger(
    settings: Settings, http: OutgoingHttp, clock: Clock, entropy: Entropy
) -> FileMessenger | GatewayMessenger:
    """Return the messenger. Raises `SettingsError` when the gateway's secret cannot be read."""
    if settings.messages.startswith("file:"):
        return FileMessenger(Path(settings.messages.removeprefix("file:")), clock, entropy)
    return GatewayMessenger(settings.messages, gateway_secret(settings.messages_secret), http)


def gateway_secret(path: Path | None) -> str:
    """Return what the file holds, spaces around it aside. Raises `SettingsError`."""
    if path is None:
        raise SettingsError("IDP_MESSAGES_SECRET is empty", "name the file that holds the gateway's secret")
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError("IDP_MESSAGES_SECRET names a file that cannot be read", "correct it") from None
    if not secret or not secret.isascii() or not secret.isprintable():
        raise SettingsError("IDP_MESSAGES_SECRET names a file without a secret", "put printable ASCII into it")
    return secret
