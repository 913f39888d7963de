"""Trusting a browser for a while: it spares its owner questions that nothing needs, and never counts as a factor.

What is trusted is the browser that the known-device cookie names (`KnownDevices`), and only while two factors were
proved on it.
"""

from dataclasses import replace

from idp.domain.accounts.account import Account
from idp.domain.authenticators.trusted_browser import TrustedBrowser
from idp.domain.events import BrowserDistrusted, BrowserTrusted
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Level
from idp.journeys.sessions import CurrentSession
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys
from idp.ports.trusted_browsers import TrustedBrowsers


class BrowserTrust:
    """Gives trust, takes it back, and recognises whom it was given."""

    def __init__(self, browsers: TrustedBrowsers, devices: KnownDevices, keys: SubjectKeys, clock: Clock) -> None:
        self._browsers = browsers
        self._devices = devices
        self._keys = keys
        self._clock = clock

    async def is_trusted(self, account: Account, visitor: Visitor) -> bool:
        """Whether the owner of the account trusts the browser that asks; costs nothing where it is not known."""
        browser_id = self.identify(account.account_id, visitor)
        if browser_id is None:
            return False
        return await self._browsers.is_trusted(browser_id, account.account_id, self._clock.now())

    async def of(self, account_id: AccountId) -> tuple[TrustedBrowser, ...]:
        """The browsers that the account's owner trusts, the latest first."""
        return await self._browsers.of_account(account_id, self._clock.now())

    async def trust(self, current: CurrentSession, visitor: Visitor) -> bool:
        """Trust the browser that asks; False when two factors were not proved on it, or it takes no cookies."""
        account_id = current.account.account_id
        browser_id = self.identify(account_id, visitor)
        if browser_id is None or current.session.level < Level.TWO:
            return False
        trusted = TrustedBrowser(
            browser_id=browser_id,
            account_id=account_id,
            browser=visitor.browser,
            place=visitor.place.name if visitor.place else None,
            # Moments are whole seconds: a session begun in the second in which all others ended counts from the next.
            trusted_at=Seconds(max(self._clock.now(), current.session.created_at)),
        )
        await self._browsers.trust(trusted, BrowserTrusted(origin=visitor.origin, account_id=account_id))
        return True

    async def revoke(self, account_id: AccountId, browser_id: str, visitor: Visitor) -> bool:
        """Trust one browser no more; False when nobody did."""
        event = BrowserDistrusted(origin=visitor.origin, account_id=account_id)
        return await self._browsers.revoke(account_id, browser_id, event)

    async def revoke_all(self, account_id: AccountId, visitor: Visitor) -> int:
        """Trust none of them any more; how many there were."""
        event = BrowserDistrusted(origin=visitor.origin, account_id=account_id)
        return await self._browsers.revoke_all(account_id, replace(event, all_of_them=True))

    def identify(self, account_id: AccountId, visitor: Visitor) -> str | None:
        """What the browser that asks is called where trust is kept; None unless two factors were proved on it."""
        device = self._devices.recognise(visitor.device, account_id, Level.TWO)
        return None if device is None else self._keys.tag("trusted-browser", f"{account_id}\n{device}")
