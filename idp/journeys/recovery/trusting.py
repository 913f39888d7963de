"""Naming the people who may let one back in, and being named."""

from idp.domain.accounts.account import Account, AccountKind, mailbox
from idp.domain.accounts.recovery import MOST_PEOPLE, TrustedPerson
from idp.domain.events import TrustedPersonChanged
from idp.domain.ids import AccountId
from idp.domain.people.ageing import level_at
from idp.domain.representation.guardianship import GUARDIAN_LEVEL
from idp.domain.values import dataclass
from idp.journeys.errands import Errands
from idp.journeys.known_person import KnownPeople, NotPossibleError
from idp.journeys.recovery.circle import Circle
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys
from idp.ports.mail import MailError
from idp.ports.recoveries import TrustedPeople
from idp.ports.recovery_messages import RecoveryMessages


@dataclass(frozen=True, slots=True)
class Bond:
    """One person's trust in another, with the name of the other side, and what addresses call it."""

    person: TrustedPerson
    name: str
    handle: str


class Trusting:
    """What owners and helpers do. Refusals raise `NotPossibleError`."""

    def __init__(
        self,
        people: TrustedPeople,
        known: KnownPeople,
        circle: Circle,
        accounts: Accounts,
        messages: RecoveryMessages,
        errands: Errands,
        keys: SubjectKeys,
        clock: Clock,
    ) -> None:
        self._people = people
        self._known = known
        self._circle = circle
        self._accounts = accounts
        self._messages = messages
        self._errands = errands
        self._keys = keys
        self._clock = clock

    async def named_by(self, owner: Account) -> tuple[Bond, ...]:
        """Whom the owner named."""
        found = await self._people.of_account(owner.account_id)
        return tuple([await self._bond(each, each.helper) for each in found])

    async def naming(self, helper: Account) -> tuple[Bond, ...]:
        """Who named this person."""
        found = await self._people.trusting(helper.account_id)
        return tuple([await self._bond(each, each.account_id) for each in found])

    async def name(self, owner: Account, number: str, name: str, visitor: Visitor) -> None:
        """Ask somebody, known by personal number and name, who has to be willing.

        Raises `NotPossibleError`: somebody unknown is told from a wrong name no more than anywhere else.
        """
        if owner.kind is not AccountKind.CITIZEN:
            raise NotPossibleError("officer")
        record = await self._known.find(owner, number, name)
        helper = await self._accounts.find(record.personal_number)
        if helper is None or not helper.is_active or level_at(record, self._clock.now()) < GUARDIAN_LEVEL:
            raise NotPossibleError("person")
        if helper.person_id == owner.person_id:
            raise NotPossibleError("oneself")
        person = TrustedPerson(owner.account_id, helper.account_id, self._clock.now())
        if not await self._people.name(person, MOST_PEOPLE, self._event(person, "named", visitor)):
            raise NotPossibleError("named")
        self._errands.send(self._tell(owner, helper, visitor))

    async def accept(self, helper: Account, owner: AccountId, visitor: Visitor) -> bool:
        """Be willing to help; False when nobody asks any more."""
        person = TrustedPerson(owner, helper.account_id, self._clock.now())
        event = self._event(person, "accepted", visitor)
        return await self._people.accept(owner, helper.account_id, person.named_at, event)

    async def decline(self, helper: Account, owner: AccountId, visitor: Visitor) -> bool:
        """Not be willing, or no longer; False when nobody asks any more."""
        person = TrustedPerson(owner, helper.account_id, self._clock.now())
        return await self._people.remove(owner, helper.account_id, self._event(person, "declined", visitor))

    async def remove(self, owner: Account, helper: AccountId, visitor: Visitor) -> bool:
        """Trust somebody no longer; False when that was so."""
        person = TrustedPerson(owner.account_id, helper, self._clock.now())
        return await self._people.remove(owner.account_id, helper, self._event(person, "removed", visitor))

    async def _bond(self, person: TrustedPerson, other: AccountId) -> Bond:
        handle = self._keys.tag("trusted-person", f"{person.account_id}\n{person.helper}")
        return Bond(person, await self._circle.name_of(other), handle)

    def _event(self, person: TrustedPerson, change: str, visitor: Visitor) -> TrustedPersonChanged:
        return TrustedPersonChanged(
            origin=visitor.origin, account_id=person.account_id, helper=person.helper, change=change
        )

    async def _tell(self, owner: Account, helper: Account, visitor: Visitor) -> None:
        """Tell whoever was named; the page says it in any case."""
        contact = mailbox(await self._accounts.contacts(helper.account_id))
        if contact is None:
            return
        name = await self._circle.name_of(owner.account_id)
        try:
            await self._messages.trust_asked(contact, name, helper.locale or visitor.locale)
        except MailError:
            return
