"""What happened to the account that gets roles: a takeover before they were asked for counts like one after it."""

from typing import Final

from idp.domain import events
from idp.domain.accounts.recovery import ACQUAINTANCE
from idp.domain.accounts.security_event import SecurityEvent
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.offices.officer import OfficerAccount
from idp.domain.values import dataclass
from idp.journeys.administration.role_changes import NAMES
from idp.ports.clock import Clock
from idp.ports.officers import Officers
from idp.ports.security_history import SecurityHistory

LOOKS_BACK: Final = 30 * 24 * 3600
"""Seconds of which administrators are told what happened."""

FRESH: Final = ACQUAINTANCE
"""Seconds for which a takeover is fresh: as long as the owner of an account has to see what a thief did to it."""

TAKEOVERS: Final = frozenset({events.AccountActivated.name, events.AccountRecovered.name})
"""Events after which somebody else may hold the account."""

CHANGES: Final = frozenset(
    {
        events.PasswordChanged.name,
        events.AuthenticatorEnrolled.name,
        events.AuthenticatorAdded.name,
        events.AuthenticatorRemoved.name,
        events.RecoveryCodesRenewed.name,
        events.PasskeyAdded.name,
        events.PasskeyRemoved.name,
        events.CertificateAdded.name,
        events.CertificateRemoved.name,
        events.ContactChanged.name,
        events.ContactRestored.name,
        events.RecoveryAsked.name,
    }
)
"""Events by which somebody's means to sign in or to get back in became others."""

MOST: Final = 20
"""Events of each kind that are told; whoever changes much in an account hides no takeover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyReview:
    """What administrators are told. `happened`: the latest first; `taken_over_at`: a takeover that is still fresh.

    `outdated`: the post or the holder of the account is another one since the change was asked for, so that an
    approval would be refused.
    """

    happened: tuple[SecurityEvent, ...]
    taken_over_at: Seconds | None = None
    outdated: bool = False


class SafetyReviews:
    """Reviews officers' accounts."""

    def __init__(self, officers: Officers, history: SecurityHistory, clock: Clock) -> None:
        self._officers = officers
        self._history = history
        self._clock = clock

    async def of_change(self, change: ChangeRequest) -> SafetyReview | None:
        """Review the account that a change is about; None when it is about none, or nobody decides it any more."""
        if change.kind not in NAMES or not change.is_open(self._clock.now()):
            return None
        officer = await self._officers.get(AccountId(change.subject))
        return None if officer is None else await self._of(officer, outdated=officer.holder_version != change.version)

    async def of_officer(self, officer: OfficerAccount) -> SafetyReview:
        """Review an officer's account before roles are asked for it."""
        return await self._of(officer, outdated=False)

    async def _of(self, officer: OfficerAccount, *, outdated: bool) -> SafetyReview:
        now, account_id = self._clock.now(), officer.account_id
        since = Seconds(now - LOOKS_BACK)
        takeovers = await self._history.named(account_id, TAKEOVERS, since, MOST)
        changes = await self._history.named(account_id, CHANGES, since, MOST)
        # The history follows the audit trail at some distance; that a link was used is known at once.
        moments = [event.at for event in takeovers] + [officer.taken_over_at or Seconds(0)]
        last = max(moments)
        return SafetyReview(
            happened=tuple(sorted((*takeovers, *changes), key=lambda event: event.event_id, reverse=True)),
            taken_over_at=last if now - last < FRESH else None,
            outdated=outdated,
        )
