import pytest

from idp.domain.clients.claims_policy import ClaimsPolicy, LegalBasis

DOCUMENT = {
    "name": {"purpose": {"vi": "Để xưng hô", "en": "To address you"}, "legal_basis": "consent"},
    "birthdate": {"purpose": "Để kiểm tra tuổi", "legal_basis": "law", "citation": "Điều 5"},
}
POLICY = ClaimsPolicy(DOCUMENT)


def test_terms_are_read_with_their_purpose_in_the_language_asked_for_or_any() -> None:
    name, birthdate = POLICY.terms("name"), POLICY.terms("birthdate")
    assert name is not None
    assert birthdate is not None
    assert (name.purpose_in("en"), name.purpose_in("fr")) == ("To address you", "Để xưng hô")
    assert (birthdate.purpose_in("en"), birthdate.legal_basis, birthdate.citation) == (
        "Để kiểm tra tuổi",
        LegalBasis.LAW,
        "Điều 5",
    )
    assert POLICY.terms("email") is None
    assert [each for each, _ in POLICY.items()] == ["birthdate", "name"]


def test_the_version_is_that_of_the_content_whatever_the_order() -> None:
    again = ClaimsPolicy.decode(ClaimsPolicy(dict(reversed(DOCUMENT.items()))).encoded())
    assert again.version == POLICY.version
    assert ClaimsPolicy({"name": DOCUMENT["name"]}).version != POLICY.version


@pytest.mark.parametrize(
    ("changed", "covered"),
    [
        ({}, True),
        ({"birthdate": {"purpose": "Việc khác", "legal_basis": "law"}}, True),
        ({"birthdate": {"purpose": "Để kiểm tra tuổi", "legal_basis": "consent"}}, True),
        ({"name": {"purpose": {"vi": "Để quảng cáo"}, "legal_basis": "consent"}}, False),
        ({"email": {"purpose": "Thư", "legal_basis": "consent"}}, True),
    ],
)
def test_a_consent_covers_the_same_purposes_and_no_others(changed: dict[str, object], covered: bool) -> None:
    other = ClaimsPolicy({**DOCUMENT, **changed})
    assert POLICY.consent_is_about(other, frozenset({"name", "birthdate"})) is covered


def test_a_claim_that_was_not_on_the_list_was_not_agreed_to_on_its_terms() -> None:
    wider = ClaimsPolicy({**DOCUMENT, "email": {"purpose": "Thư", "legal_basis": "consent"}})
    assert not POLICY.consent_is_about(wider, frozenset({"email"}))
    assert POLICY.consent_is_about(None, frozenset({"email"}))
