"""What a person is shown of a session: where and by what browser it was begun; the session itself lies elsewhere."""

from idp.domain.abuse.browser_kind import BrowserKind
from idp.domain.ids import AccountId, Seconds, SessionId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """One session of an account.

    `store_key` names the session in the short-lived store; it is made from a hash of the cookie and changes with it.
    `source` is the pseudonym of the address that it was begun from (`Origin.source`), `place` the name of the
    place that the address lies in, None where nothing is known about it. The session cannot outlive `expires_at`.
    """

    session_id: SessionId
    account_id: AccountId
    store_key: str
    browser: BrowserKind
    source: str
    place: str | None
    started_at: Seconds
    expires_at: Seconds
