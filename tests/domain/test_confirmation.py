import pytest

from idp.domain.confirmation import Confirmation


@pytest.mark.parametrize(
    ("confirmation", "claim", "token_type"),
    [
        (Confirmation(key_thumbprint="abc"), {"jkt": "abc"}, "DPoP"),
        (Confirmation(certificate_thumbprint="def"), {"x5t#S256": "def"}, "Bearer"),
    ],
)
def test_a_confirmation_is_one_member_of_cnf_and_decides_how_the_token_is_sent(
    confirmation: Confirmation, claim: dict[str, str], token_type: str
) -> None:
    assert (confirmation.claim(), confirmation.token_type) == (claim, token_type)
    assert Confirmation.of_claim(claim) == confirmation


def test_nothing_confirmed_claims_nothing() -> None:
    assert (Confirmation().claim(), Confirmation().token_type) == ({}, "Bearer")
