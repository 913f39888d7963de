"""A relying party as registered: metadata by its registered names (RFC 7591, OpenID Connect Registration) and ours."""

from dataclasses import field
from enum import StrEnum
from typing import Any

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client_policy import POLICIES, ClientProfile, ProfilePolicy
from idp.domain.clients.client_secret import RetiringSecret, SealedSecret
from idp.domain.clients.client_uris import origin_of
from idp.domain.clients.onboarding import Onboarding, OnboardingStage
from idp.domain.clients.registered_metadata import RegisteredMetadata
from idp.domain.clients.registration import Registration
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.levels.assurance import Level
from idp.domain.values import dataclass


class ClientAudience(StrEnum):
    """Whose accounts a client may sign in."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    BOTH = "both"

    def admits(self, kind: AccountKind) -> bool:
        """Whether accounts of `kind` may sign in here."""
        return self is ClientAudience.BOTH or self.value == kind.value


class SubjectType(StrEnum):
    """How `sub` is made (OpenID Connect Core section 8)."""

    PAIRWISE = "pairwise"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Client(RegisteredMetadata):
    """One registered client.

    `secret_hashes` are SHA-256 digests of the client secrets in force, `retiring_secrets` those that are so for a while
    yet; `sealed_secret` is there where the client signs with its secret. `names`, `policy_uris` and `tos_uris` map a
    language (`vi`, `en`, or empty for any) to text. `sector` is the host of the sector identifier. `scopes` is what the
    client may ask for. `registration` is there when it registered itself, `onboarding` once its way into production is
    recorded. `metadata` keeps everything registered, features that have not landed included.
    """

    client_id: ClientId
    secret_hashes: tuple[bytes, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    logo_uri: str | None = None
    policy_uris: dict[str, str] = field(default_factory=dict)
    tos_uris: dict[str, str] = field(default_factory=dict)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    token_endpoint_auth_method: str = "client_secret_basic"
    id_token_signed_response_alg: str = "RS256"
    userinfo_signed_response_alg: str | None = None
    grant_types: frozenset[str] = frozenset({"authorization_code"})
    response_types: frozenset[str] = frozenset({"code"})
    scopes: frozenset[str] = frozenset({"openid"})
    subject_type: SubjectType = SubjectType.PAIRWISE
    sector: str = ""
    default_max_age: int | None = None
    default_acr_values: tuple[str, ...] = ()
    audience: ClientAudience = ClientAudience.BOTH
    minimum_level: Level = Level.ONE
    skip_consent: bool = False
    profile: ClientProfile = ClientProfile.DEFAULT
    require_pkce: bool = False
    disabled: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    retiring_secrets: tuple[RetiringSecret, ...] = ()
    sealed_secret: SealedSecret | None = None
    registration: Registration | None = None
    onboarding: Onboarding | None = None

    @property
    def is_public(self) -> bool:
        """A client that cannot keep a secret (RFC 6749 section 2.1)."""
        return self.token_endpoint_auth_method == "none"

    @property
    def is_deleted(self) -> bool:
        """Whether it registered itself and is deleted: it stays disabled, and its identifier is never used again."""
        return self.registration is not None and self.registration.deleted

    @property
    def is_in_production(self) -> bool:
        """Whether it signs in everybody that its audience admits, and not its testers alone."""
        return self.onboarding is None or self.onboarding.stage is OnboardingStage.PRODUCTION

    def serves(self, account_id: AccountId) -> bool:
        """Whether this account may sign in here as far as the service's stage goes."""
        return self.is_in_production or (self.onboarding is not None and account_id in self.onboarding.testers)

    def secrets_in_force(self, now: Seconds) -> tuple[bytes, ...]:
        """The digests of every secret that is good at `now`."""
        if not self.retiring_secrets:
            return self.secret_hashes
        return (*self.secret_hashes, *(each.digest for each in self.retiring_secrets if now < each.expires_at))

    @property
    def answer_algorithms(self) -> dict[str, str]:
        """What each kind of answer to it is signed by, under its registered name; those are left out that are not."""
        chosen = {
            "id_token_signed_response_alg": self.id_token_signed_response_alg,
            "userinfo_signed_response_alg": self.userinfo_signed_response_alg,
            "introspection_signed_response_alg": self.introspection_response_algorithm,
            "authorization_signed_response_alg": self.metadata.get("authorization_signed_response_alg"),
        }
        return {name: algorithm for name, algorithm in chosen.items() if algorithm is not None}

    @property
    def policy(self) -> ProfilePolicy:
        """What its profile demands."""
        return POLICIES[self.profile]

    @property
    def must_push_requests(self) -> bool:
        """Whether authorization requests come through the pushed endpoint or not at all (RFC 9126)."""
        return self.policy.pushes_requests_only or self.pushes_requests_only

    @property
    def merges_request_objects(self) -> bool:
        """Whether parameters beside a signed request object count (OpenID Connect Core section 6.1)."""
        return self.policy.merges_request_objects and not self.signs_requests_only

    @property
    def needs_sender_constraint(self) -> bool:
        """Whether every access token is bound to a key of the client's."""
        return self.policy.needs_sender_constraint or self.binds_tokens_to_certificate or self.binds_tokens_to_proof_key

    @property
    def browser_origins(self) -> frozenset[str]:
        """Origins from which its scripts may call: those of a public client's redirections, and what it registered."""
        registered = frozenset(self.metadata.get("allowed_origins") or ())
        if self.disabled or not self.is_public:
            return frozenset() if self.disabled else registered
        return registered | {origin for uri in self.redirect_uris if (origin := origin_of(uri)) is not None}

    def name_in(self, locale: str) -> str:
        """The client's name in `locale`, else in any language, else its identifier."""
        return self.names.get(locale) or self.names.get("") or next(iter(self.names.values()), self.client_id)


@dataclass(frozen=True, slots=True)
class Resource:
    """A protected resource that tokens may be asked for (RFC 8707): its audience URI and the scopes that it knows."""

    audience: str
    scopes: frozenset[str]
