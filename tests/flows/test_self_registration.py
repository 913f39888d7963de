"""Registering oneself: the register confirms, the contact is proved, one account; and nobody learns about others."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.adapters.mail.file_mailer import FileMailer
from idp.cli.demo_certificates import ServiceKeys
from idp.domain.accounts.account_lock import EFFECTS, RegisterEvent
from idp.domain.events import Origin, PasswordAccepted, RegisterEventReceived
from idp.domain.ids import AccountId, ClientId, RequestId, Seconds
from idp.domain.people.identity_record import IdentityCard, IdentityRecord, NewPerson
from idp.ports.account_locks import RegisterChange
from tests.flows.provider import Browser, Page, Provider
from tests.flows.state_services import Town, code_in, mails, running_town, without_own_values

HAI = {
    "personal_number": "001203000077",
    "name": "Đỗ Minh Hải",
    "birthdate": "30/04/2003",
    "email": "hai@example.vn",
}
KHANH = {
    "personal_number": "075195000088",
    "name": "Bùi Ngọc Khánh",
    "birthdate": "1995-10-10",
    "email": "khanh.moi@example.vn",
}
PASSWORD = "bốn từ không ai đoán"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServiceKeys:
    made = ServiceKeys(tmp_path_factory.mktemp("services"))
    made.make()
    return made


@pytest.fixture
async def town(prepared: Path, tmp_path: Path, keys: ServiceKeys) -> AsyncIterator[Town]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_town(tmp_path, keys) as running:
        yield running


@pytest.fixture
def provider(town: Town) -> Provider:
    return town.provider


@pytest.fixture
def browser(town: Town) -> Browser:
    return town.provider.browser()


async def apply(browser: Browser, **fields: str) -> Page:
    return await browser.submit(await browser.get("/open-account"), "register", **{**HAI, **fields})


async def at_password(browser: Browser, **fields: str) -> Page:
    page = await apply(browser, **fields)
    *_, (_, _, text) = mails(browser.provider)
    return await browser.submit(page, "register-code", code=code_in(text))


async def test_help_leads_here(browser: Browser) -> None:
    assert 'href="/open-account"' in (await browser.get("/help")).text


async def record_of(provider: Provider, number: str) -> IdentityRecord | None:
    return await provider.stores.identity_records.of_number(number)


async def make_khanh(provider: Provider) -> AccountId:
    """An account that is there already."""
    person = NewPerson(
        personal_number=KHANH["personal_number"],
        identity_level=1,
        claims={"name": KHANH["name"]},
        card=IdentityCard(KHANH["personal_number"]),
        email="khanh@example.vn",
    )
    event = PasswordAccepted(origin=Origin(RequestId("made"), "test"), account_id=AccountId("made"))
    return await provider.stores.identity_records.create(person, event)


async def events(provider: Provider, name: str) -> list[dict[str, object]]:
    await provider.stores.database.settle_events()
    return [
        json.loads(record.payload)["event"]
        for stream in await provider.stores.audit_log.heads()
        async for record in provider.stores.audit_log.records(stream.stream, 0)
        if record.name == name
    ]


async def test_the_whole_way_ends_with_an_account_at_level_1(browser: Browser) -> None:
    page = await at_password(browser)
    assert page.has_form("register-password")
    page = await browser.submit(page, "register-password", password=PASSWORD, again=PASSWORD)
    assert page.path == "/open-account/done"

    answer = await browser.sign_in(
        await browser.authorize(scope="openid profile identity"), HAI["personal_number"], PASSWORD
    )
    token = (await browser.redeem(answer)).json()["access_token"]
    told = (await browser.userinfo(token)).json()
    assert (told["name"], told["birthdate"], told["identity_level"]) == ("Đỗ Minh Hải", "2003-04-30", 1)
    by_mail = await browser.provider.stores.accounts.find("hai@example.vn")
    assert by_mail is not None


async def test_the_record_says_where_everything_comes_from(browser: Browser) -> None:
    await browser.submit(await at_password(browser), "register-password", password=PASSWORD, again=PASSWORD)
    record = await record_of(browser.provider, HAI["personal_number"])
    assert record is not None
    assert record.claims["residence"] == {"province": "01", "commune": "00070"}
    assert set(record.attributes) == {"personal_number", "name", "birthdate", "gender", "residence"}
    now = browser.provider.clock.now()
    assert {(facts.source, facts.verified_at) for facts in record.attributes.values()} == {("population_register", now)}
    assert record.card == IdentityCard(HAI["personal_number"], "2022-05-10", "2037-05-10")
    assert record.verification is not None
    (evidence,) = record.verification["evidence"]
    assert (evidence["type"], evidence["record"]["type"]) == ("electronic_record", "population_register")
    assert evidence["check_details"][0]["check_method"] == "data"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Đỗ Minh Hái"},
        {"name": "Do Minh Hai"},
        {"name": "ĐỖ MINH HẢI"},
        {"birthdate": "01/05/2003"},
        {"personal_number": "001203000078"},
        {"personal_number": "040150000112", "name": "Phan Thị Lành", "birthdate": "15/08/1950"},
        {"personal_number": "038168000123", "name": "Đặng Thị Mai", "birthdate": "20/01/1968"},
    ],
)
async def test_what_does_not_fit_is_answered_as_what_fits(browser: Browser, wrong: dict[str, str]) -> None:
    right = await apply(browser, email="khac@example.vn")
    page = await apply(browser, **wrong)
    assert page.has_form("register-code")
    assert without_own_values(page) == without_own_values(right)
    (recipient, _, text) = mails(browser.provider)[-1]
    assert recipient == HAI["email"]
    assert not any(line.isdigit() for line in text.splitlines())
    # Trying codes tells nothing either.
    answers = [await browser.submit(each, "register-code", code="000000") for each in (right, page)]
    assert {(answer.status, answer.refusal) for answer in answers} == {(400, answers[0].refusal)}
    for number in ("001203000077", "001203000078", "040150000112", "038168000123"):
        assert await record_of(browser.provider, number) is None


async def test_a_name_in_another_unicode_form_is_the_same_name(browser: Browser) -> None:
    page = await at_password(browser, name="Đỗ  Minh Hải ")
    assert page.has_form("register-password")


async def test_who_has_an_account_is_told_by_mail_and_the_page_tells_nobody(browser: Browser, town: Town) -> None:
    await make_khanh(town.provider)
    other = await apply(browser)
    page = await apply(browser, **KHANH)
    assert without_own_values(page) == without_own_values(other)
    told = {recipient: (subject, text) for recipient, subject, text in mails(town.provider)}
    assert set(told) == {"hai@example.vn", "khanh@example.vn", "khanh.moi@example.vn"}
    assert "http://localhost:8000/account" in told["khanh@example.vn"][1]
    # Whoever typed an address of his own reads what he would read about a wrong name.
    await apply(browser, name="Đỗ Minh Hoàng", email="la@example.vn")
    assert told["khanh.moi@example.vn"] == mails(town.provider)[-1][1:]


async def test_an_address_that_signs_somebody_in_registers_nobody_else(browser: Browser, town: Town) -> None:
    await make_khanh(town.provider)
    await apply(browser, email="Khanh@example.vn")
    ((recipient, _, text),) = mails(town.provider)
    assert recipient.lower() == "khanh@example.vn"
    assert "http://localhost:8000/account" in text


async def test_a_child_is_refused_in_plain_words_before_anybody_is_asked(browser: Browser, town: Town) -> None:
    page = await apply(browser, personal_number="001314000099", name="Nguyễn Gia Hân", birthdate="01/06/2014")
    assert (page.status, page.has_form("register")) == (403, True)
    assert page.refusal is not None
    assert "14" in page.refusal
    assert town.services.calls == []
    assert mails(town.provider) == []


async def test_from_14_on_people_register_themselves(browser: Browser) -> None:
    page = await at_password(browser, personal_number="079211000101", name="Trần Quốc Khang", birthdate="14/02/2011")
    assert page.has_form("register-password")


@pytest.mark.parametrize(
    ("field", "typed"),
    [("personal_number", "123"), ("name", "  "), ("birthdate", "31/02/1990"), ("email", "hai@"), ("birthdate", "")],
)
async def test_a_field_that_is_none_of_its_kind_is_said_and_the_rest_kept(
    browser: Browser, town: Town, field: str, typed: str
) -> None:
    page = await apply(browser, **{field: typed})
    assert page.status == 400
    assert page.refusal
    kept = "Đỗ Minh Hải" if field != "name" else "hai@example.vn"
    assert f'value="{kept}"' in page.text
    assert town.services.calls == []


async def test_an_address_that_the_mail_server_does_not_take_is_said_at_once(
    browser: Browser, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await apply(browser, email="hải@example.vn")
    assert page.has_form("register-code")

    async def takes_ascii_alone(_: FileMailer) -> bool:
        return False

    monkeypatch.setattr(FileMailer, "reaches_beyond_ascii", takes_ascii_alone)
    calls = len(town.services.calls)
    page = await apply(browser, email="hải@example.vn")
    assert (page.status, page.has_form("register")) == (400, True)
    assert page.refusal is not None
    assert "ten@example.vn" in page.refusal
    assert len(town.services.calls) == calls
    assert (await apply(browser, email="an@tiếng-việt.vn")).has_form("register-code")


async def test_a_silent_register_is_told_and_nothing_is_sent(browser: Browser, town: Town) -> None:
    town.services.down.add(8005)
    page = await apply(browser)
    assert (page.status, page.has_form("register")) == (503, True)
    assert int(page.response.headers["retry-after"]) > 0
    assert mails(town.provider) == []


async def test_one_address_asks_about_one_number_five_times(browser: Browser, town: Town) -> None:
    pages = [await apply(browser, email=f"hai{turn}@example.vn") for turn in range(6)]
    assert [page.status for page in pages] == [200] * 5 + [429]
    assert len(mails(town.provider)) == 5


async def test_a_strangers_mailbox_gets_four_messages(browser: Browser, town: Town) -> None:
    numbers = [f"0012030000{number}" for number in range(50, 55)]
    pages = [await apply(browser, personal_number=number, email="nan.nhan@example.vn") for number in numbers]
    assert [page.status for page in pages] == [200] * 4 + [429]
    assert len(mails(town.provider)) == 4


async def test_five_wrong_tries_end_a_code_and_another_one_works(browser: Browser) -> None:
    page = await apply(browser)
    code = code_in(mails(browser.provider)[-1][2])
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert (await browser.submit(page, "register-code", code=wrong)).status == 400
    assert (await browser.submit(page, "register-code", code=code)).status == 400
    page = await browser.submit(page, "resend")
    again = code_in(mails(browser.provider)[-1][2])
    assert (await browser.submit(page, "register-code", code=again)).has_form("register-password")


async def test_no_password_page_before_the_code(browser: Browser) -> None:
    page = await apply(browser)
    skipped = await browser.get(page.path.replace("/code", "/password"))
    assert skipped.has_form("register-code")


async def test_another_browser_does_not_go_on(browser: Browser, provider: Provider) -> None:
    page = await at_password(browser)
    stranger = provider.browser()
    await stranger.get("/open-account")
    assert (await stranger.get(page.path)).error_code == "registration_over"


@pytest.mark.parametrize("password", ["ngắn quá", "hai@example.vn", "111111111111111111"])
async def test_a_bad_password_is_refused_and_the_registration_goes_on(browser: Browser, password: str) -> None:
    page = await at_password(browser)
    refused = await browser.submit(page, "register-password", password=password, again=password)
    assert (refused.status, refused.has_form("register-password")) == (400, True)
    differs = await browser.submit(page, "register-password", password=PASSWORD, again=PASSWORD + "!")
    assert differs.status == 400
    done = await browser.submit(refused, "register-password", password=PASSWORD, again=PASSWORD)
    assert done.path == "/open-account/done"


async def test_of_fifty_submissions_at_once_one_opens_an_account(browser: Browser, provider: Provider) -> None:
    page = await at_password(browser)
    action, hidden = page.form("register-password")
    fields = {**hidden, "password": PASSWORD, "again": PASSWORD}
    answers = await asyncio.gather(*(browser.http.post(action, data=fields) for _ in range(50)))
    assert [each.headers["location"] for each in answers if each.status_code == 303] == ["/open-account/done"]
    assert {each.status_code for each in answers} <= {303, 410, 503}
    assert len(await events(provider, "account.registered")) == 1


async def test_two_registrations_of_one_person_open_one_account(provider: Provider) -> None:
    first, second = provider.browser(), provider.browser()
    one = await at_password(first)
    two = await at_password(second, email="khac@example.vn")
    await first.submit(one, "register-password", password=PASSWORD, again=PASSWORD)
    late = await second.submit(two, "register-password", password=PASSWORD, again=PASSWORD)
    assert (late.status, late.error_code) == (409, "registered_meanwhile")
    assert await provider.stores.accounts.find("khac@example.vn") is None


async def test_a_finished_registration_is_over(browser: Browser) -> None:
    page = await at_password(browser)
    await browser.submit(page, "register-password", password=PASSWORD, again=PASSWORD)
    again = await browser.submit(page, "register-password", password=PASSWORD, again=PASSWORD)
    assert (again.status, again.error_code) == (410, "registration_over")


async def test_every_outcome_is_in_the_audit_record_without_a_personal_value(
    browser: Browser, provider: Provider
) -> None:
    account_id = await make_khanh(provider)
    await browser.submit(await at_password(browser), "register-password", password=PASSWORD, again=PASSWORD)
    await apply(browser, **KHANH)
    await apply(browser, personal_number="001203000079")
    refused = await events(provider, "registration.refused")
    assert sorted(str(each["reason"]) for each in refused) == ["known", "unknown"]
    assert [each["account_id"] for each in refused if "account_id" in each] == [account_id]
    assert len(await events(provider, "registration.code_sent")) == 1
    (registered,) = await events(provider, "account.registered")
    assert (registered["level"], registered["source"]) == (1, "population_register")
    everything = str([record for name in EVENT_NAMES for record in await events(provider, name)])
    for value in (*HAI.values(), *KHANH.values(), "2003-04-30"):
        assert value not in everything


EVENT_NAMES = ("registration.refused", "registration.code_sent", "registration.code_refused", "account.registered")


async def test_the_sign_in_page_leads_there_and_the_account_back_to_the_service(browser: Browser) -> None:
    page = await browser.authorize()
    found = re.search(r'href="(/open-account[^"]*)"', page.text)
    assert found
    page = await browser.submit(await browser.get(found[1]), "register", **HAI)
    page = await browser.submit(page, "register-code", code=code_in(mails(browser.provider)[-1][2]))
    page = await browser.submit(page, "register-password", password=PASSWORD, again=PASSWORD)
    back = re.search(r'id="sign-in-now" href="([^"]*)"', page.text)
    assert back
    answer = await browser.sign_in(await browser.get(back[1]), HAI["email"], PASSWORD)
    assert (await browser.redeem(answer)).status_code == 200


@pytest.mark.parametrize(
    "named", ["//evil.example/abcdefghijkl", "../account/abcdefghijk", "a b", "https://evil.example"]
)
async def test_no_address_leads_out_of_the_provider(browser: Browser, named: str) -> None:
    page = await browser.get("/open-account/done", **{"from": named})
    assert 'id="sign-in-now" href="/account"' in page.text


async def test_without_a_register_the_page_says_what_to_do(prepared: Path, tmp_path: Path) -> None:
    from tests.flows.provider import running_provider

    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path) as bare:
        browser = bare.browser()
        page = await browser.get("/open-account")
        assert (page.status, page.error_code) == (404, "self_registration_off")
        assert 'href="/open-account' not in (await browser.authorize()).text


async def test_who_died_before_the_account_was_opened_is_not_let_in(browser: Browser, provider: Provider) -> None:
    """The page says what it says to everybody; the register had told of the death, under the number alone."""
    event = RegisterEventReceived(
        origin=Origin(RequestId("told"), "test"),
        client_id=ClientId("register"),
        event_type=RegisterEvent.DEATH.value,
        event_id="death",
        outcome="",
    )
    effects = EFFECTS[RegisterEvent.DEATH]
    change = RegisterChange(effects=effects, event_at=5, event_id="death", now=Seconds(provider.clock.at))
    assert await provider.stores.kept_register_events.keep(HAI["personal_number"], change, event) is not None
    page = await at_password(browser)
    page = await browser.submit(page, "register-password", password=PASSWORD, again=PASSWORD)
    assert page.path == "/open-account/done"
    refused = await browser.sign_in(await browser.authorize(), HAI["personal_number"], PASSWORD)
    assert refused.has_form("sign-in")
    told = await events(provider, "register.event")
    assert [each["outcome"] for each in told] == ["kept", "applied"]
    (opened,) = await events(provider, "account.registered")
    assert told[1]["accounts"] == [opened["account_id"]]
    assert HAI["personal_number"] not in str(told)
