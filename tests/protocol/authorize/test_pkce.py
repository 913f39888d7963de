import pytest

from idp.protocol.authorize.pkce import s256, verify_code_verifier
from idp.protocol.errors import InvalidGrantError

# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_challenge_is_the_one_of_the_specification_s_example() -> None:
    assert s256(VERIFIER) == CHALLENGE


def test_the_right_verifier_is_accepted() -> None:
    verify_code_verifier(CHALLENGE, VERIFIER)


def test_clients_that_do_not_use_pkce_send_neither() -> None:
    verify_code_verifier(None, None)


@pytest.mark.parametrize(
    ("challenge", "verifier"),
    [
        pytest.param(CHALLENGE, None, id="missing"),
        pytest.param(CHALLENGE, "x" * 43, id="another"),
        pytest.param(CHALLENGE, CHALLENGE, id="plain"),
        pytest.param(s256("x" * 42), "x" * 42, id="shorter than 43"),
        pytest.param(s256("x" * 129), "x" * 129, id="longer than 128"),
        pytest.param(s256("x" * 43 + "+"), "x" * 43 + "+", id="characters that are not unreserved"),
        pytest.param(s256(VERIFIER), VERIFIER + "\n", id="trailing newline"),
        pytest.param(None, VERIFIER, id="downgraded: no challenge was sent"),
    ],
)
def test_anything_else_is_an_invalid_grant(challenge: str | None, verifier: str | None) -> None:
    with pytest.raises(InvalidGrantError):
        verify_code_verifier(challenge, verifier)
