"""Facts of sign-ins made from the audit trail, so that no request pays for what reports and dry runs need.

Whoever reads goes on where the last reader stopped: the position moves in the transaction that stores the facts, and a
fact is named by its record, so that nothing is counted twice and nothing is left out.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from idp.domain.accounts.account import AccountKind
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.events import (
    AuthorizationGranted,
    AuthorizationRefused,
    PasswordRefused,
    SecondFactorRefused,
    SessionStarted,
)
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import level_told_by
from idp.domain.sign_ins.sign_in_fact import Outcome, Shape, SignInFact
from idp.journeys.trail_reading import Projection, TrailReader
from idp.ports.audit import AuditLog
from idp.ports.sign_in_facts import SignInFacts

_OUTCOMES: Final = MappingProxyType(
    {
        SessionStarted.name: Outcome.SIGNED_IN,
        AuthorizationGranted.name: Outcome.GRANTED,
        AuthorizationRefused.name: Outcome.REFUSED,
        PasswordRefused.name: Outcome.PASSWORD_REFUSED,
        SecondFactorRefused.name: Outcome.SECOND_FACTOR_REFUSED,
    }
)

_payload: Final = msgspec.json.Decoder(dict[str, Any])


class SignInFactReader:
    """Reads the audit trail on."""

    def __init__(self, log: AuditLog, facts: SignInFacts) -> None:
        self._reader = TrailReader(log, Projection(facts.position, facts.add, fact_of, frozenset(_OUTCOMES)))

    async def read_on(self, may_go_on: Callable[[], bool]) -> int:
        """Read to the end, in steps, asking `may_go_on` before each; how many facts were stored."""
        return await self._reader.read_on(may_go_on)


def fact_of(record: AuditRecord) -> SignInFact | None:
    """Return the fact that a record tells, or None."""
    outcome = _OUTCOMES.get(record.name)
    if outcome is None:
        return None
    event: Mapping[str, Any] = _payload.decode(record.payload)["event"]
    shape = msgspec.convert(event["shape"], Shape) if event.get("shape") else None
    methods = tuple(event.get("amr") or ())
    return SignInFact(
        fact_id=f"{record.stream}:{record.sequence}",
        at=Seconds(record.at_milliseconds // 1000),
        outcome=outcome,
        client_id=event.get("client_id"),
        account_id=event.get("account_id"),
        account_kind=_kind(shape.kind if shape else event.get("account_kind")),
        error=event.get("error") or event.get("reason") or "",
        acr=event.get("acr") or "",
        level=shape.level if shape else level_told_by(methods),
        methods=methods,
        shape=shape,
    )


def _kind(told: str | None) -> AccountKind | None:
    return None if told is None else AccountKind(told)
