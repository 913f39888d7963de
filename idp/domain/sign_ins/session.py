"""A browser's session at the provider."""

from idp.domain.accounts.account import AccountKind
from idp.domain.ids import AccountId, Seconds, SessionId
from idp.domain.levels.assurance import Level, Proof, Resistance, authentication_time, level_of, resistance_of
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in on a browser, and what was proved.

    `expires_at` is the absolute end; `idle_expires_at` the end if nobody comes back. Tokens issued without
    `offline_access` end with the session.
    """

    session_id: SessionId
    account_id: AccountId
    account_kind: AccountKind
    proofs: tuple[Proof, ...]
    created_at: Seconds
    idle_expires_at: Seconds
    expires_at: Seconds

    @property
    def level(self) -> Level:
        """The authentication level that this session's proofs support."""
        return level_of(self.proofs)

    @property
    def resistance(self) -> Resistance:
        """What the session's proofs are worth against phishing."""
        return resistance_of(self.proofs)

    @property
    def authenticated_at(self) -> Seconds:
        """`auth_time` of this session."""
        return authentication_time(self.proofs)
