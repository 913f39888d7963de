import asyncio
from dataclasses import dataclass, field, replace

import pytest

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.ids import AccountId
from idp.domain.refused_value import RefusedValue
from idp.journeys.activation_codes import Channel
from idp.journeys.bound_documents import BoundDocuments, DocumentGoneError
from idp.journeys.own_contacts import (
    LIFETIME,
    ChangingContacts,
    CounterOnlyError,
    OfficersElsewhereError,
    OwnContactParts,
    SameContactError,
    WantedContact,
    identifier_of,
    parse_contact,
)
from idp.journeys.refusals import CodeNotSentError, UnreachableContactError, WrongCodeError
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError
from idp.ports.mail import MailError
from tests.journeys.stage import AN, BINH, BROWSER, CUONG, OFFICER, VISITOR, Stage

NEW = "An.Moi@example.vn"


@dataclass
class Post:
    """What was said to whom; a full one takes nothing."""

    codes: list[tuple[str, str]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    is_full: bool = False

    async def reaches(self, contact: Contact) -> bool:
        if self.is_full and not contact.address.isascii():
            raise MailError
        return contact.address.isascii()

    async def contact_code(self, contact: Contact, code: str, locale: str) -> None:
        if self.is_full:
            raise MailError
        self.codes.append((contact.address, code))

    async def contact_taken(self, contact: Contact, locale: str) -> None:
        self.taken.append(contact.address)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def contacts(stage: Stage, post: Post) -> ChangingContacts:
    stores = stage.stores
    documents = BoundDocuments(
        "contact",
        WantedContact,
        LIFETIME,
        store=stores.short_lived,
        vault=stage.vault,
        clock=stage.clock,
        entropy=stage.entropy,
    )
    return ChangingContacts(
        OwnContactParts(
            accounts=stores.accounts,
            authenticators=stores.authenticators,
            contacts=stores.own_contacts,
            documents=documents,
            codes=stage.codes,
            messages=post,
            throttling=stage.throttling,
            audit=stores.audit_trail,
            clock=stage.clock,
            entropy=stage.entropy,
        )
    )


async def session(stage: Stage, username: str = AN) -> CurrentSession:
    return await stage.sessions.begin(await stage.account(username), (), None)


async def begun(contacts: ChangingContacts, stage: Stage, address: str = NEW, username: str = AN) -> str:
    return await contacts.begin(await session(stage, username), ContactKind.EMAIL, address, BROWSER, VISITOR)


async def address(stage: Stage, username: str = AN) -> str:
    return (await stage.stores.accounts.contacts(await stage.account_id(username)))[0].address


async def test_of_fifty_submissions_of_a_code_one_changes_the_contact(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    held = await contacts.load(await begun(contacts, stage), await stage.account(AN), BROWSER)
    ((recipient, code),) = post.codes
    assert recipient == NEW
    tried = await asyncio.gather(
        *(contacts.submit_code(held, code, VISITOR) for _ in range(50)), return_exceptions=True
    )
    assert [each for each in tried if each is True] == [True]
    assert await address(stage) == NEW
    assert len(await stage.events("contact.changed")) == 1


async def test_the_present_contact_is_asked_before_the_new_one_hears_anything(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    change_id, account = await begun(contacts, stage, NEW, BINH), await stage.account(BINH)
    assert not await contacts.submit_code(await contacts.load(change_id, account, BROWSER), post.codes[0][1], VISITOR)
    assert [each for each, _ in post.codes] == [BINH, NEW]
    held = await contacts.load(change_id, account, BROWSER)
    with pytest.raises(WrongCodeError):
        await contacts.submit_code(held, post.codes[0][1], VISITOR)
    assert await contacts.submit_code(held, post.codes[1][1], VISITOR)
    assert await address(stage, "001199000002") == NEW


async def test_an_address_that_no_message_reaches_is_refused_before_a_code_leaves(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    with pytest.raises(UnreachableContactError):
        await begun(contacts, stage, "nguyễn@example.vn", BINH)
    assert post.codes == []
    post.is_full = True
    with pytest.raises(CodeNotSentError):
        await begun(contacts, stage, "nguyễn@example.vn", BINH)


async def test_what_signs_in_to_another_account_gets_no_code_and_takes_none(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    held = await contacts.load(await begun(contacts, stage, BINH.upper()), await stage.account(AN), BROWSER)
    assert (post.codes, [each.lower() for each in post.taken]) == ([], [BINH])
    with pytest.raises(WrongCodeError):
        await contacts.submit_code(held, "000000", VISITOR)
    assert len(await stage.events("contact.refused")) == 1


async def test_a_code_that_was_guessed_opens_nothing_that_is_taken(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    held = await contacts.load(await begun(contacts, stage, BINH), await stage.account(AN), BROWSER)
    subject = AccountId(f"contact wanted {held.document_id}")
    code = await stage.codes.issue(subject, Channel.CONTACT)
    with pytest.raises(WrongCodeError):
        await contacts.submit_code(held, code, VISITOR)
    assert await address(stage) != BINH


async def test_a_change_belongs_to_one_account_and_one_browser(stage: Stage, contacts: ChangingContacts) -> None:
    change_id = await begun(contacts, stage)
    for account, browser in ((await stage.account(BINH), BROWSER), (await stage.account(AN), "another")):
        with pytest.raises(DocumentGoneError):
            await contacts.load(change_id, account, browser)


async def test_what_ends_all_sessions_ends_a_change_under_way(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    change_id = await begun(contacts, stage)
    await stage.sessions.end_everywhere(await session(stage), VISITOR.origin)
    with pytest.raises(DocumentGoneError):
        await contacts.load(change_id, await stage.account(AN), BROWSER)
    again = await contacts.load(await begun(contacts, stage), await stage.account(AN), BROWSER)
    assert again.document.wanted.address == NEW


async def test_where_messages_go_already_is_no_change(stage: Stage, contacts: ChangingContacts) -> None:
    with pytest.raises(SameContactError):
        await begun(contacts, stage, (await address(stage)).upper())


async def test_officers_change_the_contacts_of_their_own_account(stage: Stage, contacts: ChangingContacts) -> None:
    with pytest.raises(OfficersElsewhereError):
        await begun(contacts, stage, NEW, OFFICER[0])


async def test_a_password_alone_brings_no_first_contact(stage: Stage, contacts: ChangingContacts, post: Post) -> None:
    with pytest.raises(CounterOnlyError):
        await begun(contacts, stage, NEW, CUONG)
    assert post.codes == []


async def test_messages_do_not_leave_without_end_and_one_that_does_not_leave_is_told(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    post.is_full = True
    with pytest.raises(CodeNotSentError):
        await begun(contacts, stage)
    post.is_full = False
    held = await contacts.load(await begun(contacts, stage), await stage.account(AN), BROWSER)
    for _ in range(2):
        await contacts.send_again(held, VISITOR)
    with pytest.raises(SlowDownError):
        await contacts.send_again(held, VISITOR)
    assert len(post.codes) == 3


async def test_another_change_brings_no_further_tries_at_codes(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    account = await stage.account(BINH)
    for number in range(2):
        held = await contacts.load(await begun(contacts, stage, f"moi{number}@example.vn", BINH), account, BROWSER)
        for _ in range(5):
            with pytest.raises(WrongCodeError):
                await contacts.submit_code(held, "not it", VISITOR)
    held = await contacts.load(await begun(contacts, stage, NEW, BINH), account, BROWSER)
    with pytest.raises(SlowDownError):
        await contacts.submit_code(held, post.codes[-1][1], VISITOR)


async def test_strangers_who_register_with_somebody_s_address_shut_no_owner_out(
    stage: Stage, contacts: ChangingContacts, post: Post
) -> None:
    for address in (BINH, identifier_of(parse_contact(ContactKind.EMAIL, NEW))):
        throttles = stage.throttling.for_registration_mails(address)
        while not await stage.stores.short_lived.take(throttles, stage.clock.now()):
            pass
    change_id, account = await begun(contacts, stage, NEW, BINH), await stage.account(BINH)
    held = await contacts.load(change_id, account, BROWSER)
    await contacts.submit_code(held, post.codes[0][1], VISITOR)
    assert [each for each, _ in post.codes] == [BINH, NEW]


@pytest.mark.parametrize(
    ("kind", "typed"), [(ContactKind.EMAIL, "an"), (ContactKind.EMAIL, ""), (ContactKind.PHONE, "12")]
)
def test_what_is_no_contact_is_refused(kind: ContactKind, typed: str) -> None:
    with pytest.raises(RefusedValue):
        parse_contact(kind, typed)


def test_two_spellings_of_an_address_are_one_identifier() -> None:
    contact = parse_contact(ContactKind.EMAIL, NEW)
    assert identifier_of(contact) == identifier_of(replace(contact, address="AN.MOI@example.vn")) == NEW.lower()
    assert identifier_of(parse_contact(ContactKind.PHONE, "0987 654 321")) == "+84987654321"
