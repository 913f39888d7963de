"""Guessing what is short: one-time codes, recovery codes, and the codes that a television shows."""

from dataclasses import dataclass

from bench.visitor import Visitor
from tests.attack.line import Line
from tests.attack.people import GUESSED, PASSWORD
from tests.relying_party import authorize_url

STRONG = "strong-portal"
"""A client that asks for a second factor."""


@dataclass(frozen=True, slots=True)
class Guessed:
    """What was guessed at, how often, how often it was looked at, and how often at most it may be."""

    what: str
    guesses: int
    looked_at: int
    bound: int

    @property
    def holds(self) -> bool:
        """Whether no more were looked at than may be."""
        return 0 < self.looked_at <= self.bound


async def guess_one_time_codes(line: Line, origin: str, guesses: int = 200) -> Guessed:
    """Somebody knows the password, and comes with a new browser and from a new network for every ten codes."""
    looked_at = 0
    for number in range(0, guesses, 10):
        browser = Visitor(line, origin, address=f"203.0.{number // 10}.7")
        page = await browser.follow(await browser.get(authorize_url(STRONG)))
        page = await browser.submit(page, "sign-in", {"username": GUESSED, "password": PASSWORD})
        for code in range(number, number + 10):
            page = await browser.submit(page, "otp", {"code": f"{code:06}"})
            looked_at += page.status == 400
    return Guessed("one-time codes of one account, 20 browsers and networks", guesses, looked_at, 10 + 1)


async def guess_user_codes(line: Line, origin: str, *, network: int, guesses: int) -> Guessed:
    """Codes of devices, from the addresses of one network; a new browser for every five."""
    looked_at = 0
    addresses = max(guesses // 50, 1)
    for number in range(0, guesses, 5):
        address = f"198.51.{network}.{number * addresses // guesses + 1}"
        browser = Visitor(line, origin, address=address)
        page = await browser.follow(await browser.get("/device"))
        for code in range(number, number + 5):
            typed = f"BCDF-{code:04}".translate(_LETTERS)
            looked_at += (await browser.submit(page, "device", {"user_code": typed})).status == 400
    bound = min(20 * addresses, 200) + guesses // 20
    return Guessed(f"user codes from one network, {addresses} addresses", guesses, looked_at, bound)


_LETTERS = str.maketrans("0123456789", "BCDFGHJKLM")
