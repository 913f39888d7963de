import pytest

from idp.domain.grants.confirmation import Confirmation, token_type


@pytest.mark.parametrize(
    ("confirmation", "claim", "sent_as"),
    [
        (Confirmation(key_thumbprint="abc"), {"jkt": "abc"}, "DPoP"),
        (Confirmation(certificate_thumbprint="def"), {"x5t#S256": "def"}, "Bearer"),
    ],
)
def test_a_confirmation_is_one_member_of_cnf_and_decides_how_the_token_is_sent(
    confirmation: Confirmation, claim: dict[str, str], sent_as: str
) -> None:
    assert (confirmation.claim(), token_type(confirmation)) == (claim, sent_as)
    assert Confirmation.of_claim(claim) == confirmation


def test_nothing_confirmed_claims_nothing() -> None:
    assert (Confirmation().claim(), token_type(Confirmation()), token_type(None)) == ({}, "Bearer", "Bearer")
