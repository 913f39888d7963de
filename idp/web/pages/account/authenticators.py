"""The pages that change what a person signs in with: a device more, another name, one less, fresh recovery codes."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlencode

from idp.domain.levels.assurance import Resistance
from idp.journeys.account_security.fresh_codes import FreshRecoveryCodes
from idp.journeys.account_security.one_time_codes import OneTimeCodeDevices, TooManyDevicesError
from idp.journeys.account_security.own_authenticators import OwnAuthenticator, OwnAuthenticators
from idp.journeys.account_security.removals import Removals
from idp.journeys.refusals import RefusedError
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError
from idp.ports.clock import Clock, Entropy
from idp.web.pages.account.security import AUTHENTICATORS, PATH, SecurityDesk, row_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.account_security import AuthenticatorPage, SecurityNotice
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.enrolment import EnrolOtpPage, RecoveryCodesPage

NEW_DEVICE: Final = f"{PATH}/codes/new"
FRESH_CODES: Final = f"{PATH}/recovery-codes"
TURN: Final = "turn"
"""Names, in the address of a page, the secret or the codes that it offers; it is no secret itself."""

Change = Callable[[CurrentSession, OwnAuthenticator], Awaitable[SecurityNotice | Answer | None]]


class OwnAuthenticatorPages:
    """Everything here takes two factors proved a moment ago, and gives the session nothing."""

    def __init__(
        self,
        *,
        own: OwnAuthenticators,
        removals: Removals,
        devices: OneTimeCodeDevices,
        codes: FreshRecoveryCodes,
        desk: SecurityDesk,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._own = own
        self._removals = removals
        self._devices = devices
        self._codes = codes
        self._desk = desk
        self._clock = clock
        self._entropy = entropy

    async def show(self, visit: Visit) -> Answer:
        """GET the page of one of them."""
        current = await self._desk.let_change(visit, visit.path)
        if isinstance(current, Answer):
            return current
        account_id = current.account.account_id
        found = await self._own.of(account_id)
        which = await self._named(visit, current)
        if which is None:
            return self._desk.desk.error(visit, "not_found", 404)
        now = self._clock.now()
        page = AuthenticatorPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            authenticator=row_of(which, now),
            is_last=[one for one in found if not row_of(one, now).has_ended] == [which],
            is_guarded=await self._removals.guarded(current.session, which) > Resistance.NONE,
        )
        return self._desk.desk.page(visit, page)

    async def rename(self, visit: Visit) -> Answer:
        """POST the form `rename`."""
        fields = await visit.form()

        async def change(current: CurrentSession, which: OwnAuthenticator) -> SecurityNotice | None:
            name, account_id = fields.get("name", ""), current.account.account_id
            done = await self._own.rename(account_id, which, name, visit.visitor)
            return SecurityNotice.RENAMED if done else None

        return await self._change(visit, change)

    async def remove(self, visit: Visit) -> Answer:
        """POST the form `remove`."""
        await visit.form()

        async def change(current: CurrentSession, which: OwnAuthenticator) -> SecurityNotice | Answer | None:
            asked = await self._removals.asked(current.session, which)
            allowed = await self._desk.let_change(visit, _page_of(visit), resistance=asked)
            if isinstance(allowed, Answer):
                return allowed
            done = await self._own.remove(current.account.account_id, which, visit.visitor)
            return SecurityNotice.REMOVED if done else None

        return await self._change(visit, change)

    async def show_new(self, visit: Visit) -> Answer:
        """GET the form `enrol-otp` of a further device; its secret stays the same while the page is reloaded."""
        current = await self._in_turn(visit, NEW_DEVICE)
        return current if isinstance(current, Answer) else self._new_device(visit, current, None)

    async def submit_new(self, visit: Visit) -> Answer:
        """POST the code that the new device shows."""
        fields = await visit.form()
        current = await self._in_turn(visit, NEW_DEVICE)
        if isinstance(current, Answer):
            return current
        code, name = fields.get("code", ""), fields.get("name", "")
        try:
            await self._devices.add(current.session, visit.query[TURN], code, name, visit.visitor)
        except SlowDownError as slow:
            return self._new_device(visit, current, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429, name)
        except TooManyDevicesError:
            return self._new_device(visit, current, ErrorView(Refusal.DEVICES_ENOUGH), 400, name)
        except RefusedError:
            return self._new_device(visit, current, ErrorView(Refusal.WRONG_CODE), 400, name)
        return self._desk.told(visit, SecurityNotice.ADDED)

    async def show_codes(self, visit: Visit) -> Answer:
        """GET the form `recovery-codes`: fresh ones, good once the person says that they are kept."""
        current = await self._in_codes_turn(visit)
        return current if isinstance(current, Answer) else await self._fresh_codes(visit, current, None)

    async def submit_codes(self, visit: Visit) -> Answer:
        """POST that they are kept."""
        fields = await visit.form()
        current = await self._in_codes_turn(visit)
        if isinstance(current, Answer):
            return current
        if "saved" not in fields:
            return await self._fresh_codes(visit, current, ErrorView(Refusal.CONFIRM_SAVED), 400)
        if not await self._codes.renew(current.session, visit.query[TURN], visit.visitor):
            return self._desk.desk.redirect(visit, PATH)
        return self._desk.told(visit, SecurityNotice.CODES_RENEWED)

    async def _change(self, visit: Visit, change: Change) -> Answer:
        """Change one of them, and say so; whoever has to prove more comes back to its page."""
        current = await self._desk.let_change(visit, _page_of(visit))
        if isinstance(current, Answer):
            return current
        which = await self._named(visit, current)
        notice = await change(current, which) if which else None
        if isinstance(notice, Answer):
            return notice
        return self._desk.told(visit, notice) if notice else self._desk.desk.redirect(visit, PATH)

    async def _named(self, visit: Visit, current: CurrentSession) -> OwnAuthenticator | None:
        kind, identifier = visit.parameter("kind"), visit.parameter("identifier")
        return await self._own.find(current.account.account_id, kind, identifier)

    async def _in_turn(self, visit: Visit, path: str) -> CurrentSession | Answer:
        """Who may change, at an address with a turn; one without gets a fresh one."""
        current = await self._desk.let_change(visit, path)
        if isinstance(current, Answer) or visit.query.get(TURN):
            return current
        return self._desk.desk.redirect(visit, f"{path}?{TURN}={self._entropy.token(16)}")

    async def _in_codes_turn(self, visit: Visit) -> CurrentSession | Answer:
        """The same where codes are offered, for as long as these can be confirmed."""
        current = await self._desk.let_change(visit, FRESH_CODES)
        if isinstance(current, Answer) or self._codes.is_open(visit.query.get(TURN, "")):
            return current
        return self._desk.desk.redirect(visit, f"{FRESH_CODES}?{TURN}={self._codes.new_turn()}")

    def _new_device(
        self, visit: Visit, current: CurrentSession, error: ErrorView | None, status: int = 200, name: str = ""
    ) -> Answer:
        proposal = self._devices.proposal(current.session, visit.query[TURN])
        page = EnrolOtpPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            error=error,
            form_action=_address(NEW_DEVICE, visit),
            secret=proposal.secret,
            otpauth_uri=proposal.uri,
            is_further=True,
            name=name[:60],
        )
        return self._desk.desk.page(visit, page, status)

    async def _fresh_codes(
        self, visit: Visit, current: CurrentSession, error: ErrorView | None, status: int = 200
    ) -> Answer:
        page = RecoveryCodesPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            error=error,
            form_action=_address(FRESH_CODES, visit),
            codes=self._codes.proposed(current.session, visit.query[TURN]),
            take_place=bool(await self._codes.left(current.session.account_id)),
        )
        return self._desk.desk.page(visit, page, status)


def _page_of(visit: Visit) -> str:
    return f"{AUTHENTICATORS}/{visit.parameter('kind')}/{visit.parameter('identifier')}"


def _address(path: str, visit: Visit) -> str:
    return f"{path}?{urlencode({TURN: visit.query[TURN]})}"
