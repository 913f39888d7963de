"""Tickets of the people room: a quarter of an hour, one officer, one purpose; nothing personal stands in an address.

A ticket lies in the short-lived store, where what was looked for is sealed. What goes out to the browser besides it,
whom a row is about and where a list goes on, is sealed under the ticket's own key.
"""

import base64
import binascii
from hashlib import sha256
from typing import Final

import msgspec

from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.people_search import NameSearch
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import NotFoundError
from idp.journeys.administration.record_looks import Occasion
from idp.ports.clock import Clock, Entropy
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault, VaultError

LIFETIME: Final = 15 * 60
"""Seconds for which an officer may go on with a search or look at a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a ticket stands for: a search by name, or one person's record."""

    name: str
    occasion: Occasion
    key: bytes
    search: NameSearch | None = None
    person_id: PersonId | None = None

    @property
    def looked_for(self) -> NameSearch:
        """The search. Raises `NotFoundError` when the ticket is for a person."""
        if self.search is None:
            raise NotFoundError
        return self.search

    @property
    def person(self) -> PersonId:
        """Whose record. Raises `NotFoundError` when the ticket is for a search."""
        if self.person_id is None:
            raise NotFoundError
        return self.person_id


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    officer: AccountId
    occasion: Occasion
    key: bytes
    subject: bytes


class _Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    search: NameSearch | None = None
    person_id: PersonId | None = None


class PeopleTickets:
    """Gives tickets out and knows them again."""

    def __init__(self, store: ShortLivedStore, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._entropy = entropy

    async def give(self, admin: Administrator, occasion: Occasion, subject: NameSearch | PersonId) -> str:
        """Return a ticket that this officer alone can use."""
        name, key = self._entropy.token(16), self._vault.new_key()
        told = _Subject(search=subject) if isinstance(subject, NameSearch) else _Subject(person_id=subject)
        sealed = self._vault.seal(key, _context(name), msgspec.msgpack.encode(told))
        kept = msgspec.msgpack.encode(_Kept(admin.account_id, occasion, key, sealed))
        await self._store.put(_place(name), kept, Seconds(self._clock.now() + LIFETIME))
        return name

    async def take(self, admin: Administrator, name: str) -> Ticket:
        """Return what the ticket stands for. Raises `NotFoundError` when it is over, or another officer's."""
        stored = await self._store.get(_place(name), self._clock.now())
        kept = None if stored is None else msgspec.msgpack.decode(stored, type=_Kept)
        if kept is None or kept.officer != admin.account_id:
            raise NotFoundError
        opened = self._vault.open(kept.key, _context(name), kept.subject)
        told = msgspec.msgpack.decode(opened, type=_Subject)
        return Ticket(name=name, occasion=kept.occasion, key=kept.key, search=told.search, person_id=told.person_id)

    def hide(self, ticket: Ticket, person_id: str) -> str:
        """Return what stands for a person on the pages of this ticket."""
        sealed = self._vault.seal(ticket.key, _context(ticket.name, "row"), person_id.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def reveal(self, ticket: Ticket, hidden: str) -> PersonId:
        """Return whom it stands for. Raises `NotFoundError` for what did not come from a page of this ticket."""
        try:
            sealed = base64.urlsafe_b64decode(hidden.encode() + b"=" * (-len(hidden) % 4))
            return PersonId(self._vault.open(ticket.key, _context(ticket.name, "row"), sealed).decode())
        except (VaultError, binascii.Error, ValueError):
            raise NotFoundError from None


def _place(name: str) -> str:
    return f"people-ticket:{sha256(name.encode()).hexdigest()}"


def _context(name: str, part: str = "subject") -> str:
    return f"people-ticket.{part}:{name}"
