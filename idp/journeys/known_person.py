"""Finding somebody by personal number and name: both have to be right, and nobody may try for long."""

from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.names import parse_name
from idp.domain.people.personal_number import PersonalNumber, parse_personal_number
from idp.domain.refused_value import RefusedIdentifier, RefusedName
from idp.ports.clock import Clock
from idp.ports.identity_records import IdentityRecords
from idp.ports.short_lived import ShortLivedStore, Throttle

TRIES: Final = 10
INTERVAL: Final = 180
"""People that one account may look for at once, and seconds until one more: a number is not to be found by trying."""


class NotPossibleError(Exception):
    """What somebody wants to do for others is refused; `reason` is a stable word, put into words by the pages."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KnownPeople:
    """Looks people up for somebody who knows them."""

    def __init__(self, records: IdentityRecords, store: ShortLivedStore, clock: Clock) -> None:
        self._records = records
        self._store = store
        self._clock = clock

    async def of_account(self, account: Account) -> IdentityRecord:
        """The record behind an account. Raises `NotPossibleError` when there is none."""
        record = await self._records.of_account(account.account_id)
        if record is None:
            raise NotPossibleError("level")
        return record

    async def find(self, account: Account, number: str, name: str) -> IdentityRecord:
        """Who has this number and this name. Raises `NotPossibleError`, the same for either being wrong."""
        await self.may_look(account)
        found = await self._records.of_number(checked_number(number))
        if found is None or not is_called(found, name):
            raise NotPossibleError("person")
        return found

    async def may_look(self, account: Account) -> None:
        """Count one look-up. Raises `NotPossibleError` when there were too many."""
        throttle = Throttle(f"throttle:kp:{account.account_id}", burst=TRIES, interval=INTERVAL)
        if await self._store.take((throttle,), self._clock.now()):
            raise NotPossibleError("slow")


def checked_number(number: str) -> PersonalNumber:
    """Return the number in canonical form. Raises `NotPossibleError`."""
    try:
        return parse_personal_number(number)
    except RefusedIdentifier as error:
        raise NotPossibleError("number") from error


def is_called(record: IdentityRecord, name: str) -> bool:
    """Whether the record's name is this one, whatever the case of its letters."""
    try:
        return parse_name(name).casefold() == parse_name(str(record.claims.get("name", ""))).casefold()
    except RefusedName:
        return False
