from asyncio import gather

from idp.domain.abuse.place import Place
from idp.domain.authenticators.phone_sign_in import LIFETIME, PhoneRequest, PhoneStage, Surroundings
from idp.domain.ids import AccountId, Seconds
from idp.journeys.phone_sign_in.requests import KEPT_AFTER, reference_of
from tests.journeys.phone_sign_in.desk import Desk

AN, BINH = AccountId("an"), AccountId("binh")
NUMBER = "number 47"  # longer than the two digits that it is: what is sealed may hold any two by chance
PLACE = Place("VN", "HN", "Hà Nội", 21.03, 105.85)


async def begun(desk: Desk, carried: str = "bits") -> PhoneRequest:
    now = desk.stage.clock.now()
    request = PhoneRequest(NUMBER, now, Seconds(now + LIFETIME), Surroundings("source-1", place=PLACE))
    await desk.requests.begin("attempt-1", carried, request)
    return request


async def test_the_attempt_finds_what_its_picture_carries_and_the_picture_its_request(desk: Desk) -> None:
    request = await begun(desk)
    now = desk.stage.clock.now()

    assert await desk.requests.carried_by("attempt-1", now) == "bits"
    assert await desk.requests.carried_by("attempt-2", now) is None
    loaded = await desk.requests.find(reference_of("bits"), now)
    assert loaded
    assert loaded.request == request
    assert await desk.requests.find(reference_of("other"), now) is None


async def test_what_lies_in_the_store_tells_neither_the_bits_nor_where_somebody_is(desk: Desk) -> None:
    await begun(desk, "the-bits-of-the-picture")
    now = desk.stage.clock.now()
    loaded = await desk.requests.find(reference_of("the-bits-of-the-picture"), now)

    assert loaded
    assert "the-bits-of-the-picture" not in loaded.reference
    assert "Hà Nội".encode() not in loaded.sealed.stored
    assert NUMBER.encode() not in loaded.sealed.stored


async def test_a_request_that_is_over_is_told_from_none_for_a_while(desk: Desk) -> None:
    await begun(desk)
    desk.stage.clock.advance(LIFETIME + KEPT_AFTER - 1)
    assert await desk.requests.find(reference_of("bits"), desk.stage.clock.now())
    desk.stage.clock.advance(1)
    assert await desk.requests.find(reference_of("bits"), desk.stage.clock.now()) is None


async def test_of_two_changes_of_what_was_read_one_counts(desk: Desk) -> None:
    request = await begun(desk)
    loaded = await desk.requests.find(reference_of("bits"), desk.stage.clock.now())
    assert loaded

    changed = [request.opened(account, "approval", Surroundings("b")) for account in (AN, BINH)]
    assert sorted(await gather(*(desk.requests.replace(loaded, one) for one in changed))) == [False, True]


async def test_of_fifty_claims_and_fifty_answers_at_once_one_of_each_counts(desk: Desk) -> None:
    await begun(desk)
    now = desk.stage.clock.now()
    loaded = await desk.requests.find(reference_of("bits"), now)
    assert loaded

    answers = await gather(*(desk.requests.begin_answer(loaded, now) for _ in range(50)))
    claims = await gather(*(desk.requests.claim(reference_of("bits"), now) for _ in range(50)))

    assert answers.count(True) == 1
    assert sum(claim is not None for claim in claims) == 1
    assert await desk.requests.claim(reference_of("bits"), now) is None


async def test_one_request_waits_for_a_person_and_only_while_it_is_open_and_the_persons(desk: Desk) -> None:
    request = (await begun(desk)).opened(AN, "approval", Surroundings("b"))
    now = desk.stage.clock.now()
    loaded = await desk.requests.find(reference_of("bits"), now)
    assert loaded
    await desk.requests.replace(loaded, request)
    for account in (AN, BINH):
        await desk.requests.wait_for(account, loaded.reference, request, now)

    found = await desk.requests.waiting_for(AN, now)
    assert found
    assert found.request == request
    assert await desk.requests.waiting_as(AN, "approval", now) == found
    assert await desk.requests.waiting_as(AN, "another", now) is None
    assert await desk.requests.waiting_for(BINH, now) is None
    assert await desk.requests.waiting_as(BINH, "approval", now) is None
    await desk.requests.replace(found, request.decided(PhoneStage.DENIED, now))
    assert await desk.requests.waiting_for(AN, now) is None
    assert await desk.requests.waiting_as(AN, "approval", now) is None
