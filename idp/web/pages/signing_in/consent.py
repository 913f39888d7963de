"""The consent page: what a service would receive, with the person's own values, and the decision."""

from hashlib import sha256
from typing import Any

import msgspec

from idp.domain.accounts.account import Profile
from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.clients.client import Client
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.journeys.acting_for import PrincipalStep
from idp.journeys.consent import ConsentStep
from idp.journeys.sessions import CurrentSession, Sessions
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.protocol.authorize.authorization_details import PARAMETER as DETAILS
from idp.protocol.authorize.decision import question_of, release_of
from idp.protocol.authorize.request import AuthorizationRequest
from idp.protocol.claims.authority_claims import CLAIM
from idp.protocol.claims.claims import ClaimsRequest, Reader, claims_at_userinfo, claims_in_id_token, demanded, facts_of
from idp.protocol.claims.consent_receipt import IMPLIED_CLAIMS, SENSITIVE_CLAIMS, agreement
from idp.protocol.claims.scopes import OFFLINE_ACCESS, OPENID, SCOPE_CLAIMS
from idp.protocol.claims.verified_request import ATTACHMENTS
from idp.protocol.errors import AccessDeniedError
from idp.web.money import money_text
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.asked_person import asked_person
from idp.web.pages.signing_in.authorize import AuthorizePages
from idp.web.pages.signing_in.journey import Journey, Scene
from idp.web.pages.signing_in.steps import place, resume_path
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Locale, Refusal, SharedItem
from idp.web.views.sign_in import ConsentPage


class ConsentPages:
    """`/sign-in/{attempt}/consent`."""

    def __init__(
        self,
        journey: Journey,
        authorize: AuthorizePages,
        step: ConsentStep,
        sessions: Sessions,
        accounts: Accounts,
        principal: PrincipalStep,
        clock: Clock,
    ) -> None:
        self._journey = journey
        self._authorize = authorize
        self._step = step
        self._sessions = sessions
        self._accounts = accounts
        self._principal = principal
        self._clock = clock

    async def show(self, visit: Visit) -> Answer:
        """GET the form `consent`."""
        asked = await asked_person(self._journey, self._sessions, self._clock, visit)
        if isinstance(asked, Answer):
            return asked
        return await self._draw(asked.scene, asked.request, asked.current, None, 200)

    async def decide(self, visit: Visit) -> Answer:
        """POST the decision."""
        fields = await visit.form()
        asked = await asked_person(self._journey, self._sessions, self._clock, visit)
        if isinstance(asked, Answer):
            return asked
        scene, request, current = asked.scene, asked.request, asked.current
        decision = fields.get("decision")
        account_id, client_id = current.account.account_id, request.client.client_id
        if decision == "deny":
            await self._step.deny(scene.loaded, account_id, client_id, visit.visitor.origin)
            error = AccessDeniedError("The person did not agree.")
            return await self._authorize.refuse(visit, request, error, current)
        if decision != "allow":
            return await self._draw(scene, request, current, ErrorView(Refusal.MISSING_FIELD), 400)
        # A client that registered itself may change its registration while the page is read: what is allowed is what
        # was shown. Pages of the release before do not say what they showed.
        question = question_put(request, scene.attempt.principal)
        if fields.get("question", question) != question:
            return await self._draw(scene, request, current, ErrorView(Refusal.ASKS_OTHERWISE), 409)
        release = release_of(request)
        profile = await self._accounts.profile(account_id)
        agreed = agreement(request.client, release.scopes, release.claims, profile)
        await self._step.allow(scene.loaded, account_id, request.client, agreed, visit.visitor.origin)
        return self._journey.desk.redirect(visit, resume_path(visit.attempt_id))

    async def _draw(
        self,
        scene: Scene,
        request: AuthorizationRequest,
        current: CurrentSession,
        error: ErrorView | None,
        status: int,
    ) -> Answer:
        profile = await self._accounts.profile(current.account.account_id)
        view = ConsentPage(
            **scene.common(error),
            form_action=place(scene.attempt.attempt_id, "consent"),
            question=question_put(request, scene.attempt.principal),
            shared=(
                *shared_items(request, Shown(profile, self._clock.now(), scene.visit.locale)),
                *await self._on_whose_behalf(scene, request, current),
            ),
        )
        return self._journey.draw(scene, view, status)

    async def _on_whose_behalf(
        self, scene: Scene, request: AuthorizationRequest, current: CurrentSession
    ) -> tuple[SharedItem, ...]:
        """That the service learns for whom the person acts, where it is for somebody else."""
        name = await self._principal.name_of(question_of(request, current), scene.attempt.principal)
        return () if name is None else (SharedItem(name=CLAIM, value=name),)


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose details are shown (None: nothing is known of them), as of when, and in which language."""

    profile: Profile | None
    now: Seconds
    locale: Locale


def question_put(request: AuthorizationRequest, principal: str | None) -> str:
    """Return a digest of what the page asks: who wants what, on whose behalf, by which terms.

    The request stays as it came, but which scopes and claims of it count is found anew each time, in what the client is
    registered for at that moment.
    """
    client, release = request.client, release_of(request)
    terms = client.claims_policy.version if client.claims_policy else None
    asked = (client.client_id, sorted(client.names.items()), sorted(release.scopes), sorted(release.claims))
    return sha256(msgspec.json.encode((*asked, terms, principal))).hexdigest()


def shared_items(request: AuthorizationRequest, shown: Shown) -> tuple[SharedItem, ...]:
    """What would be released, item by item; scopes without claims of their own are named as such."""
    details = (_detail_item(detail) for detail in request.authorization_details)
    return (*details, *released_items(request.client, request.scopes, request.claims, shown))


def released_items(
    client: Client, scopes: tuple[str, ...], claims: ClaimsRequest, shown: Shown
) -> tuple[SharedItem, ...]:
    """The same, of what a client asks for by other ways than an authorization request."""
    values: dict[str, Any] = {}
    reader = Reader.of(client, shown.now)
    asked = claims.personal_claims(reader.allowed)
    if shown.profile is not None:
        values |= claims_at_userinfo(shown.profile, scopes, claims, reader)
        values |= claims_in_id_token(shown.profile, claims, reader)
        verified = asked - values.keys()
        values |= {name: value for name, value in facts_of(shown.profile).items() if name in verified}
        values |= _verified_predicates(shown.profile, claims, reader)
    items = [
        _claim_item(name, value, reader.policy, shown.locale)
        for name, value in values.items()
        if name not in IMPLIED_CLAIMS
    ]
    if ATTACHMENTS in asked:
        items.append(SharedItem(name=ATTACHMENTS, sensitive=True))
    items += [
        SharedItem(name=scope)
        for scope in scopes
        if scope != OPENID and (scope == OFFLINE_ACCESS or scope not in SCOPE_CLAIMS)
    ]
    if not items and client.registration is not None:
        items.append(SharedItem(name=OPENID))
    return tuple(items)


def _verified_predicates(profile: Profile, claims: ClaimsRequest, reader: Reader) -> dict[str, Any]:
    """The answers that verified claims would hold: of a predicate there is none without a request."""
    told: dict[str, Any] = {}
    for request in (claims.verified_at_userinfo, claims.verified_in_id_token):
        for element in request.elements:
            told |= demanded(profile, {}, element.claims, reader.allowed, reader.now)
    return told


def _claim_item(name: str, value: object, policy: ClaimsPolicy | None, locale: Locale) -> SharedItem:
    """One claim; where the client has an allow-list, with the purpose and the legal basis that it says."""
    terms = policy.terms(name) if policy else None
    return SharedItem(
        name=name,
        value=_plain(value),
        sensitive=name in SENSITIVE_CLAIMS,
        purpose=(terms.purpose_in(locale) or None) if terms else None,
        basis=terms.legal_basis.value if terms else None,
    )


def _detail_item(detail: dict[str, Any]) -> SharedItem:
    """One authorization detail in full: its type and each of its members, since agreeing is agreeing to all of it."""
    kind = detail["type"]
    parts = [part for member, value in detail.items() if member != "type" for part in _parts(f"{kind}.{member}", value)]
    return SharedItem(name=f"{DETAILS}:{kind}", sensitive=True, parts=tuple(parts))


def _parts(name: str, value: Any) -> list[SharedItem]:  # noqa: ANN401 -- text, a list of words, or members
    if isinstance(value, list):
        return [SharedItem(name=f"{name}.{word}") for word in value]
    if isinstance(value, dict) and "amount" in value:
        return [SharedItem(name=name, value=money_text(value["amount"], value["currency"]))]
    return [SharedItem(name=name, value=_plain(value))]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return str(value.get("formatted") or value.get("name") or ", ".join(str(part) for part in value.values()))
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    return str(value)
