"""The passkeys of an account, as its owner keeps them in order."""

from idp.domain.authenticators.passkey import Passkey, passkey_name
from idp.domain.events import PasskeyRemoved, PasskeyRenamed
from idp.domain.ids import AccountId, PasskeyId
from idp.journeys.visitor import Visitor
from idp.ports.passkeys import Passkeys


class OwnPasskeys:
    """Lists, names and removes. Whoever removes has proved two factors just now: the pages see to that."""

    def __init__(self, passkeys: Passkeys) -> None:
        self._passkeys = passkeys

    async def of_account(self, account_id: AccountId) -> tuple[Passkey, ...]:
        """The account's passkeys, oldest first."""
        return await self._passkeys.of_account(account_id)

    async def rename(self, account_id: AccountId, passkey_id: PasskeyId, name: str, visitor: Visitor) -> bool:
        """Call one something else; False when the account has no such passkey."""
        event = PasskeyRenamed(origin=visitor.origin, account_id=account_id, passkey_id=passkey_id)
        return await self._passkeys.rename(account_id, passkey_id, passkey_name(name), event)

    async def remove(self, account_id: AccountId, passkey_id: PasskeyId, visitor: Visitor) -> bool:
        """Let one sign in no more; False when the account has no such passkey. The owner is told (`SecurityAlerts`)."""
        event = PasskeyRemoved(origin=visitor.origin, account_id=account_id, passkey_id=passkey_id)
        return await self._passkeys.remove(account_id, passkey_id, event)
