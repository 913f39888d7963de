"""Where messages go: proved before it counts, taken back by whoever had it before, and silent about others."""

import re

import pytest

from idp.adapters.mail.file_mailer import FileMailer
from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.contact_change import HOLD
from tests.flows.alerts import alerted, letters, link_in, messages
from tests.flows.provider import PASSWORD, Browser, Page, Provider

AN, BINH = "001099000001", "binh@example.vn"
NEW = "An.Moi@example.vn"


def last_code(provider: Provider, address: str) -> str:
    """The code that went to an address last, on a line of its own."""
    texts = [letter.text for letter in letters(provider) if letter.recipient == address]
    found = re.findall(r"^([0-9]{6})$", texts[-1], re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


async def at_form(browser: Browser, username: str = AN, kind: str = "email") -> Page:
    """Signed in with whatever is asked, at the form of a new contact."""
    return await browser.sign_in(await browser.get(f"/account/contacts/{kind}"), username)


async def contacts(provider: Provider, username: str = AN) -> set[str]:
    account = await provider.stores.accounts.find(username)
    assert account is not None
    return {contact.address for contact in await provider.stores.accounts.contacts(account.account_id)}


async def changed(provider: Provider, browser: Browser) -> str:
    """An's address is changed to `NEW`; what it was."""
    (former,) = [each for each in await contacts(provider) if "@" in each]
    page = await browser.submit(await at_form(browser), "contact", address=NEW)
    page = await browser.submit(page, "contact-code", code=last_code(provider, NEW))
    assert page.path == "/account/contacts?changed=yes"
    return former


async def undo_link(provider: Provider, former: str) -> str:
    """The link that went to the former contact."""
    (letter,) = [letter for letter in await alerted(provider) if letter.recipient == former]
    return link_in(letter)


async def test_a_new_address_counts_once_its_code_was_entered(provider: Provider, browser: Browser) -> None:
    page = await at_form(browser)
    assert page.has_form("contact")
    page = await browser.submit(page, "contact", address=NEW)
    assert NEW not in await contacts(provider)
    refused = await browser.submit(page, "contact-code", code="000000")
    assert (refused.status, refused.refusal is not None) == (400, True)
    page = await browser.submit(page, "contact-code", code=last_code(provider, NEW))
    assert NEW in page.text
    assert NEW in await contacts(provider)
    stranger = provider.browser()
    assert "code" in (await stranger.sign_in(await stranger.authorize("portal"), NEW.lower())).answer


async def test_whoever_types_wrong_codes_is_told_when_to_come_back(browser: Browser) -> None:
    page = await browser.submit(await at_form(browser), "contact", address=NEW)
    while page.status != 429:
        page = await browser.submit(page, "contact-code", code="000000")
        assert page.status in {400, 429}
    assert int(page.response.headers["retry-after"]) > 0


async def test_an_address_that_the_mail_server_does_not_take_is_refused_in_plain_words(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def takes_ascii_alone(_: FileMailer) -> bool:
        return False

    monkeypatch.setattr(FileMailer, "reaches_beyond_ascii", takes_ascii_alone)
    page = await browser.submit(await at_form(browser), "contact", address="nguyễn@example.vn")
    assert (page.status, page.has_form("contact")) == (400, True)
    assert page.refusal is not None
    assert "ten@example.vn" in page.refusal


async def test_whoever_has_no_second_factor_proves_the_present_contact_first(
    provider: Provider, browser: Browser
) -> None:
    (present,) = [each for each in await contacts(provider, BINH) if "@" in each]
    page = await browser.submit(await at_form(browser, BINH), "contact", address="binh.moi@example.vn")
    code = last_code(provider, present)
    assert not [letter for letter in letters(provider) if letter.recipient == "binh.moi@example.vn"]
    page = await browser.submit(page, "contact-code", code=code)
    page = await browser.submit(page, "contact-code", code=last_code(provider, "binh.moi@example.vn"))
    assert "binh.moi@example.vn" in await contacts(provider, "001199000002")


async def test_an_old_sign_in_changes_nothing(provider: Provider, browser: Browser) -> None:
    page = await at_form(browser)
    provider.clock.advance(301)
    page = await browser.submit(page, "contact", address=NEW)
    assert page.has_form("sign-in")


async def test_a_contact_of_somebody_else_looks_like_any_other_and_is_told_to_its_holder(
    provider: Provider, browser: Browser
) -> None:
    form = await at_form(browser)
    free = await browser.submit(form, "contact", address="bach@example.vn")
    taken = await browser.submit(form, "contact", address=BINH)
    assert (free.status, re.sub(r"contacts/code/[\w-]+|[a-z]•••", "", free.text)) == (
        taken.status,
        re.sub(r"contacts/code/[\w-]+|[a-z]•••", "", taken.text),
    )


async def test_what_signs_in_to_another_account_is_never_taken(provider: Provider, browser: Browser) -> None:
    page = await browser.submit(await at_form(browser), "contact", address=BINH)
    assert page.has_form("contact-code")
    (letter,) = [letter for letter in letters(provider) if letter.recipient == BINH]
    assert not re.search(r"^[0-9]{6}$", letter.text, re.MULTILINE)
    for code in ("000000", "123456"):
        refused = await browser.submit(page, "contact-code", code=code)
        assert refused.status == 400
    assert BINH not in await contacts(provider)


async def test_the_former_address_undoes_a_change_and_signs_everybody_out(provider: Provider, browser: Browser) -> None:
    former = await changed(provider, browser)
    account = await provider.stores.accounts.find(AN)
    assert account is not None
    settled = await provider.stores.own_contacts.settled(account.account_id, provider.clock.now())
    assert Contact(ContactKind.EMAIL, former) in settled
    link = await undo_link(provider, former)
    owner = provider.browser()
    page = await owner.get(link)
    assert former not in page.text
    assert (await owner.submit(page, "undo-contact")).text.count('data-state="undone"') == 1
    assert former in await contacts(provider)
    assert (await browser.get("/account/contacts")).has_form("sign-in")
    assert (await owner.get(link)).status == 410


async def test_nothing_is_undone_after_three_days_or_by_a_guessed_link(provider: Provider, browser: Browser) -> None:
    former = await changed(provider, browser)
    link = await undo_link(provider, former)
    assert (await provider.browser().get(f"{link[:-1]}x")).status == 410
    provider.clock.advance(HOLD)
    assert (await provider.browser().get(link)).status == 410


async def test_a_telephone_is_proved_by_a_message(provider: Provider, browser: Browser) -> None:
    page = await browser.submit(await at_form(browser, kind="phone"), "contact", address="0987 654 321")
    (message,) = messages(provider)
    assert message.startswith("To: +84987654321\n")
    (code,) = re.findall(r"^([0-9]{6})$", message, re.MULTILINE)
    page = await browser.submit(page, "contact-code", code=code)
    assert "+84987654321" in await contacts(provider)


@pytest.mark.parametrize(
    ("kind", "typed"), [("email", "nobody"), ("phone", "12"), ("email", ""), ("email", "an@example.vn")]
)
async def test_what_is_no_other_contact_is_refused(provider: Provider, browser: Browser, kind: str, typed: str) -> None:
    page = await browser.submit(await at_form(browser, kind=kind), "contact", address=typed)
    assert page.status == 400
    assert page.refusal


async def test_a_change_of_somebody_else_is_not_gone_on_with(provider: Provider, browser: Browser) -> None:
    page = await browser.submit(await at_form(browser), "contact", address=NEW)
    other = provider.browser()
    await other.sign_in(await other.get("/account"), BINH, PASSWORD)
    assert (await other.get(page.path)).status == 410
