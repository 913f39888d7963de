"""Everything that a person signs in with besides the password, in one list, whatever it is.

Whoever calls `rename` or `remove` has seen that the person proved two factors a moment ago, and before `remove` what
`Removals` asks.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from idp.domain.authenticators.passkey import Passkey
from idp.domain.ids import AccountId, AuthenticatorId, PasskeyId, Seconds
from idp.domain.levels.assurance import METHODS, Method, Resistance
from idp.domain.values import dataclass
from idp.journeys.account_security.one_time_codes import OneTimeCodeDevices
from idp.journeys.own_certificates import OwnCertificates
from idp.journeys.passkeys.own_passkeys import OwnPasskeys
from idp.journeys.visitor import Visitor
from idp.ports.clock import Clock

IsTrusted = Callable[[str, Seconds], bool]

_OF_CARDS: Final = METHODS[Method.CERTIFICATE].resistance


class Kind(StrEnum):
    """What somebody has; also its name in addresses."""

    PASSKEY = "passkeys"
    ONE_TIME_CODES = "codes"
    CERTIFICATE = "certificates"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAuthenticator:
    """One of them. `is_synced`: a passkey that may be on several devices; `ends_at`: when a certificate runs out.

    `resistance`: what a proof by it is worth against phishing today; nothing once it has run out.
    """

    kind: Kind
    identifier: str
    name: str
    added_at: Seconds
    last_used_at: Seconds | None
    resistance: Resistance = Resistance.NONE
    is_synced: bool = False
    ends_at: Seconds | None = None


class OwnAuthenticators:
    """Lists, renames and removes.

    `certificates` is None where no card signs anybody in; `is_trusted` tells whether a model of hardware protects.
    """

    def __init__(
        self,
        devices: OneTimeCodeDevices,
        passkeys: OwnPasskeys,
        certificates: OwnCertificates | None,
        is_trusted: IsTrusted,
        clock: Clock,
    ) -> None:
        self._devices = devices
        self._passkeys = passkeys
        self._certificates = certificates
        self._is_trusted = is_trusted
        self._clock = clock

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
                resistance=self._resistance_of(one),
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
        found, now = await self._certificates.of(account_id) if self._certificates else (), self._clock.now()
        return [
            OwnAuthenticator(
                kind=Kind.CERTIFICATE,
                identifier=one.certificate_id,
                name=one.name or one.certificate.subject,
                added_at=one.created_at,
                last_used_at=one.last_used_at,
                resistance=_OF_CARDS if not one.is_over(now) else Resistance.NONE,
                ends_at=one.certificate.not_after,
            )
            for one in found
        ]

    def _resistance_of(self, passkey: Passkey) -> Resistance:
        """As a sign-in with it counts: hardware whose model is not trusted today protects nothing."""
        method = passkey.method
        if method is Method.SECURITY_KEY and not self._is_trusted(passkey.aaguid, self._clock.now()):
            method = Method.PASSKEY
        return METHODS[method].resistance
