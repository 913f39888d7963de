"""Releases of claims read from the audit trail, so that no sign-in pays for what people see of them later."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.clients.claims_policy import LegalBasis
from idp.domain.events import ClaimsReleased
from idp.domain.grants.release import Release
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.journeys.trail_reading import Projection, TrailReader
from idp.ports.audit import AuditLog
from idp.ports.releases import Releases

_payload: Final = msgspec.json.Decoder(dict[str, Any])


class ReleaseReader:
    """Reads the audit trail on."""

    def __init__(self, log: AuditLog, releases: Releases) -> None:
        projection = Projection(releases.position, releases.add, release_of, frozenset({ClaimsReleased.name}))
        self._reader = TrailReader(log, projection)

    async def read_on(self, may_go_on: Callable[[], bool]) -> int:
        """Read to the end, in steps, asking `may_go_on` before each; how many releases were counted."""
        return await self._reader.read_on(may_go_on)


def release_of(record: AuditRecord) -> Release | None:
    """Return the release that a record tells, or None: answers without claims about the person are none."""
    if record.name != ClaimsReleased.name:
        return None
    event = _payload.decode(record.payload)["event"]
    if not event["claims"]:
        return None
    at = Seconds(record.at_milliseconds // 1000)
    return Release(
        account_id=AccountId(event["account_id"]),
        client_id=ClientId(event["client_id"]),
        endpoint=event["at"],
        claims=tuple(event["claims"]),
        # Records of earlier releases of the provider do not say.
        basis=event.get("basis") or LegalBasis.CONSENT.value,
        terms=event.get("terms"),
        first_at=at,
        last_at=at,
    )
