from asyncio import gather

import pytest

from idp.domain.abuse.place import Place
from idp.domain.authenticators.phone_sign_in import FRESHNESS, LIFETIME, Closeness, Nearness, PhoneStage
from idp.domain.clients.client import ClientAudience
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.domain.levels.assurance import Method
from idp.journeys.phone_sign_in.phone import PhoneApproval
from idp.journeys.phone_sign_in.refusals import (
    OtherAccountError,
    OtherKindError,
    ProveMoreError,
    RequestOverError,
    TooFarApartError,
    WrongNumberError,
)
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from tests.journeys.phone_sign_in.desk import PHONE, PHONE_ORIGIN, Desk
from tests.journeys.stage import AN, BINH, Stage

HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)
VIENTIANE = Place("LA", "VT", "Vientiane", 17.97, 102.6)


def wrong(number: str) -> str:
    """Another number of two digits."""
    return "10" if number != "10" else "11"


async def stage_of(desk: Desk, approval: PhoneApproval) -> PhoneStage:
    loaded = await desk.requests.find(approval.loaded.reference, desk.stage.clock.now())
    assert loaded
    return loaded.request.stage


async def test_the_right_number_allows_and_leaves_the_list(desk: Desk) -> None:
    phone = await desk.session()
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, phone)

    await desk.phone.allow(approval, picture.request.number, phone, PHONE_ORIGIN)

    assert await stage_of(desk, approval) is PhoneStage.ALLOWED
    assert await desk.phone.of(phone.account.account_id) is None
    (event,) = await desk.stage.events("phone_sign_in.allowed")
    assert phone.account.account_id in event
    assert picture.carried not in event
    assert approval.approval_id not in event


async def test_nobody_is_told_yes_where_the_computer_would_refuse_it(desk: Desk) -> None:
    """Everything was ended after the picture was opened; the person signed in again, and the question still stands."""
    phone, loaded = await desk.session(), await desk.attempt()
    picture = await desk.picture(loaded)
    approval = await desk.opened(picture, phone)
    desk.stage.clock.advance(2)
    await desk.stage.sessions.end_everywhere(phone, PHONE_ORIGIN)
    again = await desk.session()

    with pytest.raises(RequestOverError):
        await desk.phone.allow(approval, picture.request.number, again, PHONE_ORIGIN)

    assert await desk.stage.events("phone_sign_in.allowed") == []
    assert "over" in (await desk.stage.events("phone_sign_in.refused"))[0]
    assert await stage_of(desk, approval) is PhoneStage.OPENED


async def test_a_wrong_number_ends_the_request_at_the_first_try(desk: Desk) -> None:
    phone = await desk.session()
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, phone)

    with pytest.raises(WrongNumberError):
        await desk.phone.allow(approval, wrong(picture.request.number), phone, PHONE_ORIGIN)
    with pytest.raises(RequestOverError):
        await desk.phone.allow(approval, picture.request.number, phone, PHONE_ORIGIN)

    assert await stage_of(desk, approval) is PhoneStage.WRONG_NUMBER
    assert await desk.phone.of(phone.account.account_id) is None
    assert "wrong_number" in (await desk.stage.events("phone_sign_in.refused"))[0]


async def test_wrong_numbers_are_bounded_for_each_person_and_right_ones_are_not(desk: Desk) -> None:
    phone = await desk.session()
    for _ in range(3):
        picture = await desk.picture(await desk.attempt())
        approval = await desk.opened(picture, phone)
        with pytest.raises(WrongNumberError):
            await desk.phone.allow(approval, wrong(picture.request.number), phone, PHONE_ORIGIN)
    picture = await desk.picture(await desk.attempt())
    with pytest.raises(SlowDownError):
        await desk.phone.allow(await desk.opened(picture, phone), picture.request.number, phone, PHONE_ORIGIN)

    other = await desk.session(BINH)
    for _ in range(5):
        await desk.allowed(await desk.attempt(), other)


async def test_a_no_ends_the_request(desk: Desk) -> None:
    phone = await desk.session()
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, phone)

    await desk.phone.deny(approval, PHONE_ORIGIN)

    assert await stage_of(desk, approval) is PhoneStage.DENIED
    with pytest.raises(RequestOverError):
        await desk.phone.allow(approval, picture.request.number, phone, PHONE_ORIGIN)
    assert "denied" in (await desk.stage.events("phone_sign_in.refused"))[0]


async def test_of_fifty_answers_at_once_one_counts(desk: Desk) -> None:
    phone = await desk.session()
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, phone)

    outcomes = await gather(*(desk.phone.deny(approval, PHONE_ORIGIN) for _ in range(50)), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, RequestOverError) for outcome in outcomes) == 49
    assert len(await desk.stage.events("phone_sign_in.refused")) == 1


async def test_a_number_that_came_after_another_answer_costs_no_try(desk: Desk) -> None:
    phone = await desk.session()
    for _ in range(3):
        picture = await desk.picture(await desk.attempt())
        approval = await desk.opened(picture, phone)
        outcomes = await gather(
            *(desk.phone.allow(approval, picture.request.number, phone, PHONE_ORIGIN) for _ in range(2)),
            return_exceptions=True,
        )
        assert [type(each) for each in outcomes if each] == [RequestOverError]

    await desk.allowed(await desk.attempt(), phone)


async def test_of_many_numbers_typed_at_once_one_is_looked_at(desk: Desk) -> None:
    """Somebody who guesses has one try, however fast."""
    phone = await desk.session()
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, phone)
    numbers = [str(number) for number in range(10, 60)]

    outcomes = await gather(
        *(desk.phone.allow(approval, number, phone, PHONE_ORIGIN) for number in numbers), return_exceptions=True
    )

    looked_at = [outcome for outcome in outcomes if outcome is None or isinstance(outcome, WrongNumberError)]
    assert len(looked_at) == 1


async def test_whoever_opens_first_is_the_one_who_answers(desk: Desk) -> None:
    first, second = await desk.session(), await desk.session(BINH)
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, first)

    with pytest.raises(RequestOverError):
        await desk.opened(picture, second)
    assert await desk.phone.get(second.account.account_id, approval.approval_id) is None
    assert (await desk.opened(picture, first)).approval_id == approval.approval_id


async def test_of_two_people_who_open_at_once_one_has_it(desk: Desk) -> None:
    phones = await desk.session(), await desk.session(BINH)
    picture = await desk.picture(await desk.attempt())

    outcomes = await gather(
        *(desk.phone.open(picture.carried, phone, PHONE) for phone in phones), return_exceptions=True
    )

    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, RequestOverError) for outcome in outcomes) == 1


async def test_a_computer_that_knows_whom_it_signs_in_takes_no_other_phone(desk: Desk) -> None:
    picture = await desk.picture(await desk.stage.with_password())

    with pytest.raises(OtherAccountError):
        await desk.opened(picture, await desk.session(BINH))
    assert (await desk.opened(picture, await desk.session())).request.account_id == await desk.stage.account_id(AN)


async def test_a_citizens_phone_does_not_open_what_is_for_officers(desk: Desk) -> None:
    picture = await desk.picture(await desk.attempt(ClientAudience.OFFICER))

    with pytest.raises(OtherKindError):
        await desk.opened(picture, await desk.session())
    assert "audience" in (await desk.stage.events("phone_sign_in.refused"))[0]


@pytest.mark.parametrize("carried", ["", "x", "A" * 43])
async def test_a_picture_that_never_was_is_over(desk: Desk, carried: str) -> None:
    with pytest.raises(RequestOverError):
        await desk.phone.open(carried, await desk.session(), PHONE)


async def test_a_request_is_over_after_three_minutes(desk: Desk) -> None:
    phone = await desk.session()
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, phone)
    desk.stage.clock.advance(LIFETIME)

    assert await desk.phone.of(phone.account.account_id) is None
    assert await desk.phone.get(phone.account.account_id, approval.approval_id) is None
    with pytest.raises(RequestOverError):
        await desk.opened(picture, phone)


@pytest.mark.parametrize("methods", [(Method.PASSWORD,), (Method.PASSWORD, Method.PHONE), (Method.PHONE,)])
async def test_what_was_proved_elsewhere_or_by_a_password_alone_answers_for_nobody(
    desk: Desk, methods: tuple[Method, ...]
) -> None:
    phone = await desk.session(AN, *methods)
    picture = await desk.picture(await desk.attempt())
    approval = await desk.opened(picture, phone)

    with pytest.raises(ProveMoreError):
        await desk.phone.allow(approval, picture.request.number, phone, PHONE_ORIGIN)
    assert await stage_of(desk, approval) is PhoneStage.OPENED


async def test_a_phone_that_was_put_down_proves_itself_again(desk: Desk) -> None:
    phone = await desk.session()
    desk.stage.clock.advance(FRESHNESS - 1)
    assert desk.phone.has_proved_enough(phone)
    desk.stage.clock.advance(1)
    assert not desk.phone.has_proved_enough(phone)


async def test_no_other_picture_takes_the_place_of_the_one_that_waits(desk: Desk) -> None:
    phone = await desk.session()
    first = await desk.opened(await desk.picture(await desk.attempt()), phone)
    second = await desk.opened(await desk.picture(await desk.attempt()), phone)

    waiting = await desk.phone.of(phone.account.account_id)
    assert waiting
    assert waiting.approval_id == first.approval_id
    for one in (first, second):
        assert await desk.phone.get(phone.account.account_id, one.approval_id) == one
    await desk.phone.deny(first, PHONE_ORIGIN)
    assert await desk.phone.get(phone.account.account_id, first.approval_id) is None
    assert await desk.phone.get(phone.account.account_id, second.approval_id) == second
    third = await desk.opened(await desk.picture(await desk.attempt()), phone)
    assert await desk.phone.of(phone.account.account_id) == third


async def test_pictures_that_one_person_opens_are_bounded(desk: Desk) -> None:
    phone = await desk.session()
    for _ in range(10):
        with pytest.raises(RequestOverError):
            await desk.phone.open("unknown", phone, PHONE)
    with pytest.raises(SlowDownError):
        await desk.phone.open("unknown", phone, PHONE)


def standing(source: str, place: Place | None = None) -> Visitor:
    """Whoever sends requests from there."""
    return Visitor(Origin(RequestId("request"), source), "vi", place=place)


@pytest.mark.parametrize(
    ("closeness", "phone", "opens"),
    [
        (Closeness.ANY, standing("far", VIENTIANE), True),
        (Closeness.SAME_COUNTRY, standing("far", VIENTIANE), False),
        (Closeness.SAME_COUNTRY, standing("far"), False),
        (Closeness.SAME_COUNTRY, standing("far", HANOI), True),
        (Closeness.SAME_CONNECTION, standing("far", HANOI), False),
        (Closeness.SAME_CONNECTION, standing("here"), True),
    ],
)
async def test_an_operator_may_demand_that_both_devices_are_close(
    stage: Stage, closeness: Closeness, phone: Visitor, opens: bool
) -> None:
    desk = Desk(stage, closeness)
    attempt, session = await desk.attempt(), await desk.session()
    picture = await desk.computer.begin(attempt.attempt, standing("here", HANOI))

    if opens:
        await desk.phone.open(picture.carried, session, phone)
    else:
        with pytest.raises(TooFarApartError):
            await desk.phone.open(picture.carried, session, phone)
        assert "apart" in (await stage.events("phone_sign_in.refused"))[0]


async def test_the_event_tells_how_the_devices_lie_to_each_other_and_no_place(desk: Desk) -> None:
    phone = await desk.session()
    approval = await desk.opened(await desk.picture(await desk.attempt()), phone)

    (event,) = await desk.stage.events("phone_sign_in.opened")
    assert approval.nearness is Nearness.UNKNOWN
    assert "unknown" in event
