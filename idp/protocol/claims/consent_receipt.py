"""ISO/IEC TS 27560 section 6: the receipt of one decision about a consent, with the fields of a consent record.

It says what was recorded at the decision, by the terms that the person was told then; nothing of it is decided anew.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from idp.domain.accounts.account import Profile
from idp.domain.clients.claims_policy import ClaimsPolicy, ClaimTerms, LegalBasis
from idp.domain.clients.client import Client
from idp.domain.grants.grant import ConsentDecision, ConsentEvidence
from idp.domain.ids import Seconds
from idp.domain.people.predicates import PREDICATES
from idp.journeys.consent import Agreed
from idp.protocol.claims.claims import facts_of
from idp.protocol.claims.scopes import (
    OPENID,
    PERSONAL_CLAIMS,
    RELEASABLE_CLAIMS,
    SCOPE_CLAIMS,
    claims_allowed,
    claims_of,
)

SCHEMA_VERSION: Final = "ISO/IEC TS 27560:2023"
EXPLICIT: Final = "explicit"
"""How consent is given here: by a button that says so, never by silence."""

SENSITIVE_CLAIMS: Final = frozenset({"personal_number", "gender"})
"""Announced as sensitive wherever a person is asked or told."""

IMPLIED_CLAIMS: Final = frozenset({"email_verified", "phone_number_verified", "updated_at"})
"""Told with what they are about, and not named to a person."""

_STATES: Final = {ConsentDecision.GIVEN: "consent given", ConsentDecision.WITHDRAWN: "consent withdrawn"}


def consent_receipt(
    evidence: ConsentEvidence, client: Client | None, policy: ClaimsPolicy | None, issuer: str, subject: str
) -> dict[str, Any]:
    """Return the receipt as plain values.

    `client` is None where it was taken off the register since; `policy` is the allow-list of the time, if there was
    one, `subject` the person as the client knows him or her.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": evidence.evidence_id,
        "pii_principal_id": subject,
        "pii_controllers": [_controller(evidence, client)],
        "issued_by": issuer,
        "pii_processing": [
            {
                "pii_type": name,
                "sensitive": name in SENSITIVE_CLAIMS,
                **_grounds(policy.terms(name) if policy else None),
            }
            for name in receipt_claims(evidence, client, policy)
        ],
        "scopes": sorted(evidence.scopes),
        "terms_version": evidence.terms,
        "event": {
            "event_time": _moment(evidence.at),
            "event_type": EXPLICIT,
            "event_state": _STATES[evidence.decision],
        },
    }


def agreed_claims(
    agreed: tuple[frozenset[str], frozenset[str]], client: Client | None, policy: ClaimsPolicy | None
) -> tuple[str, ...]:
    """Return the claims that a consent to these scopes and claims is about, as far as the allow-list lets them leave.

    A scope without claims of its own is named itself.
    """
    scopes, named = agreed[0] - {OPENID}, agreed[1]
    claims = claims_of(scopes) | named | {scope for scope in scopes if scope not in SCOPE_CLAIMS}
    if policy is not None and client is not None:
        claims -= RELEASABLE_CLAIMS - claims_allowed(client.scopes, policy)
    return tuple(sorted(claims))


def receipt_claims(evidence: ConsentEvidence, client: Client | None, policy: ClaimsPolicy | None) -> tuple[str, ...]:
    """Return the claims that a decision released; all that it allowed, where it was made before that was recorded."""
    if evidence.told is not None:
        return tuple(sorted(evidence.told))
    return agreed_claims((evidence.scopes, evidence.claims), client, policy)


def released_claims(agreed: Iterable[str], profile: Profile | None) -> tuple[str, ...]:
    """Return what leaves of `agreed_claims` now: no claim that nothing is known for."""
    known = PREDICATES.keys() | (facts_of(profile).keys() if profile else set())
    return tuple(name for name in agreed if name in known or name not in PERSONAL_CLAIMS)


def agreement(client: Client, scopes: frozenset[str], claims: frozenset[str], profile: Profile | None) -> Agreed:
    """Return what a person agrees to who lets a client have this now, with the claims that it releases."""
    agreed = agreed_claims((scopes, claims), client, client.claims_policy)
    return Agreed(scopes, claims, frozenset(released_claims(agreed, profile)))


def named_claims(agreed: Iterable[str], profile: Profile | None) -> tuple[str, ...]:
    """Return what a person is named of `released_claims`: no claim that is implied."""
    return tuple(name for name in released_claims(agreed, profile) if name not in IMPLIED_CLAIMS)


def _controller(evidence: ConsentEvidence, client: Client | None) -> dict[str, Any]:
    told: dict[str, Any] = {"party_id": evidence.client_id}
    if client is not None:
        told["party_name"] = client.names
        told |= {"policy_uri": client.policy_uris} if client.policy_uris else {}
    return told


def _grounds(terms: ClaimTerms | None) -> dict[str, Any]:
    if terms is None:
        return {"lawful_basis": LegalBasis.CONSENT.value}
    told: dict[str, Any] = {"purpose": dict(terms.purpose), "lawful_basis": terms.legal_basis.value}
    return {**told, "citation": terms.citation} if terms.citation else told


def _moment(seconds: Seconds) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
