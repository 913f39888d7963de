"""What is shown of a service: registered metadata in words, claims with their terms, gates with the clock."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from idp.domain.clients.client import Client
from idp.domain.clients.onboarding import Onboarding
from idp.domain.ids import Seconds
from idp.web.moments import moment_of
from idp.web.views.console.clients import AppraisalFacts, ClaimRow, GateFacts

_NOT_SHOWN: Final = frozenset({"client_name", "scope", "claims", "jwks"})


def stage_of(client: Client) -> str:
    """Return the word for where a service stands."""
    if client.is_deleted:
        return "deleted"
    if client.disabled:
        return "disabled"
    return "production" if client.is_in_production else "onboarding"


def registered_facts(client: Client) -> tuple[tuple[str, str], ...]:
    """Return what is registered, by registered names; keys are told by their identifiers alone."""
    return tuple(_registered(client))


def claim_rows(client: Client, locale: str) -> tuple[ClaimRow, ...] | None:
    """Return the allow-list; None where the scopes alone decide."""
    policy = client.claims_policy
    if policy is None:
        return None
    return tuple(
        ClaimRow(name, terms.purpose_in(locale), terms.legal_basis.value, terms.citation)
        for name, terms in policy.items()
    )


def gate_facts(client: Client, now: Seconds) -> GateFacts:
    """Return what is recorded of its way; nothing of a service from before there were records."""
    way = client.onboarding or Onboarding()
    missing = tuple(gate.value for gate in way.missing()) if client.onboarding else ()
    return GateFacts(
        purpose=way.purpose,
        agreement=way.agreement,
        agreement_date=way.agreement_date,
        security_level=way.security_level,
        appraisal=_appraisal(way, now),
        testers=way.testers,
        missing=missing,
    )


def retiring_moments(client: Client, now: Seconds) -> tuple[datetime, ...]:
    """Return when secrets that were replaced end."""
    return tuple(moment_of(each.expires_at) for each in client.retiring_secrets if now < each.expires_at)


def _appraisal(way: Onboarding, now: Seconds) -> AppraisalFacts | None:
    told = way.appraisal
    if told is None:
        return None
    return AppraisalFacts(
        started_at=moment_of(told.started_at),
        due_at=moment_of(told.due_at),
        decided_at=moment_of(told.decided_at) if told.decided_at else None,
        decided_by=told.decided_by,
        verdict=told.verdict.value if told.verdict else None,
        late=told.is_late(now),
    )


def _registered(client: Client) -> Iterator[tuple[str, str]]:
    yield "token_endpoint_auth_method", client.token_endpoint_auth_method
    yield "profile", client.profile.value
    yield "audience", client.audience.value
    yield "minimum_acr", f"urn:vn:loa:{int(client.minimum_level)}"
    yield "subject_type", client.subject_type.value
    yield "grant_types", " ".join(sorted(client.grant_types))
    keys = (client.jwks or {}).get("keys", ())
    if keys:
        yield "jwks", " ".join(str(key.get("kid") or key.get("kty")) for key in keys)
    shown = {"token_endpoint_auth_method", "profile", "audience", "minimum_acr", "subject_type", "grant_types"}
    for name in sorted(client.metadata.keys() - shown - _NOT_SHOWN):
        value = client.metadata[name]
        if isinstance(value, list):
            yield name, " ".join(map(str, value))
        elif isinstance(value, dict):
            yield name, ", ".join(f"{key}: {text}" if key else str(text) for key, text in value.items())
        elif value is not None:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
