import itertools

from idp.domain.clients.claims_policy import LegalBasis
from idp.domain.events import ClaimsReleased
from idp.domain.ids import AccountId, ClientId, GrantId
from idp.journeys.releases import ReleaseReader
from idp.journeys.trail_reading import BATCH
from tests.journeys.stage import ORIGIN, Stage

PORTAL = ClientId("portal")


def released(account_id: AccountId, *claims: str, terms: str | None = None) -> ClaimsReleased:
    return ClaimsReleased(
        origin=ORIGIN,
        client_id=PORTAL,
        account_id=account_id,
        grant_id=GrantId("g"),
        at="userinfo",
        claims=claims,
        basis=LegalBasis.LAW,
        terms=terms,
    )


async def test_what_left_is_found_by_the_person_a_moment_later_and_counted_once(stage: Stage) -> None:
    stores, account_id = stage.stores, await stage.account_id()
    reader = ReleaseReader(stores.audit_log, stores.releases)
    await stores.audit_trail.record(released(account_id, "name", terms="v1"), released(account_id))
    await stores.audit_trail.record(released(account_id, "name", terms="v1"))

    assert await reader.read_on(lambda: True) == 2
    assert await reader.read_on(lambda: True) == 0
    (found,) = await stores.releases.of_account(account_id, "", 10)
    assert (found.client_id, found.claims, found.basis, found.terms, found.count) == (PORTAL, ("name",), "law", "v1", 2)


async def test_a_reader_that_lost_its_turn_stops_and_the_next_goes_on_where_it_was(stage: Stage) -> None:
    stores, account_id = stage.stores, await stage.account_id()
    await stores.audit_trail.record(*(released(account_id, "name") for _ in range(2 * BATCH)))
    turns = itertools.chain([True], itertools.repeat(False))

    first = await ReleaseReader(stores.audit_log, stores.releases).read_on(lambda: next(turns))
    second = await ReleaseReader(stores.audit_log, stores.releases).read_on(lambda: True)

    assert 0 < first <= BATCH
    assert first + second == 2 * BATCH
    (found,) = await stores.releases.of_account(account_id, "", 10)
    assert found.count == 2 * BATCH
