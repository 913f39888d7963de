"""An authorization that a person gave to a client, and what may be asked under it."""

from dataclasses import field
from enum import StrEnum
from typing import Any, Final

from idp.domain.grants.confirmation import Confirmation
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds, SessionId, TokenHash
from idp.domain.values import dataclass

EXPIRY_WEEK: Final = 7 * 24 * 3600
"""Seconds; weeks are counted from 1970."""

PREFIX: Final = 4
"""Hexadecimal digits that a grant's identifier begins with."""


def expiry_week(moment: int) -> str:
    """Return the week of a moment, as `PREFIX` hexadecimal digits that sort as time does."""
    return f"{moment // EXPIRY_WEEK:0{PREFIX}x}"


def grant_identifier(unique: str, expires_at: Seconds) -> GrantId:
    """Return the identifier of a grant: the week in which it expires, then what is unique.

    A store keeps together what expires together, and finds a grant without searching the others.
    """
    return GrantId(expiry_week(expires_at) + unique)


class RevocationReason(StrEnum):
    """Why a grant ended before its time."""

    CODE_REPLAY = "code_replay"
    REFRESH_REUSE = "refresh_reuse"
    CLIENT_REQUEST = "client_request"
    SIGN_OUT = "sign_out"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_CLOSED = "account_closed"
    PASSWORD_CHANGED = "password_changed"
    AUTHORITY_ENDED = "authority_ended"
    """Whom it was given for may no longer be acted for."""
    RESTORED = "restored"
    """The database was restored from a backup, which does not know what was revoked after it."""


@dataclass(frozen=True, slots=True)
class RefreshHashes:
    """What is stored of a refresh token: it has a part that names the family for life, and one that each turn replaces.

    Whoever shows the family's part with another turn than the current one holds a token that was already used: only
    then is the family revoked, so that nobody can end a stranger's grant by guessing.
    """

    family: TokenHash
    turn: TokenHash
    prefix: str = field(default="", compare=False)
    """What the grant's identifier begins with, as the token tells: a hint where to look first, and nothing more."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One authorization. Its identifier is chosen with the authorization code, so a code can start only one grant.

    `session_id` is the session that it was given in; without `offline` the grant ends with it. `claims` is the parsed
    `claims` request parameter (OpenID Connect Core section 5.5), once stored with tags in place of values. `resources`
    are the audiences asked for (RFC 8707), `authorization_details` what was granted of that parameter (RFC 9396 section
    7). `confirmation` binds the refresh tokens of a public client to its key (RFC 9449 section 5). `actor` is who acts
    for the person, the latest first (`act`, RFC 8693 section 4.1). `principal` is whom the person acts for, as
    `domain.representation.principal` writes it; None for oneself. `valid_from` is the account's `sessions_valid_from`
    that it was given under, until it is started: whatever ends all sessions moves it, and ends what was not redeemed
    yet as well. `consent_id` names the consent that it stands on, until it is started as well: None for none. `listed`
    are the claims of the client's allow-list that the person was asked under; None where nobody was, or by no list.
    """

    grant_id: GrantId
    client_id: ClientId
    account_id: AccountId
    session_id: SessionId
    scopes: tuple[str, ...]
    created_at: Seconds
    expires_at: Seconds
    authenticated_at: Seconds
    acr: str
    amr: tuple[str, ...]
    offline: bool = False
    resources: tuple[str, ...] = ()
    claims: dict[str, Any] = field(default_factory=dict)
    refresh: RefreshHashes | None = None
    generation: int = 0
    revoked_at: Seconds | None = None
    authorization_details: tuple[dict[str, Any], ...] = ()
    confirmation: Confirmation | None = None
    actor: dict[str, Any] | None = None
    principal: str | None = None
    valid_from: Seconds | None = None
    consent_id: str | None = None
    listed: tuple[str, ...] | None = None

    @property
    def stands_on(self) -> Seconds:
        """What the account's `sessions_valid_from` may not have moved beyond.

        Once it is started, and where a node of the release before wrote it, that is the moment that it was given in.
        Before, the moment would not do: an ending is dated some milliseconds before anybody can see it.
        """
        return self.created_at if self.valid_from is None else self.valid_from

    def is_live(self, now: Seconds) -> bool:
        """Whether tokens under this grant still work at `now`."""
        return self.revoked_at is None and now < self.expires_at


class ConsentDecision(StrEnum):
    """What the evidence of a consent is about."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to share with a client, until withdrawn.

    `terms` is the version of the client's allow-list that told the purposes; None where it had none. `told` are the
    claims that were released at the decisions; None where one of them was made before that was recorded. `consent_id`
    tells it apart from what was agreed before a withdrawal; empty where it began before that was recorded.
    """

    account_id: AccountId
    client_id: ClientId
    scopes: frozenset[str]
    claims: frozenset[str]
    given_at: Seconds
    terms: str | None = None
    told: frozenset[str] | None = None
    consent_id: str = field(default="", compare=False)

    def covers(self, scopes: frozenset[str], claims: frozenset[str]) -> bool:
        """Whether everything asked for was agreed to before."""
        return scopes <= self.scopes and claims <= self.claims


@dataclass(frozen=True, slots=True)
class ConsentEvidence:
    """One decision about a consent, as it was recorded; `terms` and `told` as in `Consent`."""

    evidence_id: str
    account_id: AccountId
    client_id: ClientId
    at: Seconds
    decision: ConsentDecision
    scopes: frozenset[str]
    claims: frozenset[str]
    terms: str | None
    told: frozenset[str] | None = None
