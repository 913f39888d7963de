"""What the pages about a person's own data are made from, and how a visitor comes to them."""

from typing import Any, Final

from idp.domain.levels.assurance import Level
from idp.domain.values import dataclass
from idp.journeys.account_closing import ClosingAccounts
from idp.journeys.data_export import DataExport
from idp.journeys.enrolled_factors import takes_two_factors
from idp.journeys.own_corrections import OwnCorrections
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.ports.grants import Consents
from idp.ports.identity_records import IdentityRecords
from idp.ports.keys import SubjectKeys
from idp.ports.record_accesses import RecordAccesses
from idp.ports.releases import Releases
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit

FRESH: Final = 5 * 60
"""Seconds since the sign-in within which somebody may take data away or close the account."""

PAGE: Final = 50
"""Rows of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """The ports and use cases behind the pages, made by `assembly.own_data`."""

    accounts: Accounts
    identity_records: IdentityRecords
    releases: Releases
    consents: Consents
    clients: Clients
    keys: SubjectKeys
    record_accesses: RecordAccesses
    corrections: OwnCorrections
    closing: ClosingAccounts
    export: DataExport
    issuer: str


class OwnDataDesk:
    """Lets a person in to the own data, and draws what all its pages have in common."""

    def __init__(
        self, sessions: Sessions, authenticators: Authenticators, sign_in: SignIn, clock: Clock, desk: Desk
    ) -> None:
        self._sessions = sessions
        self._authenticators = authenticators
        self._sign_in = sign_in
        self._clock = clock
        self.desk = desk

    async def let_in(
        self, visit: Visit, level: Level = Level.ONE, *, fresh: bool = False, back_to: str | None = None
    ) -> CurrentSession | Answer:
        """Return who is signed in, at `level` or above and (`fresh`) just now; else the way to sign in and back.

        `back_to` is the page to come back to, this one when None.
        """
        return await self._admit(visit, await self._sessions.current(visit.session_token), level, back_to, fresh=fresh)

    async def let_owner_in(self, visit: Visit, back_to: str | None = None) -> CurrentSession | Answer:
        """Return who is signed in just now, with two factors where there are two; else the way there, and back.

        It is for what a thief who knows the password alone would keep the owner out by.
        """
        current = await self._sessions.current(visit.session_token)
        two = current is not None and await takes_two_factors(
            self._authenticators, current.account.account_id, self._clock.now()
        )
        return await self._admit(visit, current, Level.TWO if two else Level.ONE, back_to, fresh=True)

    async def _admit(
        self, visit: Visit, current: CurrentSession | None, level: Level, back_to: str | None, *, fresh: bool
    ) -> CurrentSession | Answer:
        too_old = fresh and current is not None and self._clock.now() - current.session.authenticated_at >= FRESH
        if current is not None and not too_old and current.session.level >= level:
            return current
        demand = Demand(level=level, return_to=back_to or visit.path, reauthenticate=current is None or too_old)
        return self.desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))

    def common(self, visit: Visit) -> dict[str, Any]:
        """What every view has: language and the token of forms."""
        return {"locale": visit.locale, "languages": visit.languages, "csrf_token": visit.csrf_token}
