"""RFC 8628 section 3 and OpenID Connect CIBA Core section 7: what a client asked for and waits for."""

from dataclasses import replace
from enum import StrEnum
from typing import Final, TypedDict

from idp.domain.grants.grant import Grant
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.levels.assurance_policy import Asked
from idp.domain.levels.requirement import Requirement
from idp.domain.values import dataclass
from idp.protocol.authorize.check_assurance import RequiredAssurance

INTERVAL: Final = 5
"""Seconds between two polls of a client, at first; and by how many it grows when a client does not wait so long."""

AS_BY_CODE: Final = frozenset({"code"})
"""What may be asked for in these ways is what may be asked for by a code: tokens never pass through a browser."""


class Kind(StrEnum):
    """How the person comes to the request."""

    DEVICE = "device"
    """With a code that the device shows."""
    BACKCHANNEL = "ciba"
    """The client named the person."""


class Decision(StrEnum):
    """What the person said."""

    PENDING = "pending"
    ALLOWED = "allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Backchannel:
    """What a backchannel request has besides (CIBA Core section 7.1).

    `approval_id` names it on the person's page, `slot` is its place among those that wait for the person, `client_slot`
    among those of its client that do. `mode` is the client's delivery mode; `auth_req_id` and `notification_token` are
    what a notification is made of.
    """

    account_id: AccountId
    approval_id: str
    slot: int
    binding_message: str = ""
    mode: str = "poll"
    auth_req_id: str = ""
    notification_token: str = ""
    client_slot: int = 0


class Required(TypedDict):
    """The part of a request that says what has to be proved."""

    level: Level
    fresh_within: int | None
    resistance: Resistance
    requested_acrs: tuple[str, ...]
    asked: Asked
    policy: int


def required_of(assurance: RequiredAssurance) -> Required:
    """Return what has to be proved, as a request keeps it."""
    requirement = assurance.requirement
    return {
        "level": requirement.level,
        "fresh_within": requirement.fresh_within,
        "resistance": requirement.resistance,
        "requested_acrs": assurance.requested_acrs,
        "asked": assurance.asked,
        "policy": assurance.policy.version,
    }


@dataclass(frozen=True, slots=True)
class DecoupledRequest:
    """One request. `grant_id` is chosen at once, so that it can start only one grant; `grant` is what was allowed.

    `asked` is what the policy judged of it, `policy` the version that did.
    """

    kind: Kind
    client_id: ClientId
    grant_id: GrantId
    scopes: tuple[str, ...]
    level: Level
    created_at: Seconds
    expires_at: Seconds
    requested_acrs: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    user_code: str = ""
    backchannel: Backchannel | None = None
    interval: int = INTERVAL
    polled_at: Seconds | None = None
    decision: Decision = Decision.PENDING
    grant: Grant | None = None
    fresh_within: int | None = None
    resistance: Resistance = Resistance.NONE
    asked: Asked | None = None
    policy: int = 1

    @property
    def requirement(self) -> Requirement:
        """What whoever decides has to have proved."""
        return Requirement(self.level, self.fresh_within, self.resistance)

    def is_open(self, now: Seconds) -> bool:
        """Whether somebody can still decide."""
        return self.decision is Decision.PENDING and now < self.expires_at

    def is_polled_too_soon(self, now: Seconds) -> bool:
        """Whether the client did not wait for the interval since it last asked."""
        return self.polled_at is not None and now < self.polled_at + self.interval

    def polled(self, now: Seconds) -> "DecoupledRequest":
        """The request after the client asked once more."""
        # RFC 8628 section 3.5, slow_down: "the interval MUST be increased by 5 seconds for this and all subsequent
        # requests." CIBA Core section 11 says the same.
        longer = INTERVAL if self.is_polled_too_soon(now) else 0
        return replace(self, polled_at=now, interval=self.interval + longer)

    def allowed(self, grant: Grant) -> "DecoupledRequest":
        """The request after the person agreed."""
        return replace(self, decision=Decision.ALLOWED, grant=grant)

    def denied(self) -> "DecoupledRequest":
        """The request after the person refused."""
        return replace(self, decision=Decision.DENIED)
