import pytest

from idp.protocol.errors import InvalidRequestError
from idp.protocol.senders.bearer import BEARER, DPOP, NoTokenError, SentToken, bearer_token, sent_token


@pytest.mark.parametrize("authorization", ["Bearer abc", "bearer abc", "BEARER  abc "])
def test_a_token_in_the_header_is_read_whatever_the_case_of_the_scheme(authorization: str) -> None:
    assert bearer_token(authorization, {}, {}) == "abc"


def test_a_token_in_the_form_body_is_read() -> None:
    assert bearer_token(None, {}, {"access_token": "abc"}) == "abc"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic abc", "DPoP abc", "abc"])
def test_without_a_token_the_challenge_names_no_error(authorization: str | None) -> None:
    with pytest.raises(NoTokenError):
        bearer_token(authorization, {}, {})


def test_a_token_must_not_come_by_two_ways() -> None:
    with pytest.raises(InvalidRequestError):
        bearer_token("Bearer abc", {}, {"access_token": "abc"})


@pytest.mark.parametrize("authorization", [None, "Bearer abc"])
def test_a_token_in_the_query_string_is_refused(authorization: str | None) -> None:
    with pytest.raises(InvalidRequestError):
        bearer_token(authorization, {"access_token": "abc"}, {})


@pytest.mark.parametrize("authorization", ["DPoP abc", "dpop abc", "dPoP  abc "])
def test_a_token_that_is_bound_to_a_key_has_a_scheme_of_its_own(authorization: str) -> None:
    assert sent_token(authorization, {}, {}) == SentToken("abc", DPOP)


def test_a_token_in_a_body_is_a_bearer_token() -> None:
    assert sent_token(None, {}, {"access_token": "abc"}) == SentToken("abc", BEARER)
