"""Getting back into an account: the ladder as people go it, who may stop it, and that strangers learn nothing."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.domain.accounts.account import Account
from idp.domain.accounts.recovery import ACQUAINTANCE, COOLING_OFF, HELD, OPEN_FOR, RecoveryState, TrustedPerson, Way
from idp.domain.events import Origin, PasswordAccepted
from idp.domain.ids import RequestId, Seconds
from idp.domain.offices.administration import Role
from idp.domain.representation.guardianship import Guardianship, GuardianshipKind
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.journeys.recovery_codes import recovery_code_hash
from idp.ports.authorities import WardDetails
from tests.authenticator import SoftwareAuthenticator
from tests.flows.alerts import alerted
from tests.flows.console import USERNAMES, at_the_desk
from tests.flows.provider import (
    ISSUER,
    PASSWORD,
    RECORDS,
    TOTP_SECRET,
    Browser,
    Page,
    Provider,
    import_records,
    prepare,
    running_provider,
)
from tests.flows.state_services import code_in, mails
from tests.flows.test_activation import USERNAME, activated, another_link, link
from tests.flows.test_passkeys import use, with_passkey

AN = "001099000001"
BINH = "001199000002"
NOBODY = "001199999999"
HELPERS = {"001075000201": "Lê Hoa", "001075000202": "Lê Sơn", "001075000203": "Lê Thu"}
NEW = "năm từ mà không ai đoán"
RECOVERY_CODE = "ABCDE-FGHIJ"
EVENT = PasswordAccepted(origin=Origin(RequestId("made"), "test"), account_id="made")  # type: ignore[arg-type]

FRIENDS = "people:\n" + "".join(
    f'  - {{personal_number: "{number}", name: {name}, birthdate: 1975-01-01, level: 2, '
    f"email: h{number}@example.vn, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}\n"
    for number, name in HELPERS.items()
)


@pytest.fixture(scope="module")
def with_friends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The people of `records.yaml`, and friends who trust each other."""
    folder = tmp_path_factory.mktemp("friends")

    async def make() -> None:
        await prepare(folder, RECORDS)
        async with running_provider(folder) as provider:
            await import_records(provider.stores, FRIENDS, provider.settings)
            owner = await account_of(provider, AN)
            accepted = Seconds(provider.clock.now() - ACQUAINTANCE)
            for number in HELPERS:
                helper = await account_of(provider, number)
                person = TrustedPerson(owner.account_id, helper.account_id, accepted)
                await provider.stores.trusted_people.name(person, 5, EVENT)
                await provider.stores.trusted_people.accept(owner.account_id, helper.account_id, accepted, EVENT)

    asyncio.run(make())
    return folder


@pytest.fixture
async def provider(with_friends: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    shutil.copytree(with_friends, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path) as running:
        yield running


@pytest.fixture
def browser(provider: Provider) -> Browser:
    return provider.browser()


async def account_of(provider: Provider, identifier: str) -> Account:
    found = await provider.stores.accounts.find(identifier)
    assert found is not None
    return found


async def begin(browser: Browser, lost: str = "password", username: str = AN) -> Page:
    return await browser.submit(await browser.get("/recover"), "recover", username=username, lost=lost)


async def newest_mail(provider: Provider, before: int = 0) -> tuple[str, str, str]:
    """The newest message: errands go on after the answer."""
    for _ in range(200):
        found = mails(provider)
        if len(found) > before:
            return found[-1]
        await asyncio.sleep(0.01)
    pytest.fail("no message came")


async def at_contact(browser: Browser, username: str = AN) -> Page:
    """Before the code from the mailbox."""
    return await browser.submit(await begin(browser, username=username), "recover-way", way="proof")


async def at_proof(browser: Browser, lost: str = "password", username: str = AN) -> Page:
    """Behind the code from the mailbox."""
    before = len(mails(browser.provider))
    page = await browser.submit(await begin(browser, lost, username), "recover-way", way=proof_way(lost))
    *_, text = await newest_mail(browser.provider, before)
    return await browser.submit(page, "recover-contact", code=code_in(text))


def proof_way(lost: str) -> str:
    return "proof" if lost == "password" else "proof_both"


async def choose(browser: Browser, page: Page, password: str = NEW) -> Page:
    return await browser.submit(page, "recover-password", password=password, again=password)


def keys_of(provider: Provider) -> FileKeystore:
    return FileKeystore(
        provider.settings.keystore_path, load_secret(provider.settings.secret_file, create=False), provider.clock
    )


async def with_recovery_code(provider: Provider) -> None:
    """Give the owner a recovery code, as enrolment does."""
    owner = await account_of(provider, AN)
    hashed = recovery_code_hash(keys_of(provider).subject_keys(), owner.account_id, RECOVERY_CODE)
    assert await provider.stores.authenticators.replace_recovery_codes(
        owner.account_id, (hashed,), provider.clock.now(), EVENT
    )


async def ask_people(provider: Provider, lost: str = "both", username: str = AN) -> tuple[Browser, Page]:
    """The owner's browser and the page with the code to read out."""
    browser = provider.browser()
    return browser, await browser.submit(await begin(browser, lost, username), "recover-way", way="people")


def spoken_in(page: Page) -> str:
    found = re.search(r'id="spoken">([\d ]+)<', page.text)
    assert found, page.text
    return found[1]


async def helper_at(provider: Provider, number: str, owner_page: Page) -> tuple[Browser, Page]:
    """A helper before the request of the page."""
    request_id = owner_page.path.removeprefix("/recover/back/").partition(".")[0]
    browser = provider.browser()
    page = await browser.sign_in(await browser.get(f"/account/recovery/requests/{request_id}"), number)
    return browser, page


async def confirmed(provider: Provider, owner_page: Page, helpers: int = 2) -> None:
    """Enough helpers give their word."""
    for number in [*HELPERS][:helpers]:
        browser, page = await helper_at(provider, number, owner_page)
        assert "An" in page.text
        page = await browser.submit(page, "help-recover", code=spoken_in(owner_page))
        assert page.path == "/account/recovery?notice=confirmed"
        provider.clock.advance(30)


async def signs_in(provider: Provider, password: str, username: str = AN) -> bool:
    browser = provider.browser()
    page = await browser.submit(await browser.authorize(), "sign-in", username=username, password=password)
    return not page.has_form("sign-in")


async def test_a_code_from_the_mailbox_and_one_from_the_app_set_a_new_password(browser: Browser) -> None:
    provider = browser.provider
    page = await at_proof(browser)
    assert page.has_form("recover-proof")
    page = await browser.submit(page, "recover-proof", code=provider.one_time_code())
    page = await choose(browser, page)
    assert page.path == "/account"
    assert await signs_in(provider, NEW)
    assert not await signs_in(provider, PASSWORD)


async def test_a_recovery_code_is_used_up_by_the_reset_and_not_before(browser: Browser) -> None:
    provider = browser.provider
    await with_recovery_code(provider)
    closed = await browser.submit(await at_proof(browser, "both"), "recover-proof", code=RECOVERY_CODE.lower())
    assert closed.has_form("recover-password")
    # The person closed the window there: nothing is lost.
    page = await browser.submit(await at_proof(browser, "both"), "recover-proof", code=RECOVERY_CODE)
    assert (await choose(browser, page)).path == "/account"
    other = provider.browser()
    page = await other.submit(await at_proof(other, "both"), "recover-proof", code=RECOVERY_CODE)
    assert (page.status, page.has_form("recover-proof")) == (400, True)


async def test_a_reset_ends_every_session_and_changes_nothing_else(provider: Provider) -> None:
    owner = provider.browser()
    before = await account_of(provider, AN)
    told = await provider.stores.accounts.profile(before.account_id)
    await owner.sign_in(await owner.get("/account"))
    browser = provider.browser()
    provider.clock.advance(30)
    page = await browser.submit(await at_proof(browser), "recover-proof", code=provider.one_time_code())
    await choose(browser, page)
    assert (await owner.get("/account")).has_form("sign-in")
    assert await provider.stores.accounts.profile(before.account_id) == told
    assert (await account_of(provider, AN)).person_id == before.person_id


async def test_one_page_is_used_once_by_however_many_submissions(browser: Browser) -> None:
    page = await at_proof(browser)
    page = await browser.submit(page, "recover-proof", code=browser.provider.one_time_code())
    action, hidden = page.form("recover-password")
    made = {**hidden, "password": NEW, "again": NEW}
    answers = await asyncio.gather(*(browser.http.post(action, data=made) for _ in range(20)))
    assert sorted({answer.status_code for answer in answers}) == [303, 410]
    assert sum(answer.status_code == 303 for answer in answers) == 1


async def test_the_same_password_twice_and_no_easy_one(browser: Browser) -> None:
    page = await at_proof(browser)
    page = await browser.submit(page, "recover-proof", code=browser.provider.one_time_code())
    page = await browser.submit(page, "recover-password", password=NEW, again="another")
    assert page.status == 400
    page = await choose(browser, page, "ngắn")
    assert page.status == 400
    assert (await choose(browser, page)).path == "/account"


async def test_whoever_signs_in_with_a_passkey_needs_no_old_password_for_a_new_one(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    provider.clock.advance(30)
    by_password = provider.browser()
    page = await by_password.sign_in(await by_password.get("/account/recovery"))
    assert not page.has_form("new-password")
    _, hidden = page.form("trust")
    refused = await by_password.http.post("/account/recovery/password", data=hidden)
    assert refused.status_code == 303
    assert "/recover/" not in refused.headers["location"]

    browser = provider.browser()
    page = await use(browser, await browser.get("/account/recovery"), authenticator)
    before = len(mails(provider))
    page = await browser.submit(page, "new-password")
    assert page.has_form("recover-contact")
    assert (await browser.get(page.path.replace("contact", "password"))).has_form("recover-contact")
    *_, text = await newest_mail(provider, before)
    page = await browser.submit(page, "recover-contact", code=code_in(text))
    assert (await choose(browser, page)).path == "/account"
    assert await signs_in(provider, NEW)


async def test_five_wrong_codes_end_the_one_that_was_sent(browser: Browser) -> None:
    page = await browser.submit(await begin(browser), "recover-way", way="proof")
    *_, text = await newest_mail(browser.provider)
    right = code_in(text)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        page = await browser.submit(page, "recover-contact", code=wrong)
        assert page.status == 400
    page = await browser.submit(page, "recover-contact", code=right)
    assert page.status == 400
    assert page.has_form("recover-contact")


def without_own_values(page: Page) -> str:
    """The page without what differs for each journey."""
    text = re.sub(r"/recover/[\w.-]{12,}", "/recover/ID", page.text)
    text = re.sub(r"/recover/back/[\w.-]+", "/recover/back/ID", text)
    text = re.sub(r'id="spoken">[\d ]+<', 'id="spoken"><', text)
    text = re.sub(r">[0-9a-f]{32}</code>", ">REQUEST</code>", text)
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


@pytest.mark.parametrize("username", [NOBODY, "not an identifier", BINH, "cuong@g10.example.vn", "locked"])
async def test_every_page_is_the_same_for_whoever_is_named(provider: Provider, username: str) -> None:
    if username == "locked":
        await provider.lock(BINH)
        username = BINH
    seen = []
    for name in (AN, username):
        browser = provider.browser()
        pages = [await begin(browser, username=name)]
        pages.append(await browser.submit(pages[0], "recover-way", way="proof"))
        pages.append(await browser.submit(pages[1], "recover-contact", code="000000"))
        for _ in range(5):
            pages.append(await browser.submit(pages[-1], "recover-contact", code="000000"))
        _, page = await ask_people(provider, username=name)
        pages.append(page)
        seen.append([(page.status, without_own_values(page)) for page in pages])
    assert seen[0] == seen[1]


async def test_strangers_do_not_shut_an_owner_s_browser_out(provider: Provider) -> None:
    owner = provider.browser()
    await owner.sign_in(await owner.authorize())
    stranger = provider.browser()
    page = await at_contact(stranger)
    statuses = [(await stranger.submit(page, "resend")).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    statuses = [(await begin(stranger)).status for _ in range(7)]
    assert statuses[-1] == 429
    assert (await at_proof(owner)).has_form("recover-proof")


@pytest.mark.parametrize("username", [NOBODY, "not an identifier", BINH])
async def test_codes_and_tries_end_alike_for_whoever_is_named(provider: Provider, username: str) -> None:
    seen = []
    for name in (AN, username):
        browser = provider.browser()
        pages = [await at_contact(browser, name)]
        for _ in range(3):
            pages += [await browser.submit(pages[0], "recover-contact", code="1") for _ in range(5)]
            pages.append(await browser.submit(pages[0], "resend"))
        pages.append(await browser.submit(pages[0], "recover-contact", code="1"))
        pages.append(await browser.submit(pages[0], "resend"))
        pages.append(await browser.submit(await begin(browser, username=name), "recover-way", way="proof"))
        assert [page.status for page in pages[-4:]] == [200, 429, 429, 429]
        assert pages[-1].has_form("recover-way")
        seen.append([(page.status, page.refusal, without_own_values(page)) for page in pages])
    assert seen[0] == seen[1]


async def test_people_confirm_and_after_two_days_the_owner_sets_a_password(provider: Provider) -> None:
    browser, page = await ask_people(provider)
    assert 'data-state="waiting"' in page.text
    await confirmed(provider, page)
    waiting = await browser.get(page.path)
    assert 'data-state="cooling"' in waiting.text
    assert not waiting.has_form("recover-begin")
    provider.clock.advance(COOLING_OFF)
    # The way back works on another device too.
    elsewhere = provider.browser()
    ready = await elsewhere.get(page.path)
    ready = await elsewhere.submit(ready, "recover-begin")
    assert (await choose(elsewhere, ready)).path == "/account"
    assert 'data-state="done"' in (await browser.get(page.path)).text
    assert await signs_in(provider, NEW)


async def test_after_the_word_of_others_level_2_waits_for_two_days(provider: Provider) -> None:
    _, page = await ask_people(provider)
    await confirmed(provider, page)
    provider.clock.advance(COOLING_OFF)
    browser = provider.browser()
    await choose(browser, await browser.submit(await browser.get(page.path), "recover-begin"))
    before = len(mails(provider))
    held = await browser.get("/account/second-factor")
    assert held.has_form("activate")
    assert not held.has_form("resend")
    assert len(mails(provider)) == before
    provider.clock.advance(HELD)
    again = provider.browser()
    page = await again.submit(await again.get("/account/second-factor"), "sign-in", username=AN, password=NEW)
    assert page.has_form("resend")
    assert len(mails(provider)) == before + 1


async def test_a_helper_has_to_hear_the_owner_s_code(provider: Provider) -> None:
    _, page = await ask_people(provider)
    browser, asked = await helper_at(provider, next(iter(HELPERS)), page)
    wrong = f"{(int(spoken_in(page).replace(' ', '')) + 1) % 10**8:08d}"
    for _ in range(5):
        asked = await browser.submit(asked, "help-recover", code=wrong)
        assert asked.status == 400
    asked = await browser.submit(asked, "help-recover", code=spoken_in(page))
    assert asked.status == 429


async def test_a_stranger_is_not_asked_and_sees_nothing(provider: Provider) -> None:
    _, page = await ask_people(provider)
    _, seen = await helper_at(provider, AN, page)
    assert seen.error_code == "recovery_not_asked"


async def test_whoever_was_named_a_day_ago_does_not_count_yet(provider: Provider) -> None:
    owner = await account_of(provider, AN)
    for number in HELPERS:
        helper = (await account_of(provider, number)).account_id
        await provider.stores.trusted_people.remove(owner.account_id, helper, EVENT)
        yesterday = Seconds(provider.clock.now() - 24 * 3600)
        person = TrustedPerson(owner.account_id, helper, yesterday)
        await provider.stores.trusted_people.name(person, 5, EVENT)
        await provider.stores.trusted_people.accept(owner.account_id, helper, yesterday, EVENT)
    _, page = await ask_people(provider)
    assert 'data-state="waiting"' in page.text
    _, seen = await helper_at(provider, next(iter(HELPERS)), page)
    assert seen.error_code == "recovery_not_asked"


async def test_whoever_began_does_not_see_that_somebody_stopped_it(provider: Provider) -> None:
    asked = [await ask_people(provider, username=username) for username in (AN, NOBODY)]
    owner = provider.browser()
    await says_no(owner, await owner.sign_in(await owner.get("/account/recovery")))
    for status in (200, 410):
        of_somebody, of_nobody = [await browser.get(page.path) for browser, page in asked]
        assert of_somebody.status == of_nobody.status == status
        assert without_own_values(of_somebody) == without_own_values(of_nobody)
        provider.clock.advance(OPEN_FOR)


async def says_no(browser: Browser, own: Page, form: str = "stop-1") -> Page:
    """The page after a no of somebody who has two factors, and gives the second one for it."""
    page = await browser.submit(own, form)
    assert page.has_form("otp"), page.text[:500]
    browser.provider.clock.advance(30)
    page = await browser.submit(page, "otp", code=browser.provider.one_time_code(TOTP_SECRET))
    assert page.path == "/account/recovery"
    return await browser.submit(page, form)


async def test_a_password_alone_does_not_keep_the_owner_out(provider: Provider) -> None:
    """A thief knows it; an old session, found open on a desk, says no as little."""
    _, asked = await ask_people(provider)
    thief = provider.browser()
    own = await thief.sign_in(await thief.get("/account/recovery"))
    assert not (await thief.submit(own, "stop-1")).path.endswith("notice=stopped")
    owner = provider.browser()
    await says_no(owner, await owner.sign_in(await owner.get("/account/recovery")))
    _, asked = await ask_people(provider)
    provider.clock.advance(300)
    page = await owner.submit(await owner.get("/account/recovery"), "stop-1")
    assert page.has_form("sign-in")
    assert 'data-state="waiting"' in (await provider.browser().get(asked.path)).text


@pytest.mark.parametrize("by", ["session", "contact"])
async def test_the_owner_ends_a_link_that_an_administrator_made(provider: Provider, by: str) -> None:
    path, owner = await link(provider, roles=()), provider.browser()
    await activated(owner, path)
    account = await account_of(provider, USERNAME)
    mine = await another_link(provider, account.account_id)
    own = await owner.get("/account/recovery")
    assert 'data-state="ready"' in own.text
    if by == "session":
        stopped = await owner.submit(own, "stop-1")
        assert stopped.path == "/account/recovery?notice=stopped"
    else:
        made = await provider.stores.activation_links.of_account(account.account_id)
        assert made
        token = RecoveryTokens(keys_of(provider).subject_keys(), SystemEntropy()).stop(made.reference)
        stranger = provider.browser()
        page = await stranger.get(f"/recover/stop/{token}")
        assert (await provider.browser().get(mine)).has_form("choose-password"), "opening it stops nothing"
        stopped = await stranger.submit(page, "recover-stop")
        assert stopped.status == 200
    ended = await provider.browser().get(mine)
    assert (ended.status, ended.error_code) == (410, "activation_link_ended")
    assert 'data-state="ready"' not in (await owner.get("/account/recovery")).text


@pytest.mark.parametrize("veto", ["session", "contact", "helper"])
async def test_the_owner_a_contact_or_a_helper_stops_it_before_it_is_done(provider: Provider, veto: str) -> None:
    browser, page = await ask_people(provider)
    await confirmed(provider, page)
    request_id = page.path.removeprefix("/recover/back/").partition(".")[0]
    other = provider.browser()
    match veto:
        case "session":
            own = await other.sign_in(await other.get("/account/recovery"))
            stopped = await says_no(other, own)
            assert stopped.path == "/account/recovery?notice=stopped"
        case "contact":
            token = RecoveryTokens(keys_of(provider).subject_keys(), SystemEntropy()).stop(request_id)
            stopped = await other.get(f"/recover/stop/{token}")
            assert (await browser.get(page.path)).text.count('data-state="cooling"') == 1
            await other.submit(stopped, "recover-stop")
        case _:
            other, asked = await helper_at(provider, [*HELPERS][2], page)
            await other.submit(asked, "help-deny")
    told = await browser.get(page.path)
    assert (told.status, told.error_code) == (410, "recovery_over")
    provider.clock.advance(COOLING_OFF)
    assert not (await browser.get(page.path)).has_form("recover-begin")
    assert await signs_in(provider, PASSWORD)


async def test_one_button_stops_what_people_confirmed_and_whatever_strangers_began_after_it(provider: Provider) -> None:
    _, page = await ask_people(provider)
    await confirmed(provider, page)
    owner = await account_of(provider, AN)
    for _ in range(12):
        provider.clock.advance(900)
        await ask_people(provider)
    browser = provider.browser()
    own = await browser.sign_in(await browser.get("/account/recovery"))
    assert own.text.index('data-state="cooling"') < own.text.index('data-state="waiting"')
    assert (await says_no(browser, own, "stop-all")).path == "/account/recovery?notice=stopped"
    found = await provider.stores.recoveries.of_account(owner.account_id, provider.clock.now(), 50)
    assert {each.ended for each in found} == {RecoveryState.STOPPED}
    assert len(found) == 13


async def test_a_veto_wins_over_whoever_stands_before_the_password_already(provider: Provider) -> None:
    browser, page = await ask_people(provider)
    await confirmed(provider, page)
    provider.clock.advance(COOLING_OFF)
    chosen = await browser.submit(await browser.get(page.path), "recover-begin")
    owner = provider.browser()
    await says_no(owner, await owner.sign_in(await owner.get("/account/recovery")))
    assert (await choose(browser, chosen)).error_code == "recovery_over"
    assert await signs_in(provider, PASSWORD)


async def test_a_lock_wins_and_a_request_ends_by_itself(provider: Provider) -> None:
    browser, page = await ask_people(provider)
    await confirmed(provider, page)
    provider.clock.advance(COOLING_OFF)
    chosen = await browser.submit(await browser.get(page.path), "recover-begin")
    await provider.lock(AN)
    assert (await choose(browser, chosen)).error_code == "recovery_over"
    await provider.lock(AN, locked=False)
    again = await browser.submit(await browser.get(page.path), "recover-begin")
    assert (await choose(browser, again)).error_code == "recovery_over"
    provider.clock.advance(OPEN_FOR)
    assert (await browser.get(page.path)).error_code == "recovery_over"
    assert await signs_in(provider, PASSWORD)


async def test_a_guardian_s_word_is_enough_for_a_ward(provider: Provider) -> None:
    ward, guardian = await account_of(provider, BINH), await account_of(provider, AN)
    guardianship = Guardianship("g-1", GuardianshipKind.WARD, guardian.person_id, provider.clock.now())
    await provider.stores.guardianships.ask(guardianship, WardDetails(BINH, "Bình", date(1999, 2, 3)), EVENT)
    await provider.stores.guardianships.confirm("g-1", ward.person_id, provider.clock.now(), EVENT)
    browser, page = await ask_people(provider, username=BINH)
    helper, asked = await helper_at(provider, AN, page)
    await helper.submit(asked, "help-recover", code=spoken_in(page))
    provider.clock.advance(COOLING_OFF)
    ready = await browser.submit(await browser.get(page.path), "recover-begin")
    assert (await choose(browser, ready)).path == "/account"
    assert await signs_in(provider, NEW, BINH)


async def handed_over(provider: Provider) -> str:
    """What an officer hands over who passed a case: both are lost."""
    officer, page = await at_the_desk(provider, USERNAMES[Role.PROOFING_OFFICER], "/admin/proofing")
    page = await officer.submit(page, "find", number=AN)
    card = {"card_number": AN, "card_issued": "2022-05-06", "card_expires": "2037-05-06"}
    checks = {f"check_{check}": "yes" for check in ("card", "chip", "portrait", "register")}
    page = await officer.submit(page, "proofing", decision="pass", **checks, **card)
    page = await officer.submit(page, "code", lost="both")
    found = re.search(r'id="recovery-code">([A-Z2-7-]+)<', page.text)
    assert found
    return found[1]


async def test_a_code_of_the_counter_and_one_from_the_mailbox_lead_on_to_a_new_phone(provider: Provider) -> None:
    code, browser = await handed_over(provider), provider.browser()
    wrong = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code="ABCD" * 6)
    assert wrong.status == 400
    page = await browser.submit(wrong, "recover-counter", code=code.lower().replace("-", " "))
    assert page.has_form("recover-early")
    one = page.path.removesuffix("/counter")
    assert (await browser.get(one)).path == page.path
    assert (await browser.get(f"{one}/password")).path == page.path
    _, hidden = page.form("recover-early")
    other = await browser.http.post(one, data={**hidden, "way": "people"})
    assert other.headers["location"] == page.path
    before = len(mails(provider))
    page = await browser.submit(page, "recover-early")
    *_, text = await newest_mail(provider, before)
    page = await browser.submit(page, "recover-contact", code=code_in(text))
    assert (await choose(browser, page)).has_form("enrol-otp")
    again = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code=code)
    assert again.status == 400
    assert await signs_in(provider, NEW)


@pytest.mark.parametrize("wait", [0, COOLING_OFF], ids=["early", "ready"])
async def test_no_form_of_another_way_takes_what_a_code_of_the_counter_began(provider: Provider, wait: int) -> None:
    """Whoever kept the code would ask the owner's trusted people without end, past every limit of strangers."""
    code, browser, owner = await handed_over(provider), provider.browser(), await account_of(provider, AN)
    provider.clock.advance(wait)
    page = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code=code)
    here, (_, hidden) = page.path, page.form("recover-password" if wait else "recover-early")
    for way in ("people", "proof_both", "counter"):
        answer = await browser.http.post(here.rpartition("/")[0], data={**hidden, "way": way})
        assert (answer.status_code, answer.headers["location"]) == (303, here)
    (kept,) = await provider.stores.recoveries.of_account(owner.account_id, provider.clock.now(), 9)
    assert kept.way is Way.COUNTER


async def test_by_itself_a_code_of_the_counter_waits_for_the_owner_to_say_no(provider: Provider) -> None:
    code, browser = await handed_over(provider), provider.browser()
    page = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code=code)
    assert page.has_form("recover-early")
    owner = provider.browser()
    page = await owner.sign_in(await owner.get("/account/recovery"))
    assert "được ngay nếu có mã trong tin nhắn" in page.text
    provider.clock.advance(COOLING_OFF)
    page = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code=code)
    assert page.has_form("recover-password")
    told = [letter for letter in await alerted(provider) if "/recover/stop/" in letter.text]
    stop = re.search(rf"{ISSUER}(/recover/stop/\S+)", told[-1].text)
    assert stop
    stopping = provider.browser()
    asked = await stopping.get(stop[1])
    assert "bằng mã của bộ phận một cửa" in asked.text
    await stopping.submit(asked, "recover-stop")
    assert (await choose(browser, page)).error_code == "recovery_over"


async def test_codes_that_take_the_place_of_the_wait_are_few_and_whoever_typed_none_is_asked_for_a_way(
    provider: Provider,
) -> None:
    code, browser = await handed_over(provider), provider.browser()
    page = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code=code)
    for _ in range(5):
        assert (await browser.submit(page, "recover-early")).has_form("recover-contact")
    refused = await browser.submit(page, "recover-early")
    assert (refused.status, refused.has_form("recover-early")) == (429, True)
    assert int(refused.response.headers["retry-after"]) > 0
    stranger = provider.browser()
    ways = await begin(stranger, "both")
    assert (await stranger.get(f"{ways.path}/counter")).has_form("recover-way")


async def test_people_are_named_are_willing_and_are_let_go(provider: Provider) -> None:
    owner = provider.browser()
    await owner.sign_in(await owner.get("/account/second-factor"))
    page = await owner.submit(await owner.get("/account/recovery"), "remove-1")
    page = await owner.submit(page, "trust", personal_number=BINH, name="Trần Thị Bình")
    # Level 1 is not enough to speak for somebody, and no more is told than of a number that nobody has.
    refused = page.refusal
    assert refused
    page = await owner.submit(page, "trust", personal_number=NOBODY, name="Trần Thị Bình")
    assert page.refusal == refused
    number, name = next(iter(HELPERS.items()))
    page = await owner.submit(page, "trust", personal_number=number, name=name)
    assert page.path == "/account/recovery?notice=named"
    recipient, subject, _ = await newest_mail(provider)
    assert recipient == f"h{number}@example.vn"
    assert "An" in subject
    provider.clock.advance(30)
    helper = provider.browser()
    page = await helper.sign_in(await helper.get("/account/second-factor"), number)
    page = await helper.submit(await helper.get("/account/recovery"), "accept-1")
    assert page.path == "/account/recovery?notice=accepted"
    told = [letter for letter in await alerted(provider) if letter.recipient == "an@example.vn"]
    assert ["tin cậy" in letter.subject for letter in told[-2:]] == [True, True]
    assert f"{ISSUER}/account/recovery" in told[-1].text
    page = await helper.submit(page, "decline-1")
    assert page.path == "/account/recovery?notice=removed"
