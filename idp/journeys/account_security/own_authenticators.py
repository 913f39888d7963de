"""Everything that a person signs in with besides the password, in one list, whatever it is.

Whoever calls `rename` or `remove` has seen that the person proved two factors a moment ago.
"""

from dataclasses import dataclass
from enum import StrEnum

from idp.domain.ids import AccountId, AuthenticatorId, PasskeyId, Seconds
from idp.journeys.account_security.one_time_codes import OneTimeCodeDevices
from idp.journeys.own_certificates import OwnCertificates
from idp.journeys.passkeys.own_passkeys import OwnPasskeys
from idp.journeys.visitor import Visitor


class Kind(StrEnum):
    """What somebody has; also its name in addresses."""

    PASSKEY = "passkeys"
    ONE_TIME_CODES = "codes"
    CERTIFICATE = "certificates"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAuthenticator:
    """One of them. `is_synced`: a passkey that may be on several devices; `ends_at`: when a certificate runs out."""

    kind: Kind
    identifier: str
    name: str
    added_at: Seconds
    last_used_at: Seconds | None
    is_synced: bool = False
    ends_at: Seconds | None = None


class OwnAuthenticators:
    """Lists, renames and removes. `certificates` is None where no card signs anybody in."""

    def __init__(
        self, devices: OneTimeCodeDevices, passkeys: OwnPasskeys, certificates: OwnCertificates | None
    ) -> None:
        self._devices = devices
        self._passkeys = passkeys
        self._certificates = certificates

    @property
    def takes_certificates(self) -> bool:
        """Whether cards sign anybody in here."""
        return self._certificates is not None

    async def of(self, account_id: AccountId) -> tuple[OwnAuthenticator, ...]:
        """All of them: passkeys first, then devices for one-time codes, then cards; the oldest of each in front."""
        return (
            *await self._own_passkeys(account_id),
            *await self._own_devices(account_id),
            *await self._own_certificates(account_id),
        )

    async def find(self, account_id: AccountId, kind: str, identifier: str) -> OwnAuthenticator | None:
        """The one that an address names, if the account has it."""
        found = await self.of(account_id)
        return next((one for one in found if (one.kind, one.identifier) == (kind, identifier)), None)

    async def rename(self, account_id: AccountId, which: OwnAuthenticator, name: str, visitor: Visitor) -> bool:
        """Call it something else; False when it is gone, or has its name from elsewhere."""
        match which.kind:
            case Kind.PASSKEY:
                return await self._passkeys.rename(account_id, PasskeyId(which.identifier), name, visitor)
            case Kind.ONE_TIME_CODES:
                return await self._devices.rename(account_id, AuthenticatorId(which.identifier), name, visitor)
            case Kind.CERTIFICATE:
                return False

    async def remove(self, account_id: AccountId, which: OwnAuthenticator, visitor: Visitor) -> bool:
        """Let it sign nobody in any more; False when it is gone already."""
        match which.kind:
            case Kind.PASSKEY:
                return await self._passkeys.remove(account_id, PasskeyId(which.identifier), visitor)
            case Kind.ONE_TIME_CODES:
                return await self._devices.remove(account_id, AuthenticatorId(which.identifier), visitor)
            case Kind.CERTIFICATE:
                if self._certificates is None:
                    return False
                return await self._certificates.remove(account_id, which.identifier, visitor)

    async def _own_passkeys(self, account_id: AccountId) -> list[OwnAuthenticator]:
        return [
            OwnAuthenticator(
                kind=Kind.PASSKEY,
                identifier=one.passkey_id,
                name=one.name,
                added_at=one.created_at,
                last_used_at=one.last_used_at,
                is_synced=one.is_synced,
            )
            for one in await self._passkeys.of_account(account_id)
        ]

    async def _own_devices(self, account_id: AccountId) -> list[OwnAuthenticator]:
        return [
            OwnAuthenticator(
                kind=Kind.ONE_TIME_CODES,
                identifier=one.authenticator_id,
                name=one.name,
                added_at=one.created_at,
                last_used_at=one.last_used_at,
            )
            for one in await self._devices.of(account_id)
        ]

    async def _own_certificates(self, account_id: AccountId) -> list[OwnAuthenticator]:
        found = await self._certificates.of(account_id) if self._certificates else ()
        return [
            OwnAuthenticator(
                kind=Kind.CERTIFICATE,
                identifier=one.certificate_id,
                name=one.name or one.certificate.subject,
                added_at=one.created_at,
                last_used_at=one.last_used_at,
                ends_at=one.certificate.not_after,
            )
            for one in found
        ]
