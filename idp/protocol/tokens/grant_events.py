"""RFC 6749 section 5.1, OpenID Connect Core section 5: what the audit trail says of tokens issued and claims told."""

from collections.abc import Mapping
from typing import Any

from idp.domain.clients.claims_policy import LegalBasis
from idp.domain.clients.client import Client
from idp.domain.events import AuthorizationGranted, ClaimsReleased, Origin, TokensIssued
from idp.domain.grants.grant import Grant
from idp.domain.ids import Seconds
from idp.domain.levels.policy_trial import shape_of
from idp.domain.sign_ins.session import Session
from idp.domain.sign_ins.sign_in_fact import Shape
from idp.domain.values import dataclass
from idp.protocol.authorize.check_assurance import RequiredAssurance
from idp.protocol.claims.verified_claims import released_names
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.access_token import IssuedAccessToken


@dataclass(frozen=True, slots=True)
class Judged:
    """What a version of the policy judged, and which one did."""

    shape: Shape
    policy: int


def judged_of(assurance: RequiredAssurance, session: Session, now: Seconds, *, silent: bool) -> Judged:
    """Return what the policy judged of a request that `session` was enough for; `silent`: no page could be shown."""
    return Judged(shape_of(assurance.asked, session, now, silent=silent), assurance.policy.version)


def authorization_granted(grant: Grant, origin: Origin, judged: Judged) -> AuthorizationGranted:
    """Return that a person granted this."""
    return AuthorizationGranted(
        origin=origin,
        client_id=grant.client_id,
        account_id=grant.account_id,
        session_id=grant.session_id,
        grant_id=grant.grant_id,
        scopes=grant.scopes,
        acr=grant.acr,
        principal=grant.principal,
        amr=grant.amr,
        shape=judged.shape,
        policy=judged.policy,
    )


def tokens_issued(
    grant: Grant,
    grant_type: str,
    access: IssuedAccessToken,
    target: Target,
    origin: Origin,
    *,
    generation: int | None = None,
) -> TokensIssued:
    """Return that a person's tokens go out; `generation` is the turn of the refresh token among them."""
    return TokensIssued(
        origin=origin,
        client_id=grant.client_id,
        grant_type=grant_type,
        token_id=access.token_id,
        scopes=target.scopes,
        audience=target.audience,
        grant_id=grant.grant_id,
        account_id=grant.account_id,
        generation=generation,
        principal=grant.principal,
    )


def claims_released(
    client: Client, grant: Grant, at: str, personal: Mapping[str, Any], origin: Origin
) -> ClaimsReleased:
    """Return that claims about the person are told at `at`: their names, never their values, and on what ground."""
    policy = client.claims_policy
    return ClaimsReleased(
        origin=origin,
        client_id=grant.client_id,
        account_id=grant.account_id,
        grant_id=grant.grant_id,
        at=at,
        claims=tuple(sorted(set(released_names(personal)))),
        terms=None if policy is None else policy.version,
        basis=LegalBasis.LAW if client.skip_consent else LegalBasis.CONSENT,
    )
