from dataclasses import replace

from idp.domain.accounts.account import Profile
from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.clients.client import Client
from idp.domain.grants.grant import ConsentDecision, ConsentEvidence
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.journeys.consent import Agreed
from idp.protocol.claims.consent_receipt import (
    agreed_claims,
    agreement,
    consent_receipt,
    named_claims,
    receipt_claims,
    released_claims,
)

POLICY = ClaimsPolicy(
    {
        "name": {"purpose": {"vi": "Để in vé"}, "legal_basis": "consent"},
        "gender": {"purpose": "Để xưng hô", "legal_basis": "law", "citation": "Điều 1"},
    }
)
CLIENT = Client(
    ClientId("cinema"),
    names={"vi": "Rạp"},
    policy_uris={"": "https://cinema.example/privacy"},
    scopes=frozenset({"openid", "profile"}),
    metadata={"claims": POLICY.document},
)
EVIDENCE = ConsentEvidence(
    "e1",
    AccountId("a"),
    CLIENT.client_id,
    Seconds(1_790_000_000),
    ConsentDecision.GIVEN,
    frozenset({"openid", "profile"}),
    frozenset(),
    POLICY.version,
)


def test_a_receipt_names_parties_data_purposes_grounds_and_the_decision() -> None:
    receipt = consent_receipt(EVIDENCE, CLIENT, POLICY, "https://id.example", "pairwise")
    assert receipt["record_id"] == "e1"
    assert receipt["pii_principal_id"] == "pairwise"
    assert receipt["pii_controllers"] == [
        {"party_id": "cinema", "party_name": {"vi": "Rạp"}, "policy_uri": {"": "https://cinema.example/privacy"}}
    ]
    assert receipt["pii_processing"] == [
        {
            "pii_type": "gender",
            "sensitive": True,
            "purpose": {"": "Để xưng hô"},
            "lawful_basis": "law",
            "citation": "Điều 1",
        },
        {"pii_type": "name", "sensitive": False, "purpose": {"vi": "Để in vé"}, "lawful_basis": "consent"},
    ]
    assert receipt["terms_version"] == POLICY.version
    assert receipt["event"] == {
        "event_time": "2026-09-21T14:13:20Z",
        "event_type": "explicit",
        "event_state": "consent given",
    }


def test_a_receipt_names_what_was_released_and_not_all_that_a_scope_could_hold() -> None:
    evidence = replace(EVIDENCE, told=frozenset({"name", "birthdate"}), terms=None)
    receipt = consent_receipt(evidence, CLIENT, None, "https://id.example", "pairwise")
    assert [each["pii_type"] for each in receipt["pii_processing"]] == ["birthdate", "name"]
    assert receipt["scopes"] == ["openid", "profile"]
    assert receipt_claims(replace(evidence, told=frozenset()), CLIENT, None) == ()
    assert "nickname" in receipt_claims(replace(evidence, told=None), CLIENT, None)


def test_a_withdrawal_says_so_and_a_service_that_is_gone_is_named_by_its_identifier() -> None:
    withdrawn = replace(EVIDENCE, decision=ConsentDecision.WITHDRAWN, terms=None)
    receipt = consent_receipt(withdrawn, None, None, "https://id.example", "s")
    assert receipt["event"]["event_state"] == "consent withdrawn"
    assert receipt["pii_controllers"] == [{"party_id": "cinema"}]
    assert {each["lawful_basis"] for each in receipt["pii_processing"]} == {"consent"}


def test_a_consent_is_about_the_claims_of_its_scopes_and_about_scopes_without_claims() -> None:
    agreed = (frozenset({"openid", "email", "offline_access", "dossier.read"}), frozenset({"name"}))
    assert agreed_claims(agreed, None, None) == ("dossier.read", "email", "email_verified", "name", "offline_access")
    assert agreed_claims(agreed, CLIENT, POLICY) == ("dossier.read", "name", "offline_access")


def test_a_person_is_named_what_is_known_and_not_what_goes_without_saying() -> None:
    agreed = (
        "age_over_18",
        "dossier.read",
        "email",
        "email_verified",
        "name",
        "nickname",
        "offline_access",
        "updated_at",
    )
    known = Profile("001099000001", 2, {"name": "An", "email": "an@example.vn", "email_verified": True})
    assert named_claims(agreed, known) == ("age_over_18", "dossier.read", "email", "name", "offline_access")
    assert released_claims(agreed, known) == tuple(name for name in agreed if name not in {"nickname", "updated_at"})
    assert named_claims(agreed, None) == ("age_over_18", "dossier.read", "offline_access")


def test_whoever_agrees_releases_what_is_known_and_may_leave() -> None:
    known = Profile("001099000001", 2, {"name": "An", "email": "an@example.vn"})
    scopes, claims = frozenset({"openid", "email"}), frozenset({"name"})
    assert agreement(CLIENT, scopes, claims, known) == Agreed(scopes, claims, frozenset({"name"}))
    unlisted = replace(CLIENT, metadata={})
    assert agreement(unlisted, scopes, claims, known) == Agreed(scopes, claims, frozenset({"name", "email"}))
