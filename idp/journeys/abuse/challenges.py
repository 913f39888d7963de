"""The work that a try costs under attack: a puzzle of this attempt and this browser, or a short wait instead.

Nothing is stored until a puzzle is used: it carries a code of ours. It is used up before it is checked, and before the
password is looked at. Who has no script waits: the page says for how long, and its form works afterwards. Waiting is
cheap for whoever asks from everywhere at once, so a network gets few tries by it.
"""

from hashlib import sha256
from hmac import compare_digest
from typing import Final

from idp.domain.abuse.attack import Price
from idp.domain.abuse.proof_of_work import WrongWorkError, check_work
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from idp.ports.clock import Clock, Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore, Throttle

LIFETIME: Final = 900
"""Seconds that a puzzle is good for."""

EASIER_THAN_NOW: Final = 2
"""Bits by which a puzzle may be easier than what is asked when it is handed in: it was made when less was wrong."""

WAITS_AT_ONCE: Final = 2
WAIT_INTERVAL: Final = 300
"""Tries that a network gets by waiting at once, and seconds until one more; what was right does not count."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a puzzle belongs to: an attempt, and the browser (its hash, `journeys.attempt`) that it belongs to."""

    attempt_id: str
    browser: bytes


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a page carries: the puzzle, its bits, and the seconds to wait without script."""

    puzzle: str
    bits: int
    wait: int


@dataclass(frozen=True, slots=True)
class ShownWork:
    """What came with a form, not believed yet; both empty when the form asked for nothing."""

    puzzle: str = ""
    solution: str = ""


@dataclass(frozen=True, slots=True)
class WorkDone:
    """How the price was paid: `solved`, or `waited` with what is given back when the password was right."""

    way: str
    returned: tuple[Throttle, ...] = ()


class WorkFirstError(SlowDownError):
    """The password was not looked at: first the work, or `wait` seconds. `reason` as in `ChallengeRefused`."""

    def __init__(self, reason: str, challenge: Challenge) -> None:
        super().__init__(challenge.wait)
        self.reason = reason
        self.challenge = challenge

    @property
    def early(self) -> bool:
        """Whether waiting is all that is missing."""
        return self.reason == "early"


class Challenges:
    """Makes puzzles and takes them back."""

    def __init__(self, store: ShortLivedStore, keys: SubjectKeys, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._entropy = entropy

    def make(self, bound: Bound, price: Price) -> Challenge:
        """A new puzzle."""
        told = f"{price.bits}.{self._clock.now()}.{self._entropy.token(12)}"
        return Challenge(f"{told}.{self._code(bound, told)}", price.bits, price.wait)

    async def redeem(self, bound: Bound, shown: ShownWork, price: Price, visitor: Visitor) -> WorkDone:
        """Take the work for one try. Raises `WorkFirstError`."""
        bits, age = self._read(bound, shown.puzzle, price)
        if not shown.solution and age < price.wait:
            # The puzzle stays good: whoever was too fast waits for the rest of the time.
            raise WorkFirstError("early", Challenge(shown.puzzle, bits, price.wait - age))
        now = self._clock.now()
        key = f"work:{sha256(shown.puzzle.encode(errors='replace')).hexdigest()}"
        if await self._store.increment(key, now, Seconds(now + LIFETIME)) > 1:
            raise WorkFirstError("used", self.make(bound, price))
        if shown.solution:
            self._check(bound, shown, bits, price)
            return WorkDone("solved")
        slot = (Throttle(f"work:n:{visitor.network or visitor.origin.source}", WAITS_AT_ONCE, WAIT_INTERVAL),)
        if wait := await self._store.take(slot, now):
            raise WorkFirstError("early", self.make(bound, Price(price.bits, max(wait, price.wait))))
        return WorkDone("waited", slot)

    def _check(self, bound: Bound, shown: ShownWork, bits: int, price: Price) -> None:
        if bits < price.bits - EASIER_THAN_NOW:
            raise WorkFirstError("missing", self.make(bound, price))
        try:
            check_work(shown.puzzle, shown.solution, bits)
        except WrongWorkError as wrong:
            raise WorkFirstError("wrong", self.make(bound, price)) from wrong

    def _read(self, bound: Bound, puzzle: str, price: Price) -> tuple[int, int]:
        """Bits and age in seconds of a puzzle of this attempt."""
        told, _, code = puzzle.rpartition(".")
        if not compare_digest(code.encode(errors="replace"), self._code(bound, told).encode()):
            raise WorkFirstError("missing", self.make(bound, price))
        bits, made_at, _ = told.split(".")
        age = self._clock.now() - int(made_at)
        if age > LIFETIME:
            raise WorkFirstError("missing", self.make(bound, price))
        return int(bits), age

    def _code(self, bound: Bound, told: str) -> str:
        return self._keys.tag("work", f"{bound.attempt_id}\n{bound.browser.hex()}\n{told}")
