"""Mandates: a person or an organisation authorises another person for named services, for a while."""

from enum import StrEnum
from typing import Final

from idp.domain.ids import ClientId, PersonId, Seconds
from idp.domain.representation.principal import Principal, PrincipalKind
from idp.domain.values import dataclass

LONGEST: Final = 5 * 366 * 24 * 3600
"""Seconds that a mandate may last; a longer one is given anew."""


class Function(StrEnum):
    """What somebody may do for another, as the services understand it (`function` of the authority claims)."""

    VIEW = "view"
    """See dossiers and their state."""
    SUBMIT = "submit"
    """Submit and change dossiers."""
    PAY = "pay"
    """Pay fees and charges."""
    RECEIVE = "receive"
    """Receive results."""


class MandateEnd(StrEnum):
    """Why a mandate ended."""

    DECLINED = "declined"
    """By whoever was to hold it, or whose consent it needed."""
    REVOKED = "revoked"
    """By either side."""
    EXPIRED = "expired"
    """Its last day is over."""
    DISSOLVED = "dissolved"
    """The organisation that gave it is no more."""


class MandateState(StrEnum):
    """How a mandate stands."""

    WAITING = "waiting"
    """Somebody has not agreed yet."""
    COMING = "coming"
    """Agreed by everybody, from a later day on."""
    IN_FORCE = "in_force"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Mandate:
    """One mandate. `giver` is a `PersonId`, or the tax code of the organisation (`giver_kind`).

    In force from `valid_from` until before `valid_to`, once both sides agreed: `accepted_at` is the holder's word,
    `agreed_at` the giver's, which for an organisation takes every other legal representative of the day.
    """

    mandate_id: str
    giver_kind: PrincipalKind
    giver: str
    holder: PersonId
    services: frozenset[ClientId]
    functions: frozenset[Function]
    valid_from: Seconds
    valid_to: Seconds
    created_by: PersonId
    created_at: Seconds
    agreed_at: Seconds | None = None
    accepted_at: Seconds | None = None
    ended_at: Seconds | None = None
    end: MandateEnd | None = None

    @property
    def principal(self) -> Principal:
        """Whom its holder acts for."""
        if self.giver_kind is PrincipalKind.ORGANISATION:
            return Principal(PrincipalKind.ORGANISATION, self.giver)
        return Principal(PrincipalKind.PERSON, self.mandate_id)

    @property
    def is_agreed(self) -> bool:
        """Whether both sides agreed."""
        return self.agreed_at is not None and self.accepted_at is not None

    def state(self, now: Seconds) -> MandateState:
        """How it stands at `now`."""
        if self.ended_at is not None or now >= self.valid_to:
            return MandateState.ENDED
        if not self.is_agreed:
            return MandateState.WAITING
        return MandateState.IN_FORCE if now >= self.valid_from else MandateState.COMING

    def covers(self, client_id: ClientId) -> bool:
        """Whether it was given for this service."""
        return client_id in self.services
