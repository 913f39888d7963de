from tests.flows.provider import Browser, Page, Provider


async def test_a_refused_request_leaves_its_event(provider: Provider, browser: Browser) -> None:
    await browser.get("/logout", id_token_hint="nonsense")

    records = [record async for record in provider.stores.audit_log.records() if record.name == "access.refused"]
    assert len(records) == 1
    assert "logout" in str(records[0].payload)
    assert "nonsense" not in str(records[0].payload)


async def test_the_question_is_checked_again_when_it_is_answered(browser: Browser) -> None:
    await browser.signed_in()
    _, hidden = (await browser.get("/logout")).form("sign-out")

    response = await browser.http.post(
        "/sign-out/confirm?id_token_hint=nonsense&post_logout_redirect_uri=https://evil.example",
        data={**hidden, "decision": "yes"},
    )

    assert Page(response).error_code == "invalid_logout_request"
    assert "code" in (await browser.authorize(prompt="none")).answer


async def test_whoever_says_no_stays_and_is_back_at_the_account(browser: Browser) -> None:
    await browser.signed_in()

    page = await browser.submit(await browser.get("/sign-out"), "sign-out", decision="no")

    assert page.path == "/account"


async def test_the_page_says_which_services_are_told(browser: Browser) -> None:
    await browser.tokens()

    page = await browser.submit(await browser.get("/sign-out"), "sign-out", decision="yes")

    assert "Cổng Dịch vụ công quốc gia" in page.text
