from typing import Any

import pytest

from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.client_record import client_of
from idp.domain.clients.claims_policy import ClaimNames, LegalBasis
from idp.protocol.claims.scopes import RELEASABLE_CLAIMS


def registered(**changes: Any) -> Any:
    return client_of(ClientEntry.model_validate({"client_id": "cinema", **changes}))


def test_an_allow_list_is_kept_with_purposes_by_language_and_the_citation() -> None:
    client = registered(
        claims={
            "name": {"purpose": "Để in vé", "legal_basis": "consent"},
            "age_over_18": {
                "purpose": {"vi": "Kiểm tra tuổi", "en": "Age"},
                "legal_basis": "law",
                "citation": "Điều 32",
            },
        }
    )
    assert client.claims_policy.names == {"name", "age_over_18"}
    terms = client.claims_policy.terms("age_over_18")
    assert (terms.purpose_in("en"), terms.legal_basis, terms.citation) == ("Age", LegalBasis.LAW, "Điều 32")
    assert client.claims_policy.terms("name").purpose_in("en") == "Để in vé"


def test_a_client_without_one_has_none_and_the_standard_names() -> None:
    client = registered()
    assert client.claims_policy is None
    assert client.claim_names is ClaimNames.STANDARD
    assert registered(claim_names="national_portal").claim_names is ClaimNames.NATIONAL_PORTAL


def test_an_empty_list_lets_nothing_leave() -> None:
    assert registered(claims={}).claims_policy.names == frozenset()


@pytest.mark.parametrize("name", sorted(RELEASABLE_CLAIMS))
def test_every_claim_that_can_leave_can_be_listed(name: str) -> None:
    assert name in registered(claims={name: {"purpose": "x", "legal_basis": "law"}}).claims_policy.names
