"""OpenID Connect Core section 10.2, RFC 7519 section 5.2: answers that a client has encrypted to it, signed first.

Whoever registered encryption gets nothing in clear: without a key of the client's there is no answer.
"""

from typing import Final

from idp.domain.clients.client import Client
from idp.ports.foreign_tokens import TokenEncryption, UnknownKeyError
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.errors import TemporarilyUnavailableError

NESTED: Final = "JWT"


class EncryptedAnswers:
    """Encrypts answers to the clients that registered so; the others get them as they are."""

    def __init__(self, encryption: TokenEncryption, keys: ClientKeys) -> None:
        self._encryption = encryption
        self._keys = keys

    async def seal(self, client: Client, answer: str, content: str, *, content_type: str | None = NESTED) -> str:
        """Return `content`, encrypted if the client registered that for `answer` (`id_token`, `userinfo`, …).

        Raises `TemporarilyUnavailableError` when the client has no key for it, or does not publish it now.
        """
        encryption = client.encryption(answer)
        if encryption is None:
            return content
        try:
            return self._encryption.encrypt(content, await self._keys.of(client), encryption, content_type=content_type)
        except UnknownKeyError as error:
            raise _no_key(client, answer) from error

    async def require_key(self, client: Client, answer: str) -> None:
        """Do what `seal` would raise for, before something is spent on an answer that cannot leave."""
        encryption = client.encryption(answer)
        if encryption is None:
            return
        try:
            self._encryption.require_key(await self._keys.of(client), encryption)
        except UnknownKeyError as error:
            raise _no_key(client, answer) from error


def _no_key(client: Client, answer: str) -> TemporarilyUnavailableError:
    return TemporarilyUnavailableError(
        "The client publishes no key that this answer can be encrypted to.",
        reason=f"no key to encrypt {answer} to",
        client_id=client.client_id,
    )
