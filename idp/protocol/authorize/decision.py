"""OpenID Connect Core sections 3.1.2.3 and 3.1.2.4: what a checked request still needs from the person."""

from dataclasses import dataclass
from enum import Enum, auto

from idp.domain.client import Client
from idp.domain.ids import Seconds
from idp.domain.requirement import Requirement
from idp.journeys.attempt import Attempt
from idp.journeys.sessions import CurrentSession
from idp.ports.grants import Consents
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.request import AuthorizationRequest
from idp.protocol.scopes import OPENID, claims_of
from idp.protocol.subject import subject_identifier


class Need(Enum):
    """What the session lacks."""

    NOTHING = auto()
    STEP_UP = auto()
    """More proofs inside the session."""
    SIGN_IN = auto()
    """Everything anew: nobody is signed in, or somebody who does not count here."""


@dataclass(frozen=True, slots=True)
class Release:
    """What the client would receive, for the consent page: scopes besides `openid`, and claims asked for one by one."""

    scopes: frozenset[str]
    claims: frozenset[str]


def release_of(request: AuthorizationRequest) -> Release:
    """What the person is asked to agree to."""
    scopes = frozenset(request.scopes) - {OPENID}
    claims = request.claims.personal_claims(request.client.scopes)
    return Release(scopes, claims - claims_of(scopes))


def sign_in_need(
    request: AuthorizationRequest, current: CurrentSession | None, attempt: Attempt | None, now: Seconds
) -> Need:
    """Whether the session of this browser suffices.

    `attempt` is the one that the request resumes from: `prompt=login` and `max_age` are met by a sign-in made for them.
    """
    if current is None or not request.client.audience.admits(current.account.kind):
        return Need.SIGN_IN
    session = current.session
    done_for_this = attempt is not None and attempt.signed_in and attempt.account_id == current.account.account_id
    if not done_for_this:
        if request.prompts & {"login", "select_account"}:
            return Need.SIGN_IN
        oldest = Seconds(now - request.max_age) if request.max_age is not None else None
        if oldest is not None and session.authenticated_at < oldest:
            return Need.SIGN_IN
    met = Requirement(request.level).is_met_by(session.proofs)
    return Need.NOTHING if met else Need.STEP_UP


def is_wanted(keys: SubjectKeys, request: AuthorizationRequest, current: CurrentSession) -> bool:
    """Whether the person signed in is the one that the client named, if it named one."""
    return not request.subjects or all(
        subject == _subject(keys, request.client, current) for subject in request.subjects
    )


async def needs_consent(
    consents: Consents, request: AuthorizationRequest, current: CurrentSession, attempt: Attempt | None
) -> bool:
    """Whether the person has to be asked; services with a legal basis tell instead of asking."""
    if request.client.skip_consent or (attempt and attempt.consented):
        return False
    if "consent" in request.prompts:
        return True
    release = release_of(request)
    if not release.scopes and not release.claims:
        return False
    given = await consents.get(current.account.account_id, request.client.client_id)
    return given is None or not given.covers(release.scopes, release.claims)


def _subject(keys: SubjectKeys, client: Client, current: CurrentSession) -> str:
    return subject_identifier(keys, client, current.account.account_id)
