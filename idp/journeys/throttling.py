"""Throttles that slow guessing down without ever shutting an owner out.

They are asked before any hashing. A try is taken before the secret is checked and given back when it was right, so that
fifty guesses at once count as fifty. A browser that signed in to this account before has a bucket of its own, which
nobody else can empty.
"""

from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore, Throttle

Throttles = tuple[Throttle, ...]


class SlowDownError(Exception):
    """Too many tries; `wait` seconds until the next one."""

    def __init__(self, wait: int) -> None:
        super().__init__("slow down")
        self.wait = wait


class Throttling:
    """Which buckets a try empties, and taking it."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys) -> None:
        self._store = store
        self._keys = keys

    def for_password(self, identifier: str, source: str, *, known_device: str | None) -> Throttles:
        """Buckets of a password try: the known device's own, else those of the account and of the address."""
        person = self._keys.tag("throttle", identifier)
        if known_device:
            return (Throttle(f"throttle:pd:{person}:{known_device}", burst=10, interval=30),)
        return (
            Throttle(f"throttle:ps:{person}:{source}", burst=20, interval=60),
            Throttle(f"throttle:pa:{person}", burst=50, interval=30),
            Throttle(f"throttle:s:{source}", burst=300, interval=1),
        )

    def for_second_factor(self, account_id: AccountId, *, known_device: str | None) -> Throttles:
        """Buckets of a one-time or recovery code: with ±1 step three codes in a million are right at any moment."""
        return (Throttle(f"throttle:f:{account_id}:{known_device or ''}", burst=10, interval=300),)

    def for_activation(self, account_id: AccountId) -> Throttles:
        """How often activation codes are tried, however many were sent."""
        return (Throttle(f"throttle:a:{account_id}", burst=10, interval=600),)

    def for_enrolment(self, account_id: AccountId) -> Throttles:
        """How often the first code of a new authenticator is tried: apart from the tries of one that is enrolled."""
        return (Throttle(f"throttle:e:{account_id}", burst=10, interval=300),)

    def for_messages(self, account_id: AccountId) -> Throttles:
        """How often a code is sent to a person's contact."""
        return (Throttle(f"throttle:m:{account_id}", burst=5, interval=600),)

    def for_user_code(self, source: str, browser: str) -> Throttles:
        """Buckets of a device's user code: of the browser, of the address, and of everybody together.

        A code is one of 2.6 * 10^10 and lives for ten minutes; right ones are given back. Were ten thousand alive at
        once, the last bucket would let a hundred thousand guessers together find one in about a month.
        """
        return (
            Throttle(f"throttle:ub:{self._keys.tag('throttle', browser)}", burst=5, interval=60),
            Throttle(f"throttle:us:{source}", burst=20, interval=60),
            Throttle("throttle:u", burst=500, interval=1),
        )

    def for_hints(self, client_id: ClientId) -> Throttles:
        """How often a client may name people whom nobody knows: a hint that names somebody is given back."""
        return (Throttle(f"throttle:ch:{client_id}", burst=100, interval=10),)

    def for_approvals(self, client_id: ClientId, account_id: AccountId) -> Throttles:
        """How often one client asks one person, and how often it asks anybody: who is asked for ever gives in.

        What was allowed is given back. One client alone does not fill the places that a person has for requests.
        """
        return (
            Throttle(f"throttle:cp:{client_id}:{account_id}", burst=6, interval=30),
            Throttle(f"throttle:cc:{client_id}", burst=1000, interval=1),
        )

    async def take(self, throttles: Throttles, now: Seconds) -> None:
        """Take one try from each bucket. Raises `SlowDownError`."""
        wait = await self._store.take(throttles, now)
        if wait:
            raise SlowDownError(wait)

    async def give_back(self, throttles: Throttles) -> None:
        """The try was right: it does not count."""
        await self._store.give_back(throttles)
