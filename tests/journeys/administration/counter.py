"""A counter with its officers: two of one agency, one of an agency under it, one elsewhere, and an identity admin."""

from dataclasses import dataclass

from idp.domain.enrolment.proofing import CounterCheck, ExceptionGround, Findings
from idp.domain.enrolment.self_registration import new_person, parse_applicant
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import Role
from idp.domain.people.identity_record import IdentityCard, IdentityRecord, NewPerson
from idp.domain.people.register_entry import LifeStatus, RegisterEntry
from idp.domain.records import AgencyRecord, OfficerRecord, PersonRecord, Records
from idp.journeys.activation import IssuedLinks
from idp.journeys.administration.administrator import Administrator, Administrators
from idp.journeys.administration.counter_cases import ProofingStores
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.handing_over import HandOver
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.merging import AccountMerges, Merging
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.proofing import Proofing
from idp.journeys.administration.proofing_exceptions import ProofingExceptions
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.recovery.counter import CounterCodes
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.ports.population_registry import PopulationRegistry
from tests.journeys.stage import ORIGIN, Stage
from tests.ports.samples import EVENT

WOMAN = "001199000011"
TWIN = "001199000012"
REMOTE = "001199000013"
FIRST, SECOND, BELOW, ELSEWHERE, ADMIN = (f"00108500010{number}" for number in range(1, 6))
USUAL = frozenset({CounterCheck.CARD, CounterCheck.CHIP, CounterCheck.PORTRAIT, CounterCheck.REGISTER})
CARD = IdentityCard(WOMAN, "2022-05-06", "2037-05-06")
PASSES = Findings(checks=USUAL, card=CARD)
LOST_CARD = Findings(
    checks=frozenset({CounterCheck.REGISTER, CounterCheck.FINGERPRINT}), ground=ExceptionGround.NO_CARD
)


def person(number: str, name: str, birthdate: str) -> PersonRecord:
    return PersonRecord(number, {"name": name, "birthdate": birthdate, "gender": "female"}, level=1)


def registered(password_hash: str, now: Seconds, email: str = "chi@example.vn") -> NewPerson:
    """Somebody who registered from afar, or says so, with the mailbox `email`."""
    applicant = parse_applicant(REMOTE, "Vũ Thị Chi", "1999-03-04", email)
    entry = RegisterEntry(REMOTE, "Vũ Thị Chi", "1999-03-04", "female", LifeStatus.ALIVE, IdentityCard(REMOTE))
    return new_person(applicant, entry, password_hash, "vi", now)


def _officer(number: str, agency: str, role: Role) -> OfficerRecord:
    return OfficerRecord(number, agency, "Cán bộ", (role.value,), f"o{number}@gov.example.vn")


@dataclass
class Counter:
    """The use cases on real stores, and who works there."""

    stage: Stage
    proofing: Proofing
    merging: Merging
    merges: AccountMerges
    exceptions: ProofingExceptions
    four_eyes: FourEyes
    first: Administrator
    second: Administrator
    below: Administrator
    elsewhere: Administrator
    admin: Administrator

    async def record(self, number: str = WOMAN) -> IdentityRecord:
        found = await self.stage.stores.identity_records.of_number(number)
        assert found is not None
        return found

    async def account(self, number: str = WOMAN) -> AccountId:
        found = await self.stage.stores.accounts.find(number)
        assert found is not None
        return found.account_id

    async def events(self) -> list[str]:
        return [record.name async for record in self.stage.stores.audit_log.records()]


async def make_counter(stage: Stage, register: PopulationRegistry | None = None) -> Counter:
    stores = stage.stores
    officers = (
        _officer(FIRST, "H26", Role.PROOFING_OFFICER),
        _officer(SECOND, "H26", Role.PROOFING_OFFICER),
        _officer(BELOW, "H26.01", Role.PROOFING_OFFICER),
        _officer(ELSEWHERE, "H27", Role.PROOFING_OFFICER),
        _officer(ADMIN, "G01", Role.IDENTITY_ADMIN),
    )
    people = [
        person(WOMAN, "Trần Thị Hoà", "1999-03-04"),
        person(TWIN, "Trần Thị Hòa", "1999-03-04"),
        *(
            person(officer.personal_number, f"Lê Văn {letter}", "1985-01-01")
            for officer, letter in zip(officers, "ABCDE", strict=True)
        ),
    ]
    agencies = (
        AgencyRecord("H26", "Công an Hà Nội", "province"),
        AgencyRecord("H26.01", "Công an phường Láng", "commune", "H26"),
        AgencyRecord("H27", "Công an Huế", "province"),
        AgencyRecord("G01", "Bộ Công an", "ministry"),
    )
    await stores.records.load(Records(agencies=agencies, people=tuple(people), officers=officers), EVENT)
    ports = ProofingStores(
        cases=stores.proofing_cases,
        records=stores.identity_records,
        accounts=stores.accounts,
        duplicates=stores.duplicates,
        changes=stores.change_requests,
        agencies=stores.agency_tree,
        audit=stores.audit_trail,
        looks=RecordLooks(stores.accounts, stores.record_accesses),
        budget=LookUpBudget(stage.throttling, stores.audit_trail, stage.clock),
        register=register,
    )
    own = OwnIdentity(stores.accounts, stores.duplicates)
    merges = AccountMerges(stores.accounts, stores.identity_records, stores.duplicates, own, stage.clock)
    exceptions = ProofingExceptions(stores.proofing_cases, stores.identity_records, own, stage.clock)
    four_eyes = FourEyes(
        stores.change_requests,
        [exceptions, merges],
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        stage.clock,
        stage.entropy,
        askers=Administrators(stores.accounts),
    )
    tokens = RecoveryTokens(stage.keys, stage.entropy)
    recovery = CounterCodes(stores.recoveries, stores.authenticators, tokens, stage.clock, stage.entropy)
    links = IssuedLinks(stores.activation_links, stage.clock, stage.entropy)
    over = HandOver(stage.codes, links, recovery, stores.own_contacts, stores.short_lived)
    proofing = Proofing(ports, four_eyes, over, stage.clock, stage.entropy)
    admitted = [await _admitted(stage, officer) for officer in officers]
    return Counter(
        stage,
        proofing,
        Merging(proofing.cases, merges, stores.duplicates, four_eyes),
        merges,
        exceptions,
        four_eyes,
        *admitted,
    )


async def _admitted(stage: Stage, officer: OfficerRecord) -> Administrator:
    account_id = await stage.stores.records.account_of(officer.username)
    assert account_id
    return Administrator(
        account_id=account_id,
        officer_id=officer.username,
        agency_code=officer.agency,
        roles=frozenset(Role(role) for role in officer.roles),
        origin=ORIGIN,
    )
