"""Fresh recovery codes: shown first, and good from the moment when their owner says that they are kept.

Until then the old ones stay good, so that nobody who closes the page is left with codes that were never written down.
A *turn* is what a page offers: of one session, for a while, and good once, so that no old page brings old codes back.
Whoever confirms it again is told what came of it.
"""

import re
from hashlib import sha256
from typing import Final

from idp.domain.accounts.account import AuthenticatorKind
from idp.domain.events import RecoveryCodesRenewed
from idp.domain.ids import AccountId, Seconds
from idp.domain.sign_ins.session import Session
from idp.journeys.recovery_codes import recovery_code_hash, recovery_codes
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Authenticators
from idp.ports.clock import Clock, Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import ShortLivedStore

LIFETIME: Final = 900
"""Seconds for which codes that are shown can be confirmed."""

CLOCK_TOLERANCE: Final = 5
"""Seconds by which the clocks of nodes may differ."""

_TURN: Final = re.compile(r"([1-9][0-9]{0,11})\.[\w-]{1,64}", re.ASCII)


class FreshRecoveryCodes:
    """Whoever calls `renew` has seen that the person proved two factors a moment ago."""

    def __init__(
        self, authenticators: Authenticators, keys: SubjectKeys, store: ShortLivedStore, clock: Clock, entropy: Entropy
    ) -> None:
        self._authenticators = authenticators
        self._keys = keys
        self._store = store
        self._clock = clock
        self._entropy = entropy

    async def left(self, account_id: AccountId) -> int | None:
        """How many codes are good still; None where the account never had any."""
        enrolled = await self._authenticators.enrolled(account_id)
        codes = [one for one in enrolled if one.kind is AuthenticatorKind.RECOVERY_CODES]
        return sum(one.remaining for one in codes) if codes else None

    def new_turn(self) -> str:
        """The turn of a page that is shown now: when that was, and a random word. It is no secret itself."""
        return f"{self._clock.now()}.{self._entropy.token(16)}"

    def is_open(self, turn: str) -> bool:
        """Whether the codes of a turn may be shown and confirmed still. Another time in it would make other codes."""
        found = _TURN.fullmatch(turn)
        return found is not None and -CLOCK_TOLERANCE <= self._clock.now() - int(found[1]) < LIFETIME

    def proposed(self, session: Session, turn: str) -> tuple[str, ...]:
        """The codes of one `turn` of this session: the same each time that it is shown."""
        return recovery_codes(self._keys, f"{session.session_id}\n{turn}", session.account_id)

    async def renew(self, session: Session, turn: str, visitor: Visitor) -> bool:
        """Let these codes take the place of all others; True, and nothing more, where they have done so before.

        False when the turn is over, or the account gone, or when the turn was used and its codes took no others' place:
        but for those that are as old as the page, which a process left that was stopped between the two.
        """
        if not self.is_open(turn):
            return False
        older_than = None if await self._use(session, turn) else Seconds(int(turn.partition(".")[0]))
        account_id = session.account_id
        hashes = tuple(recovery_code_hash(self._keys, account_id, code) for code in self.proposed(session, turn))
        event = RecoveryCodesRenewed(origin=visitor.origin, account_id=account_id)
        return await self._authenticators.replace_recovery_codes(
            account_id, hashes, self._clock.now(), event, older_than=older_than
        )

    async def _use(self, session: Session, turn: str) -> bool:
        """Use the turn up: of any number of concurrent callers one does. A mark that may be forgotten is none."""
        shown_at, now = int(turn.partition(".")[0]), self._clock.now()
        named = sha256(f"{session.session_id}\n{turn}".encode()).hexdigest()
        count, since = await self._store.mark(
            f"codes-turn:{named}", now, Seconds(shown_at + LIFETIME + CLOCK_TOLERANCE)
        )
        return count == 1 and not (since and shown_at <= since + CLOCK_TOLERANCE)
