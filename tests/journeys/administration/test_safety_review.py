import pytest

from idp.domain.events import (
    AccountActivated,
    AccountRecovered,
    ContactChanged,
    Event,
    PasskeyAdded,
    PasswordChanged,
    SessionStarted,
)
from idp.domain.ids import AccountId, PasskeyId, SessionId
from idp.domain.offices.administration import Role
from idp.domain.offices.change_request import ChangeRequest
from idp.journeys.account_security.history import SecurityHistoryReader
from idp.journeys.activation import token_hash
from idp.journeys.administration.safety_review import FRESH, LOOKS_BACK, MOST, SafetyReview, SafetyReviews
from tests.journeys.administration.office import AN, DAY, Office, admin
from tests.journeys.stage import ORIGIN

CUONG = "cuong@g10.example.vn"
AGENCY = admin("agency", "G10", Role.AGENCY_ADMIN)


class Desk:
    """Reviews of one officer's account, and what happens to it."""

    def __init__(self, office: Office, account_id: AccountId) -> None:
        self.office = office
        self.account_id = account_id
        stores = office.stage.stores
        self.reviews = SafetyReviews(stores.officers, stores.security_history, office.stage.clock)

    async def happened(self, *events: Event) -> None:
        stores = self.office.stage.stores
        await stores.audit_trail.record(*events)
        await SecurityHistoryReader(stores.audit_log, stores.security_history).read_on(lambda: True)

    async def asked(self) -> ChangeRequest:
        change_id = await self.office.roles.ask(AGENCY, self.account_id, frozenset({"agency_admin"}))
        change = await self.office.stage.stores.change_requests.get(change_id)
        assert change
        return change

    async def review(self, change: ChangeRequest) -> SafetyReview:
        found = await self.reviews.of_change(change)
        assert found
        return found

    async def before_asking(self) -> SafetyReview:
        return await self.reviews.of_officer(await self.office.officer(self.account_id))


@pytest.fixture
async def desk(office: Office) -> Desk:
    return Desk(office, (await office.named(CUONG)).account_id)


async def test_the_decider_is_told_what_happened_before_roles_were_asked_for(desk: Desk) -> None:
    clock, account_id = desk.office.stage.clock, desk.account_id
    moments = []
    for event in (
        AccountRecovered(origin=ORIGIN, account_id=account_id, way="passkey", reset=("password",)),
        PasswordChanged(origin=ORIGIN, account_id=account_id),
        ContactChanged(origin=ORIGIN, account_id=account_id, kind="email", change_id="c"),
        SessionStarted(
            origin=ORIGIN, account_id=account_id, session_id=SessionId("s"), acr="", amr=("pwd",), stepped_up=False
        ),
    ):
        await desk.happened(event)
        moments.append(clock.now())
        clock.advance(60)
    review = await desk.review(await desk.asked())
    told = [(event.name, event.at) for event in review.happened]
    assert told == [
        (ContactChanged.name, moments[2]),
        (PasswordChanged.name, moments[1]),
        (AccountRecovered.name, moments[0]),
    ]
    assert review.taken_over_at == moments[0]
    assert not review.outdated


async def test_a_takeover_is_fresh_for_a_week_and_told_for_a_month(desk: Desk) -> None:
    clock = desk.office.stage.clock
    await desk.happened(AccountActivated(origin=ORIGIN, account_id=desk.account_id))
    at = clock.now()
    clock.advance(FRESH - 1)
    assert (await desk.before_asking()).taken_over_at == at
    clock.advance(1)
    review = await desk.before_asking()
    assert review.taken_over_at is None
    assert [event.at for event in review.happened] == [at]
    clock.advance(LOOKS_BACK - FRESH + 1)
    assert (await desk.before_asking()).happened == ()


async def test_a_link_that_was_used_counts_before_the_history_tells_of_it(desk: Desk) -> None:
    office = desk.office
    one = await office.named(CUONG)
    await office.officers.keep_roles(AGENCY, one.account_id, one.version, frozenset())
    token = (await office.officers.reset(AGENCY, one.account_id)).rpartition("/")[2]
    links, clock = office.stage.stores.activation_links, office.stage.clock
    assert await links.redeem(token_hash(token), "hash", clock.now(), ORIGIN)
    review = await desk.before_asking()
    assert (review.taken_over_at, review.happened) == (clock.now(), ())


async def test_what_an_approval_would_be_refused_for_is_told_before(desk: Desk) -> None:
    office = desk.office
    one = await office.named(CUONG)
    await office.officers.keep_roles(AGENCY, one.account_id, one.version, frozenset())
    token = (await office.officers.reset(AGENCY, one.account_id)).rpartition("/")[2]
    change = await desk.asked()
    assert not (await desk.review(change)).outdated
    assert await office.stage.stores.activation_links.redeem(token_hash(token), "hash", office.now, ORIGIN)
    review = await desk.review(change)
    assert (review.outdated, review.taken_over_at) == (True, office.now)


async def test_many_changes_hide_no_takeover(desk: Desk) -> None:
    await desk.happened(AccountActivated(origin=ORIGIN, account_id=desk.account_id))
    desk.office.stage.clock.advance(1)
    added = PasskeyAdded(
        origin=ORIGIN, account_id=desk.account_id, passkey_id=PasskeyId("p"), method="swk", synced=True, aaguid=""
    )
    await desk.happened(*[added] * (MOST + 5))
    review = await desk.before_asking()
    assert review.taken_over_at
    assert review.happened[-1].name == AccountActivated.name
    assert len(review.happened) == MOST + 1


async def test_what_is_decided_or_about_no_officers_account_is_not_reviewed(desk: Desk) -> None:
    change = await desk.asked()
    desk.office.stage.clock.advance(7 * DAY)
    assert await desk.reviews.of_change(change) is None
    other = ChangeRequest(
        change_id="c",
        kind="keys.rotate",
        subject=AN,
        version="",
        payload={},
        agency_code="G10",
        asked_by=AGENCY.account_id,
        asked_at=desk.office.now,
        expires_at=change.expires_at,
    )
    assert await desk.reviews.of_change(other) is None
