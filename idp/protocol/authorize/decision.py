"""OpenID Connect Core sections 3.1.2.3 and 3.1.2.4: what a checked request still needs from the person."""

from typing import Final

from idp.domain.clients.client import Client
from idp.domain.grants.grant import Consent
from idp.domain.ids import Seconds
from idp.domain.levels.requirement import Need
from idp.domain.values import dataclass
from idp.journeys.acting_for import Question
from idp.journeys.attempt import Attempt
from idp.journeys.sessions import CurrentSession
from idp.ports.grants import Consents
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.authorization_details import consent_names, is_always_asked
from idp.protocol.authorize.request import AuthorizationRequest
from idp.protocol.claims.authority_claims import CLAIM, SCOPE, functions_needed, may_be_told
from idp.protocol.claims.scopes import OPENID, claims_allowed, claims_of
from idp.protocol.claims.subject import subject_identifier


@dataclass(frozen=True, slots=True)
class Release:
    """What the client would receive, for the consent page: scopes besides `openid`, and claims asked for one by one.

    Among the claims stand the types of authorization details, by a name that no claim has.
    """

    scopes: frozenset[str]
    claims: frozenset[str]


def release_of(request: AuthorizationRequest) -> Release:
    """What the person is asked to agree to."""
    scopes = frozenset(request.scopes) - {OPENID}
    allowed = claims_allowed(request.client.scopes, request.client.claims_policy)
    claims = request.claims.personal_claims(allowed)
    return Release(scopes, (claims - claims_of(scopes)) | consent_names(request.authorization_details))


def sign_in_need(
    request: AuthorizationRequest, current: CurrentSession | None, attempt: Attempt | None, now: Seconds
) -> Need:
    """Whether the session of this browser suffices.

    `attempt` is the one that the request resumes from: `prompt=login` and `max_age` are met by a sign-in made for them.
    """
    if current is None or not request.client.audience.admits(current.account.kind):
        return Need.SIGN_IN
    session = current.session
    if not _is_made_for(attempt, current):
        if request.prompts & {"login", "select_account"}:
            return Need.SIGN_IN
        # OpenID Connect Core section 3.1.2.1: "If the elapsed time is greater than this value, the OP MUST attempt to
        # actively re-authenticate the End-User." Whole seconds hide up to one more, so an equal count is too old.
        if request.max_age is not None and session.authenticated_at + request.max_age <= now:
            return Need.SIGN_IN
    # What the policy asks of age holds whatever the sign-in was made for: it is about the moment of the answer.
    return request.assurance.of(current.account.kind).need(session.proofs, now)


def _is_made_for(attempt: Attempt | None, current: CurrentSession) -> bool:
    """Whether the whole sign-in was made for this one request: not added to an earlier one, and not answered before."""
    return (
        attempt is not None
        and attempt.signed_in
        and not attempt.answered
        and attempt.base_session is None
        and attempt.account_id == current.account.account_id
    )


def asks_authority(request: AuthorizationRequest) -> bool:
    """Whether the client wants to know on whose behalf: by scope or claim, or since it registered that it always does.

    OpenID Connect Authority claims extension (draft), section "Requesting authority claims".
    """
    asked = request.claims.userinfo.keys() | request.claims.id_token.keys()
    wants = SCOPE in request.scopes or CLAIM in asked or request.client.serves_organisations
    return wants and may_be_told(request.client)


def question_of(request: AuthorizationRequest, current: CurrentSession) -> Question:
    """Return the question whom the person signed in acts for in this request."""
    return Question(
        current.account.account_id, request.client.client_id, functions_needed(request.authorization_details)
    )


def is_wanted(keys: SubjectKeys, request: AuthorizationRequest, current: CurrentSession) -> bool:
    """Whether the person signed in is one that the client named, if it named any."""
    subjects = request.subjects
    return subjects is None or subject_identifier(keys, request.client, current.account.account_id) in subjects


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the person has to be asked, and else the consent that the answer stands on, if it stands on one."""

    is_missing: bool
    consent_id: str | None = None


_MISSING: Final = Agreement(is_missing=True)
_NEEDLESS: Final = Agreement(is_missing=False)


async def agreement_to(
    consents: Consents, request: AuthorizationRequest, current: CurrentSession, attempt: Attempt | None
) -> Agreement:
    """What the person agreed to of this request; services with a legal basis tell instead of asking.

    That somebody is signed in is nothing to agree to where an administrator registered the service; a client that
    registered itself learns even that from who allowed it. What counts is the consent in force, of whoever is signed
    in now: an attempt may be resumed long after, by another person. `prompt=consent` is met by one that was given since
    the attempt began.
    """
    details = request.authorization_details
    if request.client.skip_consent and not is_always_asked(details):
        return _NEEDLESS
    release = release_of(request)
    # Details name one payment or one dossier: an earlier consent was about another (RFC 9396 section 11.2).
    asks_anew = "consent" in request.prompts or bool(details)
    if not asks_anew and not release.scopes and not release.claims and request.client.registration is None:
        return _NEEDLESS
    given = await consents.get(current.account.account_id, request.client.client_id)
    if given is None or not given.covers(release.scopes, release.claims):
        return _MISSING
    if not await _agreed_to_the_purposes(consents, request.client, release, given):
        return _MISSING
    if asks_anew and not _is_given_for(attempt, given):
        return _MISSING
    return Agreement(is_missing=False, consent_id=given.consent_id)


def _is_given_for(attempt: Attempt | None, given: Consent) -> bool:
    if attempt is None or attempt.answered or not attempt.consented:
        return False
    return given.given_at >= attempt.created_at


async def _agreed_to_the_purposes(consents: Consents, client: Client, release: Release, given: Consent) -> bool:
    """Whether what the client says of its purposes now is what the person was told when agreeing."""
    policy = client.claims_policy
    if policy is None or given.terms == policy.version:
        return True
    told = (claims_of(release.scopes) | release.claims) & claims_allowed(client.scopes, policy)
    agreed = await consents.agreed_terms(given)
    return agreed.consent_is_about(policy, told)
