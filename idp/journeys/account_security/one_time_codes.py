"""Devices for one-time codes: several of them, each with a name that tells its owner which it is.

Whoever calls `add`, `rename` or `remove` has seen that the person proved two factors a moment ago. None of it proves
anything for the session: what it can do stays as it was.
"""

from dataclasses import replace
from typing import Final

from idp.domain.accounts.account import Authenticator, AuthenticatorKind
from idp.domain.events import AuthenticatorAdded, AuthenticatorRemoved, AuthenticatorRenamed
from idp.domain.ids import AccountId, AuthenticatorId
from idp.domain.levels.assurance import Method
from idp.domain.sign_ins.session import Session
from idp.journeys.new_code_device import NewCodeDevice, Proposal
from idp.journeys.refusals import RefusedError
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Authenticators

MOST: Final = 5
"""Devices for one-time codes that an account has at most."""

LONGEST_NAME: Final = 60
"""Characters."""


class TooManyDevicesError(RefusedError):
    """The account has as many devices as it may have."""


class OneTimeCodeDevices:
    """Adds, renames and removes devices for one-time codes."""

    def __init__(self, device: NewCodeDevice, authenticators: Authenticators) -> None:
        self._device = device
        self._authenticators = authenticators

    async def of(self, account_id: AccountId) -> tuple[Authenticator, ...]:
        """The devices, the first in front."""
        enrolled = await self._authenticators.enrolled(account_id)
        return tuple(one for one in enrolled if one.kind is AuthenticatorKind.ONE_TIME_CODE)

    def proposal(self, session: Session, turn: str) -> Proposal:
        """What a device is offered in one `turn` (a random word of the page): the same each time that it is shown."""
        return self._device.proposal(f"{session.session_id}\n{turn}", session.account_id)

    async def add(self, session: Session, turn: str, typed: str, name: str, visitor: Visitor) -> None:
        """Enrol the device that shows `typed`. Raises `WrongCodeError`, `TooManyDevicesError` or `SlowDownError`."""
        account_id = session.account_id
        taken = await self._device.take(self.proposal(session, turn).secret, account_id, typed, visitor)
        device = replace(taken, name=device_name(name))
        added = AuthenticatorAdded(
            origin=visitor.origin,
            account_id=account_id,
            authenticator_id=device.authenticator_id,
            method=Method.ONE_TIME_CODE,
        )
        if not await self._authenticators.add_totp(device, MOST, added):
            await self._device.refused(account_id, "too_many_or_known", visitor)
            raise TooManyDevicesError
        await self._device.taken(account_id)

    async def rename(self, account_id: AccountId, device: AuthenticatorId, name: str, visitor: Visitor) -> bool:
        """Call a device something else; False when the account has none of that identifier."""
        event = AuthenticatorRenamed(
            origin=visitor.origin, account_id=account_id, authenticator_id=device, method=Method.ONE_TIME_CODE
        )
        return await self._authenticators.rename(account_id, device, device_name(name), event)

    async def remove(self, account_id: AccountId, device: AuthenticatorId, visitor: Visitor) -> bool:
        """Forget a device, the last one too; False when the account has none of that identifier."""
        event = AuthenticatorRemoved(
            origin=visitor.origin, account_id=account_id, authenticator_id=device, method=Method.ONE_TIME_CODE
        )
        return await self._authenticators.remove(account_id, device, event)


def device_name(typed: str) -> str:
    """What a person calls a device: as typed, without what cannot be seen and repeated spaces, not too long."""
    return " ".join("".join(each if each.isprintable() else " " for each in typed).split())[:LONGEST_NAME].strip()
