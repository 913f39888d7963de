from dataclasses import replace

import pytest

from idp.protocol.ciba.parameters import (
    DEFAULT_LIFETIME,
    LONGEST_LIFETIME,
    check_binding_message,
    check_notification_token,
    check_requested_expiry,
    check_user_code,
    parameters_of,
    require_nothing_beside,
)
from idp.protocol.decoupled.errors import InvalidBindingMessageError
from idp.protocol.errors import InvalidAuthorizationDetailsError, InvalidRequestError, InvalidScopeError
from tests.protocol.ciba.asking import TOKEN, Backchannel
from tests.protocol.world import PORTAL

PINGED = replace(PORTAL, metadata={"backchannel_token_delivery_mode": "ping"})
POLLING = replace(PORTAL, metadata={"backchannel_token_delivery_mode": "poll"})


@pytest.mark.parametrize("scope", [None, "", "profile", "email dossier.read"])
async def test_the_scope_openid_is_required(backchannel: Backchannel, scope: str | None) -> None:
    with pytest.raises(InvalidScopeError):
        await backchannel.ask(scope=scope)


async def test_the_order_of_scopes_does_not_matter(backchannel: Backchannel) -> None:
    assert (await backchannel.ask(scope="profile openid")).auth_req_id


@pytest.mark.parametrize("message", ["", "W4SCT", "Hồ sơ số 12/2026, 250.000 ₫", "x" * 200])
def test_a_binding_message_is_one_line_of_text(message: str) -> None:
    assert check_binding_message({"binding_message": message}) == message


@pytest.mark.parametrize(
    "message", ["x" * 201, "two\nlines", "tab\t", "\0", "\x1b[31m", "\u202egnissem", " padded", "W4\u3164SCT"]
)
def test_a_message_that_cannot_be_shown_as_it_is_is_refused(message: str) -> None:
    with pytest.raises(InvalidBindingMessageError):
        check_binding_message({"binding_message": message})


def test_the_time_asked_for_is_given_up_to_the_longest() -> None:
    assert check_requested_expiry({}) == DEFAULT_LIFETIME
    assert check_requested_expiry({"requested_expiry": "30"}) == 30
    assert check_requested_expiry({"requested_expiry": "9999999"}) == LONGEST_LIFETIME


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "ten", "１２", "9" * 11, " 30"])
def test_a_time_that_is_no_positive_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        check_requested_expiry({"requested_expiry": text})


async def test_no_details_are_granted(backchannel: Backchannel) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        await backchannel.ask(authorization_details="[]")
    with pytest.raises(InvalidAuthorizationDetailsError):
        parameters_of({"authorization_details": []})


def test_a_signed_request_may_tell_the_time_as_number_or_text() -> None:
    assert parameters_of({"requested_expiry": 30, "unknown": {}}) == {"requested_expiry": "30"}
    assert parameters_of({"requested_expiry": "30"}) == {"requested_expiry": "30"}


def test_who_is_pinged_gives_a_token_for_it_and_who_polls_none() -> None:
    assert check_notification_token(PINGED, {"client_notification_token": TOKEN}) == TOKEN
    assert check_notification_token(POLLING, {"client_notification_token": TOKEN}) == ""


@pytest.mark.parametrize("token", [None, "", "a b", "a\r\nX-Evil: 1", "é", "x" * 1025])
def test_a_notification_token_that_is_no_bearer_token_is_refused(token: str | None) -> None:
    with pytest.raises(InvalidRequestError):
        check_notification_token(PINGED, {} if token is None else {"client_notification_token": token})


def test_codes_of_persons_are_not_supported() -> None:
    with pytest.raises(InvalidRequestError):
        check_user_code({"user_code": "1234"})
    check_user_code({})


def test_beside_a_signed_request_stand_only_what_proves_the_client() -> None:
    require_nothing_beside({"request": "x", "client_id": "portal", "client_assertion": "y"})
    with pytest.raises(InvalidRequestError):
        require_nothing_beside({"request": "x", "scope": "openid"})
