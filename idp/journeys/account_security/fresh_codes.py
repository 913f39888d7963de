"""Fresh recovery codes: shown first, and good from the moment when their owner says that they are kept.

Until then the old ones stay good, so that nobody who closes the page is left with codes that were never written down.
"""

from idp.domain.account import AuthenticatorKind
from idp.domain.events import RecoveryCodesRenewed
from idp.domain.ids import AccountId
from idp.domain.session import Session
from idp.journeys.recovery_codes import recovery_code_hash, recovery_codes
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Authenticators
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys


class FreshRecoveryCodes:
    """Whoever calls `renew` has seen that the person proved two factors a moment ago."""

    def __init__(self, authenticators: Authenticators, keys: SubjectKeys, clock: Clock) -> None:
        self._authenticators = authenticators
        self._keys = keys
        self._clock = clock

    async def left(self, account_id: AccountId) -> int | None:
        """How many codes are good still; None where the account never had any."""
        enrolled = await self._authenticators.enrolled(account_id)
        codes = [one for one in enrolled if one.kind is AuthenticatorKind.RECOVERY_CODES]
        return sum(one.remaining for one in codes) if codes else None

    def proposed(self, session: Session, turn: str) -> tuple[str, ...]:
        """The codes of one `turn` (a random word of the page): the same each time that it is shown."""
        return recovery_codes(self._keys, f"{session.session_id}\n{turn}", session.account_id)

    async def renew(self, session: Session, turn: str, visitor: Visitor) -> bool:
        """Let these codes take the place of all others; False when the account is gone."""
        account_id = session.account_id
        hashes = tuple(recovery_code_hash(self._keys, account_id, code) for code in self.proposed(session, turn))
        event = RecoveryCodesRenewed(origin=visitor.origin, account_id=account_id)
        return await self._authenticators.replace_recovery_codes(account_id, hashes, self._clock.now(), event)
