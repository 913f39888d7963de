"""What people do in a chaos run: each journey notes what was acknowledged, and raises when it was not."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from html import unescape

import pyotp

from bench.connection import Answer
from bench.visitor import UnexpectedAnswer, find_form, query_of, with_query
from tests.chaos.ledger import Code, Enrolment, Family, Ledger, OneTimeCode, Outcome, Session, SignOut
from tests.chaos.people import ASKING, DESK, GATEWAY, PASSWORD, PORTAL, SIGNED_OUT, Client, Person
from tests.chaos.relying_party import AuthorizationRequest, RelyingParties
from tests.chaos.wire import Browser, Refused, browser_on

STEP = 30
"""Seconds for which a one-time code is shown."""

SIGNED_IN = frozenset({"password.accepted", "session.started", "authorization.granted"})
WITH_CODE = SIGNED_IN | {"second_factor.accepted"}

Mailbox = Callable[[Person], Awaitable[str]]
"""Waits for a message to somebody and returns the code in it."""


def step_now() -> int:
    """The time step of one-time codes."""
    return int(time.time()) // STEP


def code_at(secret: str, step: int) -> str:
    """The one-time code of a time step."""
    return pyotp.TOTP(secret).at(step * STEP)


class Journeys:
    """People with browsers, in front of the relying parties."""

    def __init__(self, parties: RelyingParties, mailbox: Mailbox) -> None:
        self.parties = parties
        self.ledger: Ledger = parties.ledger
        self._mailbox = mailbox

    async def sign_in(self, person: Person, client: Client = PORTAL) -> tuple[Session, Code]:
        """Sign in with the password alone."""
        browser, request, page = await self._with_password(person, client)
        return self._arrived(browser, request, page, person, SIGNED_IN)

    async def sign_in_with_code(self, person: Person, step: int) -> tuple[Session, Code]:
        """Sign in with password and one-time code."""
        browser, request, page = await self._with_password(person, GATEWAY)
        page = await _submit(browser, page, "otp", {"code": code_at(person.totp_secret, step)})
        arrived = self._arrived(browser, request, page, person, WITH_CODE)
        self.ledger.one_time_codes.append(OneTimeCode(person, code_at(person.totp_secret, step), step))
        return arrived

    async def use_code_twice(self, person: Person, step: int) -> Session | None:
        """Two browsers give the same one-time code at once: at most one gets in."""
        fields = {"code": code_at(person.totp_secret, step)}
        ways = [await self._with_password(person, GATEWAY) for _ in range(2)]
        pages = await asyncio.gather(
            *(_submit(browser, page, "otp", fields) for browser, _, page in ways), return_exceptions=True
        )
        inside = [(way, page) for way, page in zip(ways, pages, strict=True) if _is_inside(page)]
        if len(inside) > 1:
            self.ledger.single_use_violated.append("a one-time code was accepted twice at once")
        for page in pages:
            if isinstance(page, BaseException):
                raise page
        if not inside:
            raise Refused("neither of two browsers got in")
        (browser, request, _), page = inside[0]
        assert isinstance(page, Answer)
        return self._arrived(browser, request, page, person, WITH_CODE)[0]

    async def repeat_code(self, used: OneTimeCode) -> bool:
        """Whether a one-time code that was accepted before is accepted once more."""
        browser, _, page = await self._with_password(used.person, GATEWAY)
        return _is_inside(await _submit(browser, page, "otp", {"code": used.code}))

    async def code_flow(self, session: Session, client: Client = PORTAL) -> Family | None:
        """Get tokens on a session; None when the person is asked to sign in again."""
        code = await self.code_for(session, client)
        return None if code is None else await self.parties.redeem(code)

    async def code_for(self, session: Session, client: Client) -> Code | None:
        """Get a code on a session; None when the person is asked to sign in again."""
        request = AuthorizationRequest(client)
        session.browser.begin()
        page = await session.browser.follow(await session.browser.get(request.path))
        if find_form(page, "sign-in") is not None:
            return None
        code = self.parties.receive(request, page, session.person)
        self._note(session.browser, {"authorization.granted"})
        return code

    async def consent(self, person: Person) -> tuple[Session, Code]:
        """Sign in at the client that asks, and agree."""
        browser, request, page = await self._with_password(person, ASKING)
        page = await _submit(browser, page, "consent", {"decision": "allow"})
        arrived = self._arrived(browser, request, page, person, SIGNED_IN | {"consent.given"})
        self.ledger.consents.append(person)
        return arrived

    async def enrol(self, person: Person) -> tuple[Session, Code]:
        """Enrol one-time codes with the help of a mailed code, on the way to the client that needs them."""
        browser, request, page = await self._with_password(person, GATEWAY)
        page = await _submit(browser, page, "activate", {"code": await self._mailbox(person)})
        secret, step = _shown_secret(page), step_now()
        page = await _submit(browser, page, "enrol-otp", {"code": code_at(secret, step)})
        codes = tuple(re.findall(r"<code>([^<]*)</code>", page.body.decode().partition('id="codes"')[2]))
        if not codes:
            raise Refused(f"no recovery codes: {page.status}")
        self.ledger.enrolments.append(Enrolment(person, secret, step, codes))
        self._note(browser, {"authenticator.enrolled"})
        page = await _submit(browser, page, "recovery-codes", {"saved": "yes"})
        return self._arrived(browser, request, page, person, SIGNED_IN)

    async def sign_out(self, person: Person) -> None:
        """Sign in at the desk, get its tokens, and sign out by its hint."""
        session, code = await self.sign_in(person, DESK)
        session.doubt = True
        answer = await self.parties.present(code)
        family = await self.parties.accept(code, answer)
        family.doubt = "signed out"
        id_token = self.parties.id_token_of(answer)
        thief = browser_on(self.parties.wire)
        thief.cookies = dict(session.browser.cookies)
        session.browser.begin()
        hint = {"id_token_hint": id_token, "post_logout_redirect_uri": SIGNED_OUT, "client_id": DESK.client_id}
        page = await session.browser.follow(await session.browser.get(with_query("/logout", hint)))
        if not (page.header("location") or "").startswith(SIGNED_OUT):
            raise Refused(f"sign-out {page.status}")
        session.lost = True
        self._note(session.browser, {"session.ended"})
        self.ledger.sign_outs.append(SignOut(person, thief, family, self.parties.claims_of(id_token)["sid"]))

    async def is_let_in(self, person: Person, client: Client) -> bool:
        """Whether the password alone leads to a client, with nothing asked in between."""
        _, _, page = await self._with_password(person, client)
        return "code" in query_of(page)

    async def has_second_factor(self, enrolment: Enrolment) -> bool:
        """Whether the enrolled one-time codes sign in."""
        browser, _, page = await self._with_password(enrolment.person, GATEWAY)
        return _is_inside(await _submit(browser, page, "otp", {"code": code_at(enrolment.secret, step_now())}))

    async def _with_password(self, person: Person, client: Client) -> tuple[Browser, AuthorizationRequest, Answer]:
        browser, request = browser_on(self.parties.wire), AuthorizationRequest(client)
        page = await browser.follow(await browser.get(request.path))
        fields = {"username": person.personal_number, "password": PASSWORD}
        return browser, request, await _submit(browser, page, "sign-in", fields)

    def _arrived(
        self, browser: Browser, request: AuthorizationRequest, page: Answer, person: Person, events: frozenset[str]
    ) -> tuple[Session, Code]:
        code = self.parties.receive(request, page, person)
        self._note(browser, events)
        session = Session(person, browser)
        self.ledger.sessions.append(session)
        return session, code

    def _note(self, browser: Browser, events: "set[str] | frozenset[str]") -> None:
        self.ledger.outcomes.append(Outcome(tuple(browser.requests), frozenset(events)))


async def _submit(browser: Browser, page: Answer, form_id: str, fields: dict[str, str]) -> Answer:
    try:
        return await browser.submit(page, form_id, fields)
    except UnexpectedAnswer as error:
        raise Refused(str(error)) from None


def _is_inside(page: "Answer | BaseException") -> bool:
    return isinstance(page, Answer) and "code" in query_of(page)


def _shown_secret(page: Answer) -> str:
    found = re.search(r'<code id="totp-secret"[^>]*>(.*?)</code>', page.body.decode(), re.DOTALL)
    if found is None:
        raise Refused(f"no secret is shown: {page.status}")
    return unescape(re.sub(r"<[^>]*>|\s", "", found[1]))
