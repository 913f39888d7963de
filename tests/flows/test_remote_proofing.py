"""Level 2 from afar: what the verifier signed counts, once, for the person who agreed; what a browser says does not."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from idp.cli.demo_certificates import ServiceKeys
from idp.domain.events import Origin, PasswordAccepted
from idp.domain.ids import AccountId, RequestId
from idp.domain.people.identity_record import IdentityRecord, NewPerson
from idp.ports.http import Answer
from tests.adapters.registry.verifier import SECRET
from tests.flows.provider import PASSWORD, Browser, Page, Provider, unverified_claims
from tests.flows.state_services import Town, code_in, mails, running_town
from tests.flows.test_enrolment import shown_secret

KHANH = "075195000088"
VERIFY = "/account/identity/verify"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServiceKeys:
    made = ServiceKeys(tmp_path_factory.mktemp("services"))
    made.make()
    return made


@pytest.fixture
async def town(prepared: Path, tmp_path: Path, keys: ServiceKeys) -> AsyncIterator[Town]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_town(tmp_path, keys) as running:
        await make_khanh(running.provider)
        yield running


@pytest.fixture
def provider(town: Town) -> Provider:
    return town.provider


async def make_khanh(provider: Provider) -> None:
    """Somebody at level 1 whom the register knows, with the password of the other samples."""
    binh = await provider.stores.accounts.find("binh@example.vn")
    assert binh is not None
    person = NewPerson(
        personal_number=KHANH,
        identity_level=1,
        claims={"name": "Bùi Ngọc Khánh", "given_name": "Khánh", "birthdate": "1995-10-10"},
        email="khanh@example.vn",
        password_hash=binh.password_hash,
    )
    await provider.stores.identity_records.create(person, event())


def event() -> PasswordAccepted:
    return PasswordAccepted(origin=Origin(RequestId("made"), "test"), account_id=AccountId("made"))


async def record_of(provider: Provider, number: str = KHANH) -> IdentityRecord:
    record = await provider.stores.identity_records.of_number(number)
    assert record is not None
    return record


async def reasons(provider: Provider) -> list[str]:
    await provider.stores.database.settle_events()
    return [
        json.loads(record.payload)["event"]["reason"]
        for stream in await provider.stores.audit_log.heads()
        async for record in provider.stores.audit_log.records(stream.stream, 0)
        if record.name == "remote_proofing.refused"
    ]


async def signed_in(provider: Provider) -> tuple[Browser, Page]:
    """A browser in which Khánh is signed in with two factors, at the page that asks for agreement."""
    browser = provider.browser()
    page = await browser.get(VERIFY)
    page = await browser.submit(page, "sign-in", username=KHANH, password=PASSWORD)
    page = await browser.submit(page, "activate", code=code_in(mails(provider)[-1][2]))
    page = await browser.submit(page, "enrol-otp", code=provider.one_time_code(shown_secret(page)))
    page = await browser.submit(page, "recovery-codes", saved="yes")
    assert page.path == VERIFY
    return browser, page


async def found(town: Town, sent: Page, finding: str = "match") -> str:
    """Do at the verifier what a person does; where it sends the person back to."""
    async with town.browser_at_verifier() as browser:
        await browser.get(sent.location)
        answer = await browser.post(sent.location.partition("?")[0], data={"finding": finding})
    return answer.headers["location"]


async def at_return(town: Town, finding: str = "match") -> tuple[Browser, str]:
    browser, page = await signed_in(town.provider)
    sent = await browser.submit(page, "verify-identity", agree="yes")
    assert sent.status == 303
    return browser, await found(town, sent, finding)


async def test_the_whole_way_ends_at_level_2_with_its_evidence(town: Town) -> None:
    browser, back = await at_return(town)
    page = await browser.get(back)
    assert (page.path, page.status) == (VERIFY, 200)
    assert not page.has_form("verify-identity")
    record = await record_of(town.provider)
    assert record.identity_level == 2
    assert record.verification is not None
    document, register = record.verification["evidence"]
    assert (document["type"], document["document_details"]["type"]) == ("document", "idcard")
    assert [check["check_method"] for check in document["check_details"]] == ["vcrypt", "bvr"]
    assert {check["organization"] for check in document["check_details"]} == {"localhost"}
    assert register["record"]["type"] == "population_register"
    assert record.claims["gender"] == "female"
    assert record.attributes["name"].source == "population_register"
    assert record.card is not None
    assert KHANH not in json.dumps(record.verification)
    (recipient, _, text) = mails(town.provider)[-1]
    assert recipient == "khanh@example.vn"
    assert "http://localhost:8000/account" in text


async def test_services_are_told_the_level_and_how_it_was_proved(town: Town) -> None:
    browser, back = await at_return(town)
    await browser.get(back)
    wanted = {
        "userinfo": {
            "verified_claims": {
                "verification": {"trust_framework": None, "assurance_level": None, "evidence": [{"type": None}]},
                "claims": {"name": None},
            }
        }
    }
    answer = await browser.authorize(scope="openid profile identity", claims=json.dumps(wanted))
    tokens = (await browser.redeem(answer)).json()
    told = (await browser.userinfo(tokens["access_token"])).json()
    assert told["verified_claims"]["verification"]["assurance_level"] == "level_2"
    assert told["identity_level"] == 2
    assert unverified_claims(tokens["id_token"])["acr"]


async def test_a_person_agrees_before_anything_is_asked(town: Town) -> None:
    browser, page = await signed_in(town.provider)
    refused = await browser.submit(page, "verify-identity")
    assert (refused.status, refused.has_form("verify-identity")) == (400, True)
    assert town.services.calls == []


async def test_the_form_may_lead_on_to_the_verifier(town: Town) -> None:
    _, page = await signed_in(town.provider)
    policy = page.response.headers["content-security-policy"]
    assert "form-action 'self' http:;" in policy


@pytest.mark.parametrize(
    ("finding", "told", "reason"),
    [
        ("other_person", "refused", "no_match"),
        ("not_live", "refused", "not_live"),
        ("unclear", "unclear", "inconclusive"),
        ("chip_unread", "unclear", "chip_not_verified"),
    ],
)
async def test_anything_but_a_living_match_raises_nothing(town: Town, finding: str, told: str, reason: str) -> None:
    browser, back = await at_return(town, finding)
    page = await browser.get(back)
    assert f'data-result="{told}"' in page.text
    assert (await record_of(town.provider)).identity_level == 1
    assert await reasons(town.provider) == [reason]


async def test_whoever_comes_back_without_a_check_is_where_he_or_she_was(town: Town) -> None:
    browser, page = await signed_in(town.provider)
    await browser.submit(page, "verify-identity", agree="yes")
    back = town.services.calls[-1][1]["return_to"]
    page = await browser.get(back)
    assert 'data-result="unfinished"' in page.text
    assert (await record_of(town.provider)).identity_level == 1


async def test_a_state_counts_once(town: Town) -> None:
    browser, back = await at_return(town)
    await browser.get(back)
    again = await browser.get(back)
    assert (again.status, again.error_code) == (410, "remote_proofing_over")


async def test_of_fifty_returns_at_once_one_counts(town: Town) -> None:
    browser, back = await at_return(town)
    answers = await asyncio.gather(*(browser.http.get(back) for _ in range(50)))
    assert sum(each.status_code == 303 for each in answers) == 1
    assert {each.status_code for each in answers} <= {303, 410, 503}
    assert (await record_of(town.provider)).identity_level == 2


async def test_what_the_browser_adds_is_not_believed(town: Town) -> None:
    browser, back = await at_return(town, "other_person")
    await browser.get(f"{back}&verdict=match&live=true&outcome=eyJhbGciOiJub25lIn0.e30.")
    assert (await record_of(town.provider)).identity_level == 1


async def test_a_state_of_another_browser_or_person_is_none(town: Town) -> None:
    _, back = await at_return(town)
    town.provider.clock.advance(60)
    other = town.provider.browser()
    await other.sign_in(await other.get(VERIFY))
    assert (await other.get(back)).error_code == "remote_proofing_over"
    for state in ("", "x", "../x"):
        assert (await other.get(f"{VERIFY}/return", state=state)).error_code == "remote_proofing_over"
    assert (await record_of(town.provider)).identity_level == 1


async def test_an_outcome_about_somebody_elses_check_raises_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, back = await at_return(town, "other_person")
    asked = dict(town.services.calls[-1][1])
    original = town.services.post_json
    other = await original("http://localhost:8006/api/checks", asked, bearer=SECRET)
    matching = json.loads(other.body)
    async with town.browser_at_verifier() as accomplice:
        await accomplice.post(matching["address"].partition("?")[0], data={"finding": "match"})

    async def confused(url: str, document: dict[str, str], *, bearer: str) -> Answer:
        """A verifier that answers about a check that was not asked for."""
        is_outcome = url.endswith("/api/outcomes")
        return await original(url, {"check_id": matching["check_id"]} if is_outcome else document, bearer=bearer)

    monkeypatch.setattr(town.services, "post_json", confused)
    page = await browser.get(back)
    assert 'data-result="refused"' in page.text
    assert (await record_of(town.provider)).identity_level == 1
    assert await reasons(town.provider) == ["untrusted"]


async def test_a_silent_verifier_loses_nothing(town: Town) -> None:
    browser, back = await at_return(town)
    verifier = town.services.apps.pop(8006)
    page = await browser.get(back)
    assert page.status == 503
    town.services.apps[8006] = verifier
    assert (await browser.get(back)).path == VERIFY
    assert (await record_of(town.provider)).identity_level == 2


async def test_a_silent_register_is_told(town: Town) -> None:
    browser, page = await signed_in(town.provider)
    town.services.down.add(8005)
    page = await browser.submit(page, "verify-identity", agree="yes")
    assert (page.status, page.has_form("verify-identity")) == (503, True)
    assert await reasons(town.provider) == ["register_unavailable"]


async def test_whoever_the_register_describes_otherwise_is_not_checked(town: Town) -> None:
    record = await record_of(town.provider)
    wrong = replace(record, claims={**record.claims, "birthdate": "1995-10-11"})
    await town.provider.stores.identity_records.save(wrong, event())
    browser, page = await signed_in(town.provider)
    page = await browser.submit(page, "verify-identity", agree="yes")
    assert 'data-result="not_possible"' in page.text
    assert [path for path, _ in town.services.calls] == ["/people/find"]


async def test_a_person_begins_five_checks_and_no_more(town: Town) -> None:
    browser, page = await signed_in(town.provider)
    sent = [await browser.submit(page, "verify-identity", agree="yes") for _ in range(6)]
    assert [each.status for each in sent] == [303] * 5 + [429]


async def test_an_officer_is_sent_to_the_citizens_account(town: Town) -> None:
    browser = town.provider.browser()
    page = await browser.get(VERIFY)
    page = await browser.sign_in(page, "cuong@g10.example.vn", "another horse battery staple")
    assert (page.status, page.error_code) == (403, "citizens_only")


async def test_somebody_at_level_2_is_asked_nothing(town: Town) -> None:
    browser = town.provider.browser()
    page = await browser.sign_in(await browser.get(VERIFY))
    assert page.path == VERIFY
    assert not page.has_form("verify-identity")


async def test_without_a_verifier_the_page_says_what_to_do(provider: Provider, tmp_path: Path, prepared: Path) -> None:
    from tests.flows.provider import running_provider

    folder = tmp_path / "bare"
    shutil.copytree(prepared, folder)
    async with running_provider(folder) as bare:
        page = await bare.browser().get(VERIFY)
        assert (page.status, page.error_code) == (404, "remote_proofing_off")
