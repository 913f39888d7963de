"""Looking at people's records: for a purpose and a case, and never without a trace that the person sees."""

from collections.abc import Sequence

from idp.domain.events import RecordsSeen
from idp.domain.ids import PersonId, Seconds
from idp.domain.people.record_access import (
    Purpose,
    RecordAccess,
    RefusedReference,
    Seen,
    access_identifier,
    parse_reference,
)
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError, NotAllowedError
from idp.ports.accounts import Accounts
from idp.ports.record_accesses import RecordAccesses


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why somebody looks: a purpose of the fixed list, the reference of a case, and since when.

    `name` tells occasions apart: within one, looking at the same once more is the same look.
    """

    name: str
    purpose: Purpose
    reference: str
    at: Seconds


def told_purpose(purpose: str, reference: str) -> tuple[Purpose, str]:
    """Return purpose and reference as they were typed. Raises `InvalidEntryError`."""
    if purpose not in set(Purpose):
        raise InvalidEntryError("purpose", "missing")
    try:
        return Purpose(purpose), parse_reference(reference)
    except RefusedReference as refused:
        raise InvalidEntryError("reference", refused.code) from None


class RecordLooks:
    """Leaves the traces. What is seen may be shown once this has returned."""

    def __init__(self, accounts: Accounts, accesses: RecordAccesses) -> None:
        self._accounts = accounts
        self._accesses = accesses

    async def leave(
        self, admin: Administrator, people: Sequence[PersonId], occasion: Occasion, seen: Sequence[Seen]
    ) -> None:
        """Keep that the officer saw `seen` of each of `people`. Raises `NotAllowedError` for who holds no post."""
        if not people:
            return
        profile = await self._accounts.profile(admin.account_id)
        if profile is None or profile.officer is None:
            raise NotAllowedError
        post = profile.officer
        accesses = [
            RecordAccess(
                access_id=access_identifier(occasion.at, occasion.name, person_id, seen),
                person_id=person_id,
                officer=admin.account_id,
                officer_id=admin.officer_id,
                agency_code=admin.agency_code,
                agency_name=post.agency_name,
                position=post.position,
                at=occasion.at,
                purpose=occasion.purpose,
                reference=occasion.reference,
                seen=tuple(seen),
            )
            for person_id in people
        ]
        event = RecordsSeen(
            origin=admin.origin,
            account_id=admin.account_id,
            agency_code=admin.agency_code,
            purpose=occasion.purpose.value,
            seen=tuple(each.value for each in seen),
            people=tuple(people),
        )
        await self._accesses.record_all(accesses, event)
