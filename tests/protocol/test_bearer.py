import pytest

from idp.protocol.bearer import NoTokenError, bearer_token
from idp.protocol.errors import InvalidRequestError


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
