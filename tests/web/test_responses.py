import json

import pytest

from idp.protocol.decoupled.errors import TooManyRequestsError
from idp.protocol.errors import (
    InsufficientScopeError,
    InsufficientUserAuthenticationError,
    InvalidClientError,
    InvalidDpopProofError,
    InvalidGrantError,
    InvalidTokenError,
    TemporarilyUnavailableError,
    UseDpopNonceError,
)
from idp.protocol.senders.bearer import NoTokenError
from idp.web.edge.refusals import BodyTooLarge, QueryTooLong, RefusedRequest, RepeatedParameter, UnsupportedMediaType
from idp.web.responses import BearerChallenge, ClientChallenge, ProtocolAnswer, json_answer, jwt_answer, refused_answer

ISSUER = "https://id.example.vn"


def challenge(answer: ProtocolAnswer) -> str | None:
    return next((value.decode() for name, value in answer.headers if name == b"www-authenticate"), None)


def test_json_is_written_in_utf_8() -> None:
    answer = json_answer({"name": "Nguyễn Thị Ánh"})
    assert answer.body == '{"name":"Nguyễn Thị Ánh"}'.encode()
    assert answer.content_type == b"application/json"


def test_a_signed_answer_says_what_it_is() -> None:
    assert jwt_answer("a.b.c") == ProtocolAnswer(200, b"a.b.c", b"application/jwt")


def test_a_401_must_carry_a_challenge() -> None:
    answer = ClientChallenge(ISSUER).answer(InvalidClientError(reason="wrong secret"))
    assert answer.status == 401
    assert challenge(answer) == f'Basic realm="{ISSUER}", charset="UTF-8"'
    assert json.loads(answer.body) == {"error": "invalid_client", "error_description": "Client authentication failed."}


def test_other_errors_of_the_token_endpoint_are_400_without_a_challenge() -> None:
    answer = ClientChallenge(ISSUER).answer(InvalidGrantError(reason="private"))
    assert (answer.status, challenge(answer)) == (400, None)
    assert b"private" not in answer.body


def test_unavailable_says_when_to_come_back() -> None:
    answer = ClientChallenge(ISSUER).answer(TemporarilyUnavailableError())
    assert (answer.status, answer.headers) == (503, ((b"retry-after", b"1"),))


def test_who_asks_too_often_is_told_so_and_not_that_the_service_is_down() -> None:
    answer = ClientChallenge(ISSUER).answer(TooManyRequestsError("Wait.", retry_after=600))
    assert (answer.status, answer.headers) == (429, ((b"retry-after", b"600"),))


def test_without_a_token_the_challenge_tells_no_error() -> None:
    answer = BearerChallenge(ISSUER).answer(NoTokenError())
    metadata = f'resource_metadata="{ISSUER}/.well-known/oauth-protected-resource"'
    both = f'Bearer realm="{ISSUER}", {metadata}, DPoP realm="{ISSUER}", algs="ES256 EdDSA Ed25519 PS256", {metadata}'
    assert (answer.status, answer.body, challenge(answer)) == (401, b"", both)


def test_a_nonce_to_be_used_is_told_in_a_header_of_its_own() -> None:
    answer = ClientChallenge(ISSUER).answer(UseDpopNonceError("n-1"))
    assert (answer.status, answer.headers) == (400, ((b"dpop-nonce", b"n-1"),))
    answer = BearerChallenge(ISSUER).answer(UseDpopNonceError("n-1"))
    assert answer.status == 401
    assert answer.headers[1] == (b"dpop-nonce", b"n-1")
    assert (challenge(answer) or "").startswith("DPoP ")
    assert 'error="use_dpop_nonce"' in (challenge(answer) or "")


def test_a_bad_proof_is_a_bad_request_at_the_token_endpoint_and_a_401_at_a_resource() -> None:
    error = InvalidDpopProofError(reason="private")
    assert ClientChallenge(ISSUER).answer(error).status == 400
    answer = BearerChallenge(ISSUER).answer(error)
    assert answer.status == 401
    assert (challenge(answer) or "").startswith(
        f'DPoP realm="{ISSUER}", algs="ES256 EdDSA Ed25519 PS256", error="invalid_dpop'
    )


def test_the_challenge_is_of_the_scheme_that_was_used() -> None:
    error = InvalidTokenError()
    error.scheme = "DPoP"
    assert (challenge(BearerChallenge(ISSUER).answer(error)) or "").startswith("DPoP ")


def test_a_bad_token_is_told_in_the_challenge() -> None:
    answer = BearerChallenge(ISSUER).answer(InvalidTokenError(reason="private"))
    assert answer.status == 401
    assert 'error="invalid_token"' in (challenge(answer) or "")
    assert "private" not in (challenge(answer) or "")


def test_a_missing_scope_is_named() -> None:
    answer = BearerChallenge(ISSUER).answer(InsufficientScopeError())
    assert answer.status == 403
    assert 'scope="openid", resource_metadata=' in (challenge(answer) or "")


@pytest.mark.parametrize(
    ("refused", "status"),
    [(RepeatedParameter(), 400), (UnsupportedMediaType(), 400), (BodyTooLarge(), 413), (QueryTooLong(), 414)],
)
def test_what_cannot_be_read_is_an_invalid_request(refused: RefusedRequest, status: int) -> None:
    answer = refused_answer(refused)
    assert answer.status == status
    assert json.loads(answer.body) == {"error": "invalid_request", "error_description": refused.reason}


def test_a_protected_resource_that_cannot_answer_says_when_to_come_back_and_challenges_nobody() -> None:
    answer = BearerChallenge(ISSUER).answer(TemporarilyUnavailableError())
    assert answer.status == 503
    assert challenge(answer) is None
    assert any(name == b"retry-after" for name, _ in answer.headers)


def test_a_sign_in_that_is_too_weak_or_too_old_is_answered_with_what_would_do() -> None:
    error = InsufficientUserAuthenticationError()
    error.acr_values, error.max_age = "phrh urn:vn:loa:2", 300
    answer = BearerChallenge(ISSUER).answer(error)
    told = challenge(answer) or ""
    assert answer.status == 401
    assert 'error="insufficient_user_authentication"' in told
    assert 'acr_values="phrh urn:vn:loa:2", max_age="300"' in told
    assert "max_age" not in (challenge(BearerChallenge(ISSUER).answer(InsufficientUserAuthenticationError())) or "")
