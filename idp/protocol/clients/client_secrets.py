"""OpenID Connect Core section 9, client_secret_jwt: the secrets that clients sign with, which no hash can verify."""

from idp.domain.clients.client import Client
from idp.domain.clients.client_secret import SealedSecret
from idp.domain.ids import ClientId, Seconds
from idp.ports.vault import Vault, VaultError


class ClientSecrets:
    """Seals secrets and opens them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, client_id: ClientId, secret: str) -> SealedSecret:
        """Return a secret as it may be stored."""
        key = self._vault.new_key()
        return SealedSecret(key, self._vault.seal(key, _context(client_id), secret.encode()))

    def in_force(self, client: Client, now: Seconds) -> tuple[bytes, ...]:
        """Return every secret that the client may sign with now; one that does not open is none."""
        sealed = [client.sealed_secret, *(each.sealed for each in client.retiring_secrets if now < each.expires_at)]
        return tuple(secret for each in sealed if each is not None for secret in self._opened(client.client_id, each))

    def _opened(self, client_id: ClientId, sealed: SealedSecret) -> tuple[bytes, ...]:
        try:
            return (self._vault.open(sealed.wrapped_key, _context(client_id), sealed.value),)
        except VaultError:
            return ()


def _context(client_id: ClientId) -> str:
    return f"client secret {client_id}"
