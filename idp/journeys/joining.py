"""Officers who join: a known person, proved by number and name, gets an account for the office, or the old one back."""

import unicodedata
from collections.abc import Callable, Sequence

from idp.domain.accounts.sign_in_identifier import parse_username
from idp.domain.events import OfficerChanged
from idp.domain.ids import AccountId
from idp.domain.offices.officer import NewOfficer, NewPost
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.personal_number import parse_personal_number
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.ports.clock import Clock, Entropy
from idp.ports.identity_records import IdentityRecords
from idp.ports.officer_parts import OfficerPart
from idp.ports.officers import (
    AlreadyOfficerError,
    Officers,
    PersonHeldError,
    PostChangedError,
    UnknownAgencyError,
    UsernameTakenError,
)

Told = Callable[[AccountId, str], OfficerChanged]
"""Makes the event of a change: to whom, and what."""

Further = Callable[[AccountId], Sequence[OfficerPart]]
"""Makes what is to happen to the account besides."""


def _nothing(_: AccountId) -> tuple[OfficerPart, ...]:
    return ()


class EntryRefusedError(Exception):
    """Something that was told cannot be so: `field` and a stable `reason`, never the value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Joiner:
    """Who joins. The name has to be the one of the record: a number alone finds nobody."""

    personal_number: str
    name: str
    username: str


class Joining:
    """Makes officers of people."""

    def __init__(self, officers: Officers, records: IdentityRecords, clock: Clock, entropy: Entropy) -> None:
        self._officers = officers
        self._records = records
        self._clock = clock
        self._entropy = entropy

    async def join(self, joiner: Joiner, post: NewPost, told: Told, further: Further = _nothing) -> AccountId:
        """Return the officer's account, holding `post`. Raises `EntryRefusedError`, and nobody has joined then.

        Whoever was an officer before and is out of office comes back to the same account. What is to happen `further`
        happens at once with it, or raises what `ProvisionedOfficers.change` does.
        """
        record = await self._person(joiner)
        username = read_username(joiner.username)
        account_id = AccountId(self._entropy.identifier())
        new = NewOfficer(account_id=account_id, username=username, post=post, person_id=record.person_id)
        try:
            await self._officers.add(new, told(account_id, "joined"), further(account_id))
        except AlreadyOfficerError:
            return await self._come_back(record, username, post, told, further)
        except PersonHeldError:
            raise EntryRefusedError("personal_number", "person_held") from None
        except UsernameTakenError:
            raise EntryRefusedError("username", "taken") from None
        except UnknownAgencyError:
            raise EntryRefusedError("agency", "unknown") from None
        return account_id

    async def _person(self, joiner: Joiner) -> IdentityRecord:
        try:
            number = parse_personal_number(joiner.personal_number)
        except RefusedIdentifier:
            raise EntryRefusedError("personal_number", "malformed") from None
        record = await self._records.of_number(number)
        # One answer for both: nobody learns from it whether a number is anybody's.
        if record is None or comparable_name(str(record.claims.get("name", ""))) != comparable_name(joiner.name):
            raise EntryRefusedError("personal_number", "no_such_person")
        return record

    async def _come_back(
        self, record: IdentityRecord, username: str, post: NewPost, told: Told, further: Further
    ) -> AccountId:
        account_id = await self._officers.of_person(record.person_id)
        officer = await self._officers.get(account_id) if account_id else None
        now = self._clock.now()
        if officer is None or officer.post_at(now) or officer.post_to_come(now):
            raise EntryRefusedError("personal_number", "already_officer")
        try:
            renamed, joined = (told(officer.account_id, change) for change in ("renamed", "joined"))
            parts = further(officer.account_id)
            await self._officers.come_back(officer, username, post, renamed, joined, parts)
        except PostChangedError:
            # Somebody else let the person join in the meantime.
            raise EntryRefusedError("personal_number", "already_officer") from None
        except UsernameTakenError:
            raise EntryRefusedError("username", "taken") from None
        except UnknownAgencyError:
            raise EntryRefusedError("agency", "unknown") from None
        return officer.account_id


def read_username(typed: str) -> str:
    """Return the canonical username. Raises `EntryRefusedError`."""
    try:
        return parse_username(typed)
    except RefusedIdentifier:
        raise EntryRefusedError("username", "malformed") from None


def comparable_name(name: str) -> str:
    """Return a name as two of them are compared: composed, single spaces, no case."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
