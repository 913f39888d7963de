"""Taking over an account by a link: choose a password, then go on as somebody who signs in and enrols."""

from hashlib import sha256
from typing import Final

from idp.domain.clients.client import ClientAudience
from idp.domain.enrolment.activation_link import ActivationLink, new_link
from idp.domain.events import ActivationLinkMade, ActivationLinkRefused, Event, Origin
from idp.domain.ids import AccountId, TokenHash
from idp.domain.levels.assurance import Level, Method, Proof
from idp.domain.offices.administration import roles_among
from idp.journeys.attempt import Attempt, Attempts, Enrolment, browser_hash
from idp.journeys.floods import Floods
from idp.journeys.new_passwords import NewPasswords, known_of
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts
from idp.ports.activation_links import ActivationLinks
from idp.ports.clock import Clock, Entropy

PATH: Final = "/activate"

_CONSOLE: Final = "/admin"
_ACCOUNT: Final = "/account"


class LinkEndedError(Exception):
    """The link is unknown, used up or expired, or its account is locked: one answer for all."""


class IssuedLinks:
    """Makes links; the token is told once and kept nowhere."""

    def __init__(self, links: ActivationLinks, clock: Clock, entropy: Entropy) -> None:
        self._links = links
        self._clock = clock
        self._entropy = entropy

    async def issue(self, account_id: AccountId, origin: Origin, by: AccountId | None = None) -> str:
        """Return the path of a fresh link; an earlier one of the account stops working.

        An administrator (`by`) makes none for whoever holds an administrative role. Raises `RoleHeldError` then.
        """
        token = self._entropy.token()
        link = new_link(account_id, token_hash(token), self._clock.now())
        event = ActivationLinkMade(origin=origin, account_id=account_id, by=by, recovery_id=link.reference)
        await self._links.put(link, event, lends_roles=by is None)
        return f"{PATH}/{token}"


class Activation:
    """Uses links up."""

    def __init__(
        self,
        links: ActivationLinks,
        attempts: Attempts,
        accounts: Accounts,
        passwords: NewPasswords,
        floods: Floods,
        clock: Clock,
    ) -> None:
        self._links = links
        self._attempts = attempts
        self._accounts = accounts
        self._passwords = passwords
        self._floods = floods
        self._clock = clock

    async def look(self, token: str, visitor: Visitor) -> ActivationLink:
        """Return the link while it can be used; looking uses nothing up. Raises `LinkEndedError`."""
        link = await self._links.find(token_hash(token))
        if link is None:
            raise await self._refused("unknown", None, visitor)
        account = await self._accounts.get(link.account_id)
        if not link.is_open(self._clock.now()) or account is None or not account.is_active:
            raise await self._refused("ended", link.account_id, visitor)
        return link

    async def choose_password(self, token: str, password: str, browser_token: str, visitor: Visitor) -> Attempt:
        """Use the link up, give the account the password, and begin the sign-in that enrols a second factor.

        Of any number of submissions one succeeds. Raises `LinkEndedError`, `RefusedPassword` (nothing is used up
        then), or `BusyError`.
        """
        link = await self.look(token, visitor)
        profile = await self._accounts.profile(link.account_id)
        password_hash = await self._passwords.hashed(password, known_of(profile))
        now = self._clock.now()
        account_id = await self._links.redeem(link.token_hash, password_hash, now, visitor.origin)
        account = None if account_id is None else await self._accounts.get(account_id)
        if account is None:
            raise await self._refused("ended", link.account_id, visitor)
        attempt = Attempt(
            attempt_id=self._attempts.new_identifier(),
            browser=browser_hash(browser_token),
            created_at=now,
            level=Level.TWO,
            audience=ClientAudience(account.kind.value),
            return_to=_CONSOLE if profile and profile.officer and roles_among(profile.officer.roles) else _ACCOUNT,
            account_id=account.account_id,
            account_kind=account.kind,
            proofs=(Proof(Method.PASSWORD, now),),
            # The link is the proof beyond the password that a first second factor takes.
            enrolment=Enrolment(activated=True),
            valid_from=account.sessions_valid_from,
        )
        await self._attempts.begin(attempt)
        return attempt

    async def _refused(self, reason: str, account_id: AccountId | None, visitor: Visitor) -> LinkEndedError:
        event: Event = ActivationLinkRefused(origin=visitor.origin, reason=reason, account_id=account_id)
        await self._floods.record("activate", reason, event)
        return LinkEndedError()


def token_hash(token: str) -> TokenHash:
    """Return what is kept of a link's token."""
    return TokenHash(sha256(token.encode(errors="surrogatepass")).digest())
