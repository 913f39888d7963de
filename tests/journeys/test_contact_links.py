import pytest

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.contact_change import HOLD, ContactChange
from idp.domain.accounts.security_alert import AlertKind, Channel
from idp.domain.events import ContactChanged
from idp.domain.ids import Seconds
from idp.journeys.contact_links import ContactLinks, UndoingContacts, contact_alert
from tests.journeys.stage import AN, ORIGIN, VISITOR, Stage

NEW = Contact(ContactKind.EMAIL, "moi@example.vn")


@pytest.fixture
def links(stage: Stage) -> ContactLinks:
    return ContactLinks(stage.keys)


@pytest.fixture
def undoing(stage: Stage, links: ContactLinks) -> UndoingContacts:
    return UndoingContacts(stage.stores.own_contacts, links, stage.clock, stage.entropy)


async def changed(stage: Stage, former: Contact | None) -> ContactChange:
    now, account_id = stage.clock.now(), await stage.account_id(AN)
    change = ContactChange(
        change_id="change",
        account_id=account_id,
        kind=ContactKind.EMAIL,
        changed_at=now,
        held_until=Seconds(now + HOLD),
        former=former,
    )
    alert = contact_alert(account_id, AlertKind.CONTACT_CHANGED, stage.clock, stage.entropy, (Channel.FORMER,))
    event = ContactChanged(origin=ORIGIN, account_id=account_id, kind="email", change_id="change")
    assert await stage.stores.own_contacts.change(change, NEW, alert, event)
    return change


async def address(stage: Stage) -> Contact:
    return (await stage.stores.accounts.contacts(await stage.account_id(AN)))[0]


@pytest.mark.parametrize("token", ["", "change", "change.", "change.guessed", ".", "\ud800.x", "x" * 500])
async def test_a_link_of_somebody_else_undoes_nothing(stage: Stage, undoing: UndoingContacts, token: str) -> None:
    await changed(stage, await address(stage))
    assert await undoing.undoable(token) is None
    assert not await undoing.undo(token, VISITOR)
    assert await address(stage) == NEW


async def test_a_link_undoes_once_and_leaves_its_event_and_an_alert(
    stage: Stage, undoing: UndoingContacts, links: ContactLinks
) -> None:
    before = await address(stage)
    change = await changed(stage, before)
    token = links.token(change.change_id)
    assert await undoing.undoable(token) == change
    assert [await undoing.undo(token, VISITOR), await undoing.undo(token, VISITOR)] == [True, False]
    assert await address(stage) == before
    assert len(await stage.events("contact.restored")) == 1
    kinds = [alert.kind for alert in await stage.stores.security_alerts.of_account(change.account_id, "", 9)]
    assert sorted(kinds) == [AlertKind.CONTACT_CHANGED, AlertKind.CONTACT_RESTORED]
    now = stage.clock.now()
    told = [each.address for each in await stage.stores.alert_messages.claim_due(now, now, 9) if each.address]
    assert set(told) == {before, NEW}


async def test_a_contact_that_somebody_else_took_meanwhile_stays_theirs(
    stage: Stage, undoing: UndoingContacts, links: ContactLinks
) -> None:
    before = await address(stage)
    change = await changed(stage, before)
    other = await stage.account_id("001199000002")
    theirs = ContactChange(
        change_id="theirs",
        account_id=other,
        kind=ContactKind.EMAIL,
        changed_at=change.changed_at,
        held_until=change.held_until,
        former=(await stage.stores.accounts.contacts(other))[0],
    )
    alert = contact_alert(other, AlertKind.CONTACT_CHANGED, stage.clock, stage.entropy, ())
    event = ContactChanged(origin=ORIGIN, account_id=other, kind="email", change_id="theirs")
    assert await stage.stores.own_contacts.change(theirs, before, alert, event)
    assert not await undoing.undo(links.token(change.change_id), VISITOR)
    assert await address(stage) == NEW
    assert await undoing.undoable(links.token(change.change_id)) == change
