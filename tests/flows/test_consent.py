"""Consent: asked before anything is shared, remembered, taken back; it belongs to one person and one client."""

import pytest

from idp.domain.events import ConsentWithdrawn
from idp.domain.ids import ClientId
from tests.flows.provider import CALLBACK, ISSUER, PASSWORD, Browser, Page, Provider, unverified_claims
from tests.ports.samples import ORIGIN

SCOPE = "openid profile email"


async def consenting(browser: Browser, **parameters: str | None) -> Page:
    """The consent page of the gateway, for a person who just signed in."""
    page = await browser.signed_in("gateway", **{"scope": SCOPE, **parameters})
    assert page.has_form("consent")
    return page


async def test_the_person_is_asked_and_sees_what_would_be_shared(browser: Browser) -> None:
    page = await consenting(browser)

    assert page.path.endswith("/consent")
    assert "Nguyễn Văn An" in page.text
    assert "an@example.vn" in page.text
    assert "001099000001" not in page.text
    assert "Payment gateway" in page.text


async def test_sensitive_data_is_announced_as_such(browser: Browser) -> None:
    page = await consenting(browser)

    assert "nhạy cảm" in page.text.lower()


async def test_what_was_allowed_is_shared_and_remembered(browser: Browser) -> None:
    answer = await browser.submit(await consenting(browser), "consent", decision="allow")
    tokens = (await browser.redeem(answer, "gateway")).json()

    claims = (await browser.userinfo(tokens["access_token"])).json()
    assert claims["name"] == "Nguyễn Văn An"
    assert claims["email"] == "an@example.vn"
    assert "code" in (await browser.authorize("gateway", scope=SCOPE)).answer
    assert "code" in (await browser.authorize("gateway", scope=SCOPE, prompt="none")).answer


async def test_consent_outlives_the_session(provider: Provider, browser: Browser) -> None:
    await browser.submit(await consenting(browser), "consent", decision="allow")
    provider.clock.advance(60)
    other = provider.browser()

    assert "code" in (await other.signed_in("gateway", scope=SCOPE)).answer


async def test_whoever_denies_is_sent_back_with_state_and_issuer(browser: Browser) -> None:
    page = await browser.submit(await consenting(browser, state="the state"), "consent", decision="deny")

    assert page.location.startswith(f"{CALLBACK}?error=access_denied&")
    assert set(page.answer) == {"error", "error_description", "state", "iss", "session_state"}
    assert page.answer["state"] == "the state"
    assert page.answer["iss"] == ISSUER


@pytest.mark.parametrize("question", ["consent", "principal"])
async def test_nobody_answers_before_the_sign_in_is_as_strong_as_asked(browser: Browser, question: str) -> None:
    assert "code" in (await browser.sign_in(await browser.authorize("post-office"), "binh@example.vn")).answer
    page = await browser.authorize("post-office", scope=SCOPE, acr_values="urn:vn:loa:2")
    _, fields = page.form("activate")
    early = page.path.replace("/activate", f"/{question}")
    assert (await browser.get(early)).has_form("activate")

    answer = {"csrf_token": fields["csrf_token"], "decision": "allow", "principal": "self"}
    sent = await browser.http.post(early, data=answer)

    assert sent.headers["location"].startswith("/authorize/")
    assert (await browser.authorize("post-office", scope=SCOPE)).has_form("consent")


async def test_denying_leaves_nothing_behind(browser: Browser) -> None:
    await browser.submit(await consenting(browser), "consent", decision="deny")

    assert (await browser.authorize("gateway", scope=SCOPE)).has_form("consent")
    assert (await browser.authorize("gateway", scope=SCOPE, prompt="none")).answer["error"] == "consent_required"


async def test_more_than_was_allowed_is_asked_again(browser: Browser) -> None:
    await browser.submit(await consenting(browser, scope="openid profile"), "consent", decision="allow")

    assert (await browser.authorize("gateway", scope=SCOPE)).has_form("consent")
    assert "code" in (await browser.authorize("gateway", scope="openid")).answer


async def test_a_claim_asked_for_by_name_is_asked_about_too(browser: Browser) -> None:
    claims = '{"userinfo": {"email": null}}'
    page = await browser.signed_in("gateway", claims=claims)

    assert page.has_form("consent")
    assert "an@example.vn" in page.text
    assert "code" in (await browser.submit(page, "consent", decision="allow")).answer
    assert "code" in (await browser.authorize("gateway", claims=claims)).answer


async def test_a_verified_claim_is_asked_about_too(browser: Browser) -> None:
    element = '{"verification": {"trust_framework": null}, "claims": {"birthdate": null}}'
    claims = f'{{"userinfo": {{"verified_claims": {element}}}}}'
    page = await browser.signed_in("gateway", claims=claims)

    assert page.has_form("consent")
    assert "code" in (await browser.submit(page, "consent", decision="allow")).answer
    assert "code" in (await browser.authorize("gateway", claims=claims)).answer


async def test_prompt_consent_asks_although_it_was_given(browser: Browser) -> None:
    await browser.submit(await consenting(browser), "consent", decision="allow")

    page = await browser.authorize("gateway", scope=SCOPE, prompt="consent")
    assert page.has_form("consent")
    assert "code" in (await browser.submit(page, "consent", decision="allow")).answer


async def test_prompt_consent_is_asked_where_nothing_would_be_shared(browser: Browser) -> None:
    page = await browser.signed_in("gateway", prompt="consent")

    assert page.has_form("consent")
    assert "code" in (await browser.submit(page, "consent", decision="allow")).answer


async def test_prompt_login_and_consent_ask_both_and_then_go_on(browser: Browser) -> None:
    page = await browser.signed_in("gateway", prompt="login consent")

    assert page.has_form("consent")
    assert "code" in (await browser.submit(page, "consent", decision="allow")).answer


async def test_an_answer_to_prompt_consent_counts_once(browser: Browser) -> None:
    page = await consenting(browser, prompt="consent")
    await browser.submit(page, "consent", decision="allow")

    again = await browser.get(page.path.replace("/sign-in/", "/authorize/").removesuffix("/consent"))

    assert again.has_form("consent")
    assert "code" in (await browser.submit(again, "consent", decision="allow")).answer


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW", "allow deny"])
async def test_an_unclear_answer_is_no_consent(browser: Browser, decision: str) -> None:
    page = await browser.submit(await consenting(browser), "consent", decision=decision)

    assert page.status == 400
    assert page.refusal
    assert page.has_form("consent")
    assert (await browser.authorize("gateway", scope=SCOPE, prompt="none")).answer["error"] == "consent_required"


async def test_an_answer_to_a_page_that_does_not_say_what_it_showed_counts(browser: Browser) -> None:
    # As nodes of the release before draw it.
    page = await consenting(browser)
    action, hidden = page.form("consent")
    del hidden["question"]
    answer = await browser.http.post(action, data={**hidden, "decision": "allow"})
    assert "code" in (await browser.get(answer.headers["location"])).answer


async def test_an_answer_without_the_forms_token_is_no_consent(browser: Browser) -> None:
    page = await consenting(browser)

    response = await browser.http.post(page.path, data={"decision": "allow"})

    assert response.status_code == 403
    assert (await browser.authorize("gateway", scope=SCOPE, prompt="none")).answer["error"] == "consent_required"


async def test_a_service_with_a_legal_basis_tells_and_does_not_ask(browser: Browser) -> None:
    page = await browser.authorize("portal", scope="openid profile")

    assert "Họ và tên" in page.text or "Họ tên" in page.text
    assert "code" in (await browser.sign_in(page)).answer


async def test_offline_access_is_asked_for_and_outlives_the_session(provider: Provider, browser: Browser) -> None:
    page = await consenting(browser, scope="openid offline_access")
    answer = await browser.submit(page, "consent", decision="allow")
    tokens = (await browser.redeem(answer, "gateway")).json()

    await browser.submit(await browser.get("/sign-out"), "sign-out", decision="yes")
    refreshed = await refresh(browser, tokens["refresh_token"])

    assert refreshed.status == 200


async def test_withdrawing_ends_the_clients_tokens_and_asks_again(browser: Browser) -> None:
    page = await consenting(browser, scope="openid profile offline_access")
    answer = await browser.submit(page, "consent", decision="allow")
    tokens = (await browser.redeem(answer, "gateway")).json()

    await withdraw(browser)

    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert (await refresh(browser, tokens["refresh_token"])).status == 400
    assert (await browser.authorize("gateway", scope=SCOPE)).has_form("consent")


async def test_a_code_of_the_instants_before_a_withdrawal_can_be_seen_goes_with_it(
    provider: Provider, browser: Browser
) -> None:
    await browser.submit(await consenting(browser), "consent", decision="allow")
    began = provider.clock.now()
    provider.clock.advance(2)
    page = await browser.authorize("gateway", scope=SCOPE)
    # The withdrawal read the time two seconds earlier, and is seen only now.
    account_id = await provider.stores.records.account_of("001099000001")
    assert account_id
    event = ConsentWithdrawn(origin=ORIGIN, account_id=account_id, client_id=ClientId("gateway"))
    assert await provider.stores.consents.withdraw(account_id, ClientId("gateway"), began, event)

    answer = await browser.redeem(page, "gateway")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_an_old_attempt_does_not_bring_a_withdrawn_consent_back(browser: Browser) -> None:
    page = await consenting(browser)
    await browser.submit(page, "consent", decision="allow")
    await withdraw(browser)

    again = await browser.get(page.path.replace("/sign-in/", "/authorize/").removesuffix("/consent"))

    assert again.has_form("consent")


async def test_an_old_attempt_does_not_lend_its_consent_to_the_next_person(browser: Browser) -> None:
    page = await browser.signed_in("post-office", scope="openid profile")
    await browser.submit(page, "consent", decision="allow")
    await sign_in_as_binh(browser)

    again = await browser.get(page.path.replace("/sign-in/", "/authorize/").removesuffix("/consent"))

    assert again.has_form("consent")
    assert "Trần Thị Bình" in again.text


async def test_nobody_answers_a_question_that_was_put_to_somebody_else(browser: Browser) -> None:
    asked = await browser.signed_in("post-office", scope="openid profile")
    assert "Nguyễn Văn An" in asked.text
    await sign_in_as_binh(browser)

    page = await browser.submit(asked, "consent", decision="allow")

    assert page.has_form("consent")
    assert "Trần Thị Bình" in page.text
    answer = await browser.submit(page, "consent", decision="allow")
    tokens = (await browser.redeem(answer, "post-office")).json()
    assert (await browser.userinfo(tokens["access_token"])).json()["name"] == "Trần Thị Bình"


async def test_a_consent_page_needs_somebody_signed_in(provider: Provider, browser: Browser) -> None:
    page = await consenting(browser)
    await browser.submit(await browser.get("/sign-out"), "sign-out", decision="yes")

    assert (await browser.get(page.path)).has_form("sign-in")
    assert (await browser.submit(page, "consent", decision="allow")).has_form("sign-in")


async def test_every_decision_leaves_its_event(provider: Provider, browser: Browser) -> None:
    await browser.submit(await consenting(browser), "consent", decision="deny")
    page = await browser.authorize("gateway", scope=SCOPE)
    await browser.submit(page, "consent", decision="allow")
    await withdraw(browser)

    names = [record.name async for record in provider.stores.audit_log.records()]
    assert [name for name in names if name.startswith("consent.")] == [
        "consent.refused",
        "consent.given",
        "consent.withdrawn",
    ]


async def test_the_id_token_of_a_client_that_asks_has_no_personal_claims(browser: Browser) -> None:
    answer = await browser.submit(await consenting(browser), "consent", decision="allow")

    claims = unverified_claims((await browser.redeem(answer, "gateway")).json()["id_token"])
    assert claims.keys().isdisjoint({"name", "email", "given_name", "birthdate"})


async def withdraw(browser: Browser) -> None:
    """Stop sharing with the one connected service."""
    page = await browser.get("/account")
    _, hidden = page.form("always-ask") if page.has_form("always-ask") else page.form("sign-out-account")
    response = await browser.http.post("/account/services/withdraw?service=gateway", data=hidden)
    assert response.headers["location"] == "/account?notice=consent_withdrawn"


async def refresh(browser: Browser, refresh_token: str) -> Page:
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return Page(await browser.http.post("/token", data=fields, auth=("gateway", "a-client-secret-for-tests-only")))


async def sign_in_as_binh(browser: Browser) -> None:
    page = await browser.authorize(prompt="login")
    answer = await browser.submit(page, "sign-in", username="binh@example.vn", password=PASSWORD)
    assert "code" in answer.answer


async def test_a_refusal_cannot_be_turned_round_by_going_back(browser: Browser) -> None:
    page = await consenting(browser)
    await browser.submit(page, "consent", decision="deny")

    assert (await browser.submit(page, "consent", decision="allow")).error_code == "sign_in_expired"
    assert (await browser.get(page.path)).error_code == "sign_in_expired"
