"""OpenID Connect Core section 3.1.2.1 and RFC 6749 section 4.1.1: an authorization request, checked."""

from dataclasses import field
from typing import Any

from idp.domain.clients.client import Client
from idp.domain.values import dataclass
from idp.protocol.authorize.check_assurance import RequiredAssurance
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.claims.claims import NOTHING_REQUESTED, ClaimsRequest
from idp.protocol.errors import OAuthError


@dataclass(frozen=True, slots=True)
class ResponseTarget:
    """Where an answer may go: a redirect URI that is registered, exactly as registered.

    `response_mode` is how it gets there: `query`, `fragment` or `form_post`; `signed`, as one token (JARM).
    """

    redirect_uri: str
    response_mode: str
    state: str | None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check; only such a one can be answered with a code.

    `subjects` are those of which one must be signed in; None when anybody may be. `key_thumbprint` is that of the DPoP
    key that alone may redeem the code (RFC 9449 section 10). `parameters` are what all this was read from.
    """

    client: Client
    target: ResponseTarget
    scopes: tuple[str, ...]
    assurance: RequiredAssurance
    nonce: str | None = None
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None
    claims: ClaimsRequest = field(default_factory=lambda: NOTHING_REQUESTED)
    resources: tuple[str, ...] = ()
    code_challenge: str | None = None
    subjects: frozenset[str] | None = None
    login_hint: str = ""
    ui_locales: str = ""
    key_thumbprint: str | None = None
    authorization_details: tuple[dict[str, Any], ...] = ()
    response_types: frozenset[str] = frozenset({"code"})
    parameters: RequestParameters = field(default_factory=lambda: RequestParameters({}))

    @property
    def is_answered_once(self) -> bool:
        """Whether what the person did for it counts for one answer: a fresh sign-in, or a consent to details."""
        return bool(self.prompts or self.authorization_details) or self.max_age is not None

    @property
    def is_silent(self) -> bool:
        """`prompt=none`: no page may be shown."""
        return "none" in self.prompts


class AuthorizationRefusedError(Exception):
    """The request is refused. With a `target` the error goes back to the client; without, only a page may say so.

    `reference` names the pushed request that is answered by it.
    """

    def __init__(
        self,
        error: OAuthError,
        target: ResponseTarget | None = None,
        client: Client | None = None,
        reference: str = "",
    ) -> None:
        super().__init__(error.reason)
        self.error = error
        self.target = target
        self.client = client
        self.reference = reference
