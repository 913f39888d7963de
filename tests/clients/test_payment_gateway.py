"""Paying: amounts from the ministry only, a fresh strong sign-in above the threshold, reports that are never lost."""

import json
from typing import Any

import httpx
import pytest

from clients.payment_gateway.gateway import Gateway
from idp.domain.grants.authorization_detail_types import DETAIL_TYPES
from tests.clients.provider_double import NEIGHBOUR
from tests.clients.test_dossier_api import fee_reference
from tests.clients.town import GATEWAY, Town, error_of, fields, party, state_of

SMALL, LARGE, GREAT = "2000000", "5000001", "10000000"


async def payer(town: Town) -> httpx.AsyncClient:
    browser = town.browser()
    await browser.get(f"{GATEWAY}/sign-in")
    return browser


def gateway(town: Town) -> Gateway:
    found: Gateway = town.gateway.app.state.gateway  # type: ignore[attr-defined]
    return found


def paid_rows(town: Town) -> int:
    return len(party(town.gateway).database.rows("SELECT 1 FROM payments"))


async def test_up_to_the_threshold_no_step_up_is_asked(town: Town) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town, '5000000')}"
    browser = await payer(town)
    page = await browser.get(url)
    assert 'id="pay"' in page.text
    assert state_of(await browser.post(url, data=fields(page))) == "paid"


async def test_above_the_threshold_the_person_proves_more_first(town: Town) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town, LARGE)}"
    town.provider.acr = "urn:vn:loa:1"
    browser = await payer(town)
    page = await browser.get(url)
    assert state_of(page) == "step-up"
    assert 'id="pay"' not in page.text
    proved = await browser.get(f"{url}/step-up")
    asked = town.provider.calls("/authorize")[-1]
    assert (asked["acr_values"], asked["max_age"]) == ("urn:vn:loa:2", "300")
    assert proved.url == url
    assert state_of(await browser.post(url, data=fields(proved))) == "paid"


async def test_a_strong_sign_in_that_is_too_old_is_asked_again(town: Town) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town, LARGE)}"
    browser = await payer(town)
    await browser.get(f"{url}/step-up")
    page = await browser.get(url)
    assert 'id="pay"' in page.text
    town.clock.advance(301)
    late = await browser.post(url, data=fields(page))
    assert state_of(late) == "step-up"
    assert paid_rows(town) == 0


@pytest.mark.parametrize("how", ["too weak", "too old", "no acr", "no auth_time"])
async def test_a_step_up_the_id_token_does_not_show_is_refused(town: Town, how: str) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town, LARGE)}"
    browser = await payer(town)
    changes: dict[str, dict[str, Any]] = {
        "too weak": {"acr": "urn:vn:loa:1"},
        "too old": {"auth_time": town.clock.now() - 331},
        "no acr": {"acr": ...},
        "no auth_time": {"auth_time": ...},
    }
    town.provider.id_token_changes = changes[how]
    page = await browser.get(f"{url}/step-up")
    assert (page.status_code, error_of(page)) == (403, "unmet_authentication_requirements")
    assert f'href="{httpx.URL(url).path}"' in page.text
    town.provider.id_token_changes = {}
    assert state_of(await browser.get(url)) == "step-up"


async def test_a_higher_level_is_enough(town: Town) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town, LARGE)}"
    browser = await payer(town)
    town.provider.id_token_changes = {"acr": "urn:vn:loa:3"}
    assert 'id="pay"' in (await browser.get(f"{url}/step-up")).text


async def test_ten_million_and_more_take_a_face_and_approval_of_exactly_this_payment(town: Town) -> None:
    url, other = [f"{GATEWAY}/pay/{await fee_reference(town, GREAT)}" for _ in range(2)]
    browser = await payer(town)
    assert state_of(await browser.get(url)) == "step-up"
    page = await browser.get(f"{url}/step-up")
    asked = town.provider.calls("/authorize")[-1]
    assert (asked["acr_values"], asked["max_age"]) == ("urn:vn:loa:3", "300")
    (detail,) = json.loads(asked["authorization_details"])
    assert detail["instructedAmount"] == {"currency": "VND", "amount": GREAT}
    assert detail["remittanceInformation"] == url.rsplit("/", 1)[1]
    DETAIL_TYPES["payment_initiation"].check(detail)
    # What was approved is this payment, and no other of the same amount.
    assert state_of(await browser.get(other)) == "step-up"
    assert state_of(await browser.post(other, data=fields(page))) == "step-up"
    assert state_of(await browser.post(url, data=fields(page))) == "paid"


async def test_an_approval_of_something_else_pays_nothing(town: Town) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town, GREAT)}"
    browser = await payer(town)
    await browser.get(f"{url}/step-up")
    (detail,) = json.loads(town.provider.calls("/authorize")[-1]["authorization_details"])
    town.provider.approved_details = [{**detail, "instructedAmount": {"currency": "VND", "amount": "1"}}]
    page = await browser.get(f"{url}/step-up")
    assert (page.status_code, error_of(page)) == (403, "unmet_authentication_requirements")
    assert paid_rows(town) == 0


async def test_a_tampered_amount_pays_nothing(town: Town) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town)}"
    browser = await payer(town)
    form = fields(await browser.get(url))
    for amount in ("1", "", "2000000.0", "02000000"):
        page = await browser.post(url, data=form | {"amount": amount})
        assert (page.status_code, error_of(page)) == (409, "changed_meanwhile")
    page = await browser.post(url, data=form | {"csrf_token": "x"})
    assert (page.status_code, error_of(page)) == (403, "invalid_form")
    assert paid_rows(town) == 0


async def test_the_same_payment_sent_twice_is_one_payment(town: Town) -> None:
    url = f"{GATEWAY}/pay/{await fee_reference(town)}"
    browser = await payer(town)
    form = fields(await browser.get(url))
    first, second = await browser.post(url, data=form), await browser.post(url, data=form)
    assert first.text == second.text
    assert paid_rows(town) == 1
    assert (await browser.get(url)).url.path.startswith("/payments/")
    assert "2.000.000" in (await browser.get(f"{GATEWAY}/")).text


async def test_a_receipt_is_shown_to_its_payer_only(town: Town) -> None:
    reference = await fee_reference(town)
    browser = await payer(town)
    url = f"{GATEWAY}/pay/{reference}"
    await browser.post(url, data=fields(await browser.get(url)))
    town.provider.person = NEIGHBOUR
    neighbour = await payer(town)
    assert (await neighbour.get(f"{GATEWAY}/payments/{reference}")).status_code == 404
    page = await neighbour.get(url)
    assert state_of(page) == "paid"
    assert 'id="pay"' not in page.text
    csrf = fields(await (await payer(town)).get(url))
    assert "amount" not in csrf


async def test_an_unknown_or_malformed_reference_is_not_found(town: Town) -> None:
    browser = await payer(town)
    for reference in ("AAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "..%2Fdossiers", "%C3%BC" * 26):
        for path in (f"/pay/{reference}", f"/pay/{reference}/step-up", f"/payments/{reference}"):
            assert (await browser.get(f"{GATEWAY}{path}")).status_code == 404


async def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_payment(town: Town) -> None:
    path = f"/pay/{await fee_reference(town)}"
    browser = town.browser()
    page = await browser.get(f"{GATEWAY}{path}")
    assert page.status_code == 401
    back = await browser.get(f"{GATEWAY}/sign-in", params={"return_to": path})
    assert back.url.path == path


async def test_a_payment_the_ministry_did_not_hear_of_is_reported_later_and_after_a_restart_too(town: Town) -> None:
    reference = await fee_reference(town)
    url = f"{GATEWAY}/pay/{reference}"
    browser = await payer(town)
    form = fields(await browser.get(url))
    order = await gateway(town).ministry.order(reference)
    town.network.down.add(9002)
    assert (await browser.post(url, data=form)).status_code == 503  # the order cannot be confirmed: nothing is taken
    assert paid_rows(town) == 0

    payment = gateway(town).payments.pay(order, "payer", now=town.clock.now())
    assert not await gateway(town).report(payment)
    assert await gateway(town).report_due() == 0  # not yet: attempts are put off
    town.network.down.clear()
    town.clock.advance(10)
    assert await gateway(town).report_due() == 1
    assert await gateway(town).report_due() == 0
    row = party(town.ministry).database.row("SELECT status FROM dossiers WHERE payment_reference = ?", (reference,))
    assert row is not None
    assert row["status"] == "paid"


async def test_pauses_between_attempts_grow_up_to_an_hour(town: Town) -> None:
    reference = await fee_reference(town)
    order = await gateway(town).ministry.order(reference)
    payments = gateway(town).payments
    payments.pay(order, "payer", now=town.clock.now())
    pauses = []
    for _ in range(16):
        payments.note_failed(reference, now=town.clock.now())
        row = party(town.gateway).database.row("SELECT next_attempt_at FROM payments")
        assert row is not None
        pauses.append(row["next_attempt_at"] - town.clock.now())
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (2, 3600)


async def test_a_refused_token_is_replaced(town: Town) -> None:
    reference = await fee_reference(town)
    ministry = gateway(town).ministry
    await ministry.order(reference)
    town.provider.published.clear()
    town.provider.rotate_key()
    town.clock.advance(3600)
    ministry._token_until = town.clock.now() + 100
    browser = await payer(town)
    assert (await browser.get(f"{GATEWAY}/pay/{reference}")).status_code == 503
    assert (await browser.get(f"{GATEWAY}/pay/{reference}")).status_code == 200


async def test_with_the_ministry_answering_nonsense_nothing_is_paid(town: Town) -> None:
    reference = await fee_reference(town)
    browser = await payer(town)

    async def nonsense(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b'{"amount": "free"}'})  # type: ignore[operator]

    town.network.apps[9002] = nonsense
    page = await browser.get(f"{GATEWAY}/pay/{reference}")
    assert (page.status_code, error_of(page)) == (503, "service_unavailable")
