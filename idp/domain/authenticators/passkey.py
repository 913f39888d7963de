"""Passkeys: key pairs that an authenticator keeps for one account of this provider (WebAuthn Level 3)."""

from typing import Final

from idp.domain.ids import AccountId, PasskeyId, Seconds
from idp.domain.levels.assurance import Method
from idp.domain.values import dataclass

MOST_PASSKEYS: Final = 20
"""Passkeys that one account may have."""

LONGEST_NAME: Final = 60
"""Characters of the name that a person gives to a passkey."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey.

    `public_key` is a COSE_Key (RFC 9052 section 7). `backup_eligible`: it may be copied to other devices, `backed_up`:
    it was, when it was last used. `attested_as` is the model whose maker attested that the key stays in protected
    hardware, None where nobody did. `name` is what its owner calls it: empty where it was not read, or not given.
    """

    passkey_id: PasskeyId
    account_id: AccountId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    backup_eligible: bool
    backed_up: bool
    attested_as: str | None
    created_at: Seconds
    name: str = ""
    last_used_at: Seconds | None = None

    @property
    def is_synced(self) -> bool:
        """Whether it may be on several devices of its owner; one that is not stays where it was made."""
        return self.backup_eligible

    @property
    def method(self) -> Method:
        """What using it proves: protection by hardware only where the key stays put and its maker attests to that."""
        if self.attested_as is not None and not self.is_synced:
            return Method.SECURITY_KEY
        return Method.PASSKEY


def passkey_name(typed: str) -> str:
    """A name as it is kept: printable, without spaces around, cut to `LONGEST_NAME`."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in typed).split())[:LONGEST_NAME].strip()
