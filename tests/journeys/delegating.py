"""Mandates and guardianships on the stage, with an organisation and a child."""

from dataclasses import dataclass
from datetime import date

from idp.domain.accounts.account import Account
from idp.domain.country_time import day_of
from idp.domain.ids import ClientId
from idp.domain.records import OrganisationRecord, PersonRecord, Records
from idp.domain.representation.mandate import Function, Mandate
from idp.domain.representation.principal import SELF
from idp.journeys.guardianship import GuardianJourney
from idp.journeys.known_person import KnownPeople
from idp.journeys.mandates import Draft, MandateJourney
from tests.journeys.stage import AN, ORIGIN, Stage
from tests.ports.samples import EVENT

TAX_CODE = "0100109106"
DUNG, CHILD = "001088000010", "001215000009"
PORTAL = ClientId("portal")
OFFERED = frozenset({PORTAL})
LAST = date(2027, 1, 1)


@dataclass
class Delegating:
    """The journeys, and the accounts of An (who represents the organisation with Dũng) and Dũng."""

    stage: Stage
    people: KnownPeople
    mandates: MandateJourney
    guardians: GuardianJourney
    an: Account
    dung: Account

    def draft(self, **changes: object) -> Draft:
        today = day_of(self.stage.clock.now())
        wanted: dict[str, object] = {
            "giver": SELF,
            "holder_number": DUNG,
            "holder_name": "Phạm Văn Dũng",
            "services": OFFERED,
            "functions": frozenset({Function.SUBMIT}),
            "first": today,
            "last": LAST,
        }
        return Draft(**(wanted | changes))  # type: ignore[arg-type]

    async def given(self, **changes: object) -> Mandate:
        return await self.mandates.propose(self.an, self.draft(**changes), OFFERED, ORIGIN)


async def make_delegating(stage: Stage) -> Delegating:
    people = (
        PersonRecord(DUNG, {"name": "Phạm Văn Dũng", "birthdate": "1988-02-03"}, level=2, email="dung@example.vn"),
        PersonRecord(CHILD, {"name": "Nguyễn Thị Bé", "birthdate": "2015-03-04"}),
    )
    organisation = OrganisationRecord(TAX_CODE, "Công ty Bình Minh", (AN, DUNG))
    stores, clock, entropy = stage.stores, stage.clock, stage.entropy
    await stores.records.load(Records(people=people, organisations=(organisation,)), EVENT)
    known = KnownPeople(stores.identity_records, stores.short_lived, clock)
    return Delegating(
        stage=stage,
        people=known,
        mandates=MandateJourney(stores.mandates, stores.organisations, known, stores.audit_trail, clock, entropy),
        guardians=GuardianJourney(stores.guardianships, known, stores.audit_trail, clock, entropy),
        an=await stage.account(AN),
        dung=await stage.account(DUNG),
    )
