"""What `idp person guardian` records."""

from datetime import date

from idp.cli.opening import Provider
from idp.cli.person_work import find_account
from idp.cli.refusal import Refusal
from idp.domain.accounts.account import Account, AccountKind
from idp.domain.events import GuardianshipAsked, GuardianshipConfirmed
from idp.domain.people.ageing import level_at
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.representation.guardianship import (
    GUARDIAN_LEVEL,
    ChildStage,
    Guardianship,
    GuardianshipKind,
    day_of_birth,
    stage_of,
)
from idp.ports.authorities import WardDetails


async def record_guardianship(provider: Provider, ward: str, guardian: str, kind: GuardianshipKind) -> str:
    """Record that `guardian` is the guardian of `ward`, both by personal number; the guardianship's identifier.

    Raises `Refusal` when one of them is not known, the guardian is not proved at level 2, or a minor is 14 or older.
    """
    guarding, guarded = await _citizen(provider, guardian), await _citizen(provider, ward)
    record, child = await _record(provider, guarding), await _record(provider, guarded)
    if level_at(record, provider.clock.now()) < GUARDIAN_LEVEL or record.person_id == child.person_id:
        raise Refusal("this person cannot be the guardian", "a guardian is somebody else, proved at identity level 2")
    now, stores = provider.clock.now(), provider.stores
    born = _born(child)
    if kind is GuardianshipKind.MINOR and stage_of(born, now) is ChildStage.FROM_FOURTEEN:
        raise Refusal("the child is 14 or older", "give --kind ward for somebody without full capacity")
    details = WardDetails(child.personal_number, str(child.claims.get("name", "")), born)
    wanted, asked = (guarding.person_id, kind, None, None), ""
    for each in await stores.guardianships.of_person(guarding.person_id):
        known = each.guardianship
        if known.ward == guarded.person_id and known.guardian == guarding.person_id and known.is_in_force(born, now):
            return known.guardianship_id
        if (known.guardian, known.kind, known.confirmed_at, known.ended_at) == wanted and each.details == details:
            # The guardian asked for the same, or a run of this command that was stopped before it confirmed.
            asked = known.guardianship_id
    reference = asked or await _ask(provider, guarding, kind, details)
    confirmed = GuardianshipConfirmed(origin=provider.origin, account_id=guarding.account_id, guardianship_id=reference)
    await stores.guardianships.confirm(reference, guarded.person_id, now, confirmed)
    return reference


async def _ask(provider: Provider, guarding: Account, kind: GuardianshipKind, details: WardDetails) -> str:
    asked = Guardianship(provider.entropy.identifier(), kind, guarding.person_id, provider.clock.now())
    told = GuardianshipAsked(
        origin=provider.origin,
        account_id=guarding.account_id,
        guardianship_id=asked.guardianship_id,
        kind=kind.value,
    )
    await provider.stores.guardianships.ask(asked, details, told)
    return asked.guardianship_id


async def _citizen(provider: Provider, number: str) -> Account:
    account = await find_account(provider, number)
    if account.kind is not AccountKind.CITIZEN:
        raise Refusal("an officer's account is nobody's guardian", "give the personal number of the citizen's account")
    return account


async def _record(provider: Provider, account: Account) -> IdentityRecord:
    record = await provider.stores.identity_records.of_account(account.account_id)
    if record is None:
        raise Refusal("nothing is recorded about this person", "import the person first")
    return record


def _born(record: IdentityRecord) -> date:
    born = day_of_birth(record.claims.get("birthdate"))
    if born is None:
        raise Refusal("the ward's whole date of birth is not recorded", "correct the record first")
    return born
