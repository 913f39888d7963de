"""RFC 6749 section 3.1 and RFC 8707 section 2: the parameters of an authorization request that count, as they are kept.

Where a request was pushed, `reference` is its `request_uri`; it is spent with the answer.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from idp.domain.values import dataclass

RESOURCE: Final = "resource"
_REFERENCE: Final = "request_uri"

UNDERSTOOD: Final = frozenset(
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
        "dpop_jkt",
        "authorization_details",
        "registration",
    }
)
"""Parameters that mean something here, besides those that stand for others: `request`, `request_uri`."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RequestParameters:
    """What was asked: every parameter once, `resource` apart because it may be repeated."""

    values: Mapping[str, str]
    resources: tuple[str, ...] = ()
    reference: str = ""

    @classmethod
    def understood(cls, values: Mapping[str, str], resources: Iterable[str]) -> "RequestParameters":
        """Return the parameters without those that mean nothing here.

        RFC 6749 section 3.1: "The authorization server MUST ignore unrecognized request parameters."
        """
        return cls({name: value for name, value in values.items() if name in UNDERSTOOD}, tuple(resources))

    @classmethod
    def of_pairs(cls, pairs: Pairs) -> "RequestParameters":
        """Return what `pairs` made plain."""
        values = {name: value for name, value in pairs if name not in {RESOURCE, _REFERENCE}}
        resources = tuple(value for name, value in pairs if name == RESOURCE)
        return cls(values, resources, dict(pairs).get(_REFERENCE, ""))

    @property
    def pairs(self) -> Pairs:
        """The same as names and values, to be stored with a sign-in attempt."""
        reference = ((_REFERENCE, self.reference),) if self.reference else ()
        return (*self.values.items(), *((RESOURCE, value) for value in self.resources), *reference)
