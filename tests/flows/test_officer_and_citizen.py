"""One human, two accounts: a service for citizens and one for officers have nothing to join them by."""

from typing import Any

import httpx

from idp.domain.events import OfficerChanged, Origin
from idp.domain.ids import AccountId, RequestId, Seconds
from tests.flows.provider import Browser, Provider, import_records, unverified_claims

NUMBER = "001085000003"
SCOPES = "openid profile email phone address officer"
CITIZEN = {"username": NUMBER, "password": "correct horse battery staple"}
OFFICER = {"username": "cuong@g10.example.vn", "password": "another horse battery staple"}
OF_THE_HUMAN = {"name", "family_name", "middle_name", "given_name"}
OF_EVERYBODY = {"iss", "aud", "acr", "amr", "auth_time", "exp", "iat", "nonce", "identity_level"}
CONTACTS = """
people:
  - personal_number: "001085000003"
    name: Lê Văn Cường
    family_name: Lê
    birthdate: 1985-07-08
    gender: male
    email: cuong.rieng@example.vn
    phone_number: "+84912345699"
    address: {formatted: "2 Hàng Bài, Hà Nội"}
    picture: https://people.example.vn/cuong.png
    level: 2
    totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
"""
SERVICES = """
clients:
  - client_id: public-all
    client_secret: a-client-secret-for-tests-only
    redirect_uris: ["http://localhost:9001/callback"]
    scope: openid profile email phone address officer
    subject_type: public
    skip_consent: true
  - client_id: pairwise-all
    client_secret: a-client-secret-for-tests-only
    redirect_uris: ["http://localhost:9001/callback"]
    scope: openid profile email phone address officer
    skip_consent: true
"""


async def import_more(provider: Provider) -> None:
    await import_records(provider.stores, CONTACTS + SERVICES, provider.settings)


def ended(account_id: AccountId) -> OfficerChanged:
    return OfficerChanged(origin=Origin(RequestId("r"), "test"), account_id=account_id, change="post_ends")


async def told(browser: Browser, client_id: str, who: dict[str, str]) -> dict[str, Any]:
    """Everything that a service learns of somebody: ID token and userinfo."""
    page = await browser.submit(await browser.authorize(client_id, scope=SCOPES), "sign-in", **who)
    if page.has_form("otp"):
        page = await browser.submit(page, "otp", code=browser.provider.one_time_code())
    tokens = (await browser.redeem(page, client_id)).json()
    answer: httpx.Response = await browser.userinfo(tokens["access_token"])
    return {**unverified_claims(tokens["id_token"]), **answer.json()}


async def test_nothing_that_two_services_learn_joins_the_officer_with_the_citizen(provider: Provider) -> None:
    await import_more(provider)
    for client_id in ("public-all", "pairwise-all"):
        citizen = await told(provider.browser(), client_id, CITIZEN)
        officer = await told(provider.browser(), client_id, OFFICER)
        provider.clock.advance(30)
        assert officer["roles"] == ["proofing_officer"]
        assert citizen["email"] == "cuong.rieng@example.vn"
        assert "officer_id" in officer
        assert "officer_id" not in citizen
        shared = {name for name in citizen.keys() & officer.keys() if citizen[name] == officer[name]}
        assert shared <= OF_THE_HUMAN | OF_EVERYBODY
        private = {"sub", "sid", "email", "phone_number", "address", "birthdate", "gender", "picture"}
        values = [str(citizen[name]) for name in private & citizen.keys()]
        assert len(values) >= 6
        assert not [value for value in values if value in str(list(officer.values()))]
        assert NUMBER not in str(officer)


async def test_the_number_of_an_officer_leaves_under_the_scope_of_identity_alone(provider: Provider) -> None:
    account_id = await provider.stores.officers.find(OFFICER["username"])
    assert account_id
    profile = await provider.stores.accounts.profile(account_id)
    assert profile
    assert profile.personal_number == NUMBER
    assert set(profile.claims) <= OF_THE_HUMAN
    assert profile.verification is None


async def test_an_officer_out_of_office_has_no_claims_of_the_office(provider: Provider) -> None:
    browser = provider.browser()
    before = await told(browser, "officers", OFFICER)
    assert before["agency"] == {"code": "G10", "name": "Bộ Tài nguyên và Môi trường"}
    account_id = await provider.stores.officers.find(OFFICER["username"])
    assert account_id
    officer = await provider.stores.officers.get(account_id)
    assert officer
    at = Seconds(provider.clock.now() + 60)
    await provider.stores.officers.end_post(account_id, officer.version, at, ended(account_id))
    provider.clock.advance(60)
    page = await browser.authorize("officers", scope="openid officer")
    tokens = (await browser.redeem(page, "officers")).json()
    after = (await browser.userinfo(tokens["access_token"])).json()
    assert not {"agency", "position", "roles"} & after.keys()
    assert (await browser.get("/admin")).status == 403
