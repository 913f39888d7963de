"""Taking back the change of a contact, by a link that goes to where the contact stood before."""

from hmac import compare_digest
from typing import Final

from idp.domain.accounts.contact_change import ContactChange
from idp.domain.accounts.security_alert import USUAL, AlertKind, Channel, SecurityAlert
from idp.domain.events import ContactRestored
from idp.domain.ids import AccountId
from idp.journeys.visitor import Visitor
from idp.ports.clock import Clock, Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.own_contacts import ContactTakenError, OwnContacts

PURPOSE: Final = "contact-undo"

_LONGEST: Final = 200


class ContactLinks:
    """Makes links, and reads them again: the change's identifier under a key, kept nowhere."""

    def __init__(self, keys: SubjectKeys) -> None:
        self._keys = keys

    def token(self, change_id: str) -> str:
        """Return what stands in the link."""
        return f"{change_id}.{self._keys.tag(PURPOSE, change_id)}"

    def change_of(self, token: str) -> str | None:
        """Return the change that a token names; None for one that is not ours."""
        change_id, _, tag = token[:_LONGEST].partition(".")
        known = self._keys.tag(PURPOSE, change_id)
        return change_id if compare_digest(tag.encode(errors="surrogatepass"), known.encode()) else None


class UndoingContacts:
    """Undoes a change, whoever comes with its link: nobody has to be signed in."""

    def __init__(self, contacts: OwnContacts, links: ContactLinks, clock: Clock, entropy: Entropy) -> None:
        self._contacts = contacts
        self._links = links
        self._clock = clock
        self._entropy = entropy

    async def undoable(self, token: str) -> ContactChange | None:
        """Return the change that a link names, while it can be undone."""
        change_id = self._links.change_of(token)
        change = await self._contacts.get(change_id) if change_id else None
        if change is None or change.former is None or not change.may_be_undone(self._clock.now()):
            return None
        return change

    async def undo(self, token: str, visitor: Visitor) -> bool:
        """Put the former contact back, and sign everybody out; False when it is too late, or somebody else's now."""
        change = await self.undoable(token)
        if change is None:
            return False
        event = ContactRestored(
            origin=visitor.origin, account_id=change.account_id, kind=change.kind, change_id=change.change_id
        )
        channels = (*USUAL, Channel.FORMER)
        alert = contact_alert(change.account_id, AlertKind.CONTACT_RESTORED, self._clock, self._entropy, channels)
        try:
            return await self._contacts.undo(change, self._clock.now(), alert, event)
        except ContactTakenError:
            return False


def contact_alert(
    account_id: AccountId,
    kind: AlertKind,
    clock: Clock,
    entropy: Entropy,
    channels: tuple[Channel, ...],
    reference: str | None = None,
) -> SecurityAlert:
    """Return an alert that is kept with the change that it tells; it sorts among those of the audit trail."""
    return SecurityAlert(
        alert_id=f"{clock.milliseconds():014d}-{entropy.identifier()}",
        account_id=account_id,
        kind=kind,
        at=clock.now(),
        reference=reference,
        channels=channels,
    )
