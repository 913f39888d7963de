"""What has to be proved before something to sign in with is removed: nothing weaker takes away what is stronger."""

from typing import Final

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Resistance
from idp.domain.sign_ins.session import Session
from idp.journeys.account_security.own_authenticators import OwnAuthenticator, OwnAuthenticators
from idp.ports.clock import Clock
from idp.ports.short_lived import ShortLivedStore

APART: Final = 10
"""Seconds between two removals that each rely on what remains: of two at once, each would rely on the other."""


class Removals:
    """Tells it for one account at a time."""

    def __init__(self, own: OwnAuthenticators, store: ShortLivedStore, clock: Clock) -> None:
        self._own = own
        self._store = store
        self._clock = clock

    async def guarded(self, session: Session, which: OwnAuthenticator) -> Resistance:
        """The resistance to phishing that this session still has to prove: that of `which`, or nothing.

        Nothing where the session proved it, and where something as strong remains.
        """
        if session.resistance >= which.resistance or await self._as_strong_remains(session, which):
            return Resistance.NONE
        return which.resistance

    async def asked(self, session: Session, which: OwnAuthenticator) -> Resistance:
        """The same for a removal that follows at once: within `APART` seconds one relies on what remains."""
        if session.resistance >= which.resistance:
            return Resistance.NONE
        now = self._clock.now()
        key = f"removal:{session.account_id}"
        if await self._store.increment(key, now, Seconds(now + APART)) > 1:
            return which.resistance
        return await self.guarded(session, which)

    async def _as_strong_remains(self, session: Session, which: OwnAuthenticator) -> bool:
        everything = await self._own.of(session.account_id)
        return any(
            other.resistance >= which.resistance
            for other in everything
            if (other.kind, other.identifier) != (which.kind, which.identifier)
        )
