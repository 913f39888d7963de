"""OpenID Connect Core section 3.1.2.1 and RFC 6749 section 4.1.1: an authorization request, checked."""

from dataclasses import dataclass, field

from idp.domain.assurance import Level
from idp.domain.client import Client
from idp.protocol.claims import NOTHING_REQUESTED, ClaimsRequest
from idp.protocol.errors import OAuthError

UNDERSTOOD = frozenset(
    {
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "acr_values",
        "claims",
        "login_hint",
        "id_token_hint",
        "ui_locales",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
        "registration",
    }
)
"""Parameters that mean something here; `resource` (RFC 8707) is apart, because it may be repeated."""


@dataclass(frozen=True, slots=True)
class ResponseTarget:
    """Where an answer may go: a redirect URI that is registered, exactly as registered."""

    redirect_uri: str
    response_mode: str
    state: str | None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check; only such a one can be answered with a code.

    `subjects` are those of which one must be signed in; None when anybody may be.
    """

    client: Client
    target: ResponseTarget
    scopes: tuple[str, ...]
    level: Level
    requested_acrs: tuple[str, ...] = ()
    nonce: str | None = None
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None
    claims: ClaimsRequest = field(default_factory=lambda: NOTHING_REQUESTED)
    resources: tuple[str, ...] = ()
    code_challenge: str | None = None
    subjects: frozenset[str] | None = None
    login_hint: str = ""
    ui_locales: str = ""

    @property
    def is_silent(self) -> bool:
        """`prompt=none`: no page may be shown."""
        return "none" in self.prompts


class AuthorizationRefusedError(Exception):
    """The request is refused. With a `target` the error goes back to the client; without, only a page may say so."""

    def __init__(self, error: OAuthError, target: ResponseTarget | None = None, client: Client | None = None) -> None:
        super().__init__(error.reason)
        self.error = error
        self.target = target
        self.client = client
