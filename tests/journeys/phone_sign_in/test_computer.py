from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.authenticators.phone_sign_in import LIFETIME, PhoneStage
from idp.domain.clients.client import ClientAudience
from idp.domain.events import AccountLocked
from idp.domain.grants.grant import RevocationReason
from idp.domain.levels.assurance import Level, Method
from idp.journeys.attempt import AttemptChangedError
from idp.journeys.next_step import Step
from idp.journeys.phone_sign_in.computer import TIME_TO_FINISH
from idp.journeys.phone_sign_in.requests import reference_of
from idp.journeys.refusals import AccountLockedError, CitizensOnlyError, NotAllowedYetError
from idp.journeys.throttling import SlowDownError
from tests.flows.provider import PASSWORD
from tests.journeys.phone_sign_in.desk import PHONE_ORIGIN, Desk
from tests.journeys.stage import AN, BINH, OFFICER, ORIGIN, VISITOR


async def test_a_yes_is_one_proof_of_possession_and_says_who_it_is(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    await desk.allowed(loaded, phone)
    desk.stage.clock.advance(5)

    moved = await desk.computer.finish(loaded, VISITOR)

    assert moved.attempt.account_id == phone.account.account_id
    (proof,) = moved.attempt.proofs
    assert (proof.method, proof.at) == (Method.PHONE, desk.stage.clock.now() - 5)
    assert await desk.stage.sign_in.step(moved.attempt) is Step.PASSWORD, "level 2 takes another factor"
    assert '"first_factor":true' in (await desk.stage.events("phone_sign_in.used"))[0].replace(" ", "")


async def test_beside_a_password_a_yes_is_the_second_factor(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.stage.with_password()
    await desk.allowed(loaded, phone)

    moved = await desk.computer.finish(loaded, VISITOR)

    assert {proof.method for proof in moved.attempt.proofs} == {Method.PASSWORD, Method.PHONE}
    assert await desk.stage.sign_in.step(moved.attempt) is Step.DONE
    session = await desk.stage.sign_in.complete(moved, None, VISITOR)
    assert session
    assert session.session.level is Level.TWO


async def test_of_fifty_refreshes_at_once_one_takes_the_proof(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    await desk.allowed(loaded, phone)

    outcomes = await gather(*(desk.computer.finish(loaded, VISITOR) for _ in range(50)), return_exceptions=True)

    refused = [one for one in outcomes if isinstance(one, NotAllowedYetError | AttemptChangedError)]
    assert len(refused) == 49
    assert len(await desk.stage.events("phone_sign_in.used")) == 1


async def test_before_the_yes_there_is_nothing_to_take(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(loaded, VISITOR)
    picture = await desk.picture(loaded)
    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(loaded, VISITOR)
    approval = await desk.opened(picture, phone)
    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(loaded, VISITOR)
    await desk.phone.deny(approval, PHONE_ORIGIN)
    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(loaded, VISITOR)


async def test_another_attempt_cannot_take_what_this_one_asked_for(desk: Desk) -> None:
    """Whoever photographed the picture has no browser that it belongs to."""
    phone, loaded, other = await desk.session(), await desk.attempt(), await desk.attempt()
    await desk.allowed(loaded, phone)

    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(other, VISITOR)


async def test_a_yes_is_good_for_a_minute_at_least_and_not_much_longer_than_the_picture(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    picture = await desk.picture(loaded)
    approval = await desk.opened(picture, phone)
    desk.stage.clock.advance(LIFETIME - 1)
    await desk.phone.allow(approval, picture.request.number, phone, PHONE_ORIGIN)
    desk.stage.clock.advance(TIME_TO_FINISH - 1)
    assert (await desk.computer.finish(loaded, VISITOR)).attempt.proofs

    late = await desk.attempt()
    await desk.allowed(late, await desk.session())
    desk.stage.clock.advance(LIFETIME)
    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(late, VISITOR)


async def test_an_account_that_is_locked_meanwhile_does_not_get_in(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    await desk.allowed(loaded, phone)
    await lock(desk)

    with pytest.raises(AccountLockedError):
        await desk.computer.finish(loaded, VISITOR)
    (event,) = await desk.stage.events("phone_sign_in.refused")
    assert "AccountLockedError" in event
    assert phone.account.account_id in event


async def lock(desk: Desk) -> None:
    """Lock the account of An, as an operator does."""
    account_id = await desk.stage.account_id()
    event = AccountLocked(origin=ORIGIN, account_id=account_id, locked=True, reason="")
    await desk.stage.stores.accounts.set_locked(
        account_id, locked=True, now=desk.stage.clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=event
    )


async def test_signing_out_everywhere_takes_the_yes_back(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    await desk.allowed(loaded, phone)
    desk.stage.clock.advance(2)
    await desk.stage.sessions.end_everywhere(phone, ORIGIN)

    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(loaded, VISITOR)
    assert "over" in (await desk.stage.events("phone_sign_in.refused"))[0]


async def test_signing_the_phone_out_takes_its_yes_back_and_no_other(desk: Desk) -> None:
    phone, other = await desk.session(), await desk.session()
    first, second = await desk.attempt(), await desk.attempt()
    await desk.allowed(first, phone)
    await desk.allowed(second, other)
    await desk.stage.sessions.end(phone, "signed_out", ORIGIN)

    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(first, VISITOR)
    assert "over" in (await desk.stage.events("phone_sign_in.refused"))[0]
    assert (await desk.computer.finish(second, VISITOR)).attempt.account_id == other.account.account_id


async def test_a_phone_that_proved_more_meanwhile_is_still_the_one_that_said_yes(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    await desk.allowed(loaded, phone)
    moved = await desk.stage.sessions.step_up(phone, phone.session.proofs)

    assert (await desk.computer.finish(loaded, VISITOR)).attempt.account_id == moved.account.account_id


async def test_a_yes_that_a_node_of_the_release_before_took_counts_by_the_account_alone(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    picture = await desk.allowed(loaded, phone)
    stored = await desk.requests.find(reference_of(picture.carried), desk.stage.clock.now())
    assert stored
    assert stored.request.answered_in == phone.session.session_id
    assert await desk.requests.replace(stored, replace(stored.request, answered_in=None))
    await desk.stage.sessions.end(phone, "signed_out", ORIGIN)

    assert (await desk.computer.finish(loaded, VISITOR)).attempt.account_id == phone.account.account_id


async def test_who_typed_another_password_meanwhile_is_not_signed_in_by_it(desk: Desk) -> None:
    phone, loaded = await desk.session(BINH), await desk.attempt()
    await desk.allowed(loaded, phone)
    moved = await desk.stage.password.submit(loaded, AN, PASSWORD, VISITOR)

    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(moved, VISITOR)


async def test_a_new_picture_takes_the_place_of_the_old_one(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    await desk.allowed(loaded, phone)
    await desk.picture(loaded)

    with pytest.raises(NotAllowedYetError):
        await desk.computer.finish(loaded, VISITOR)


async def test_the_number_has_two_digits_and_is_not_always_the_same(desk: Desk) -> None:
    pictures = [await desk.picture(await desk.attempt()) for _ in range(20)]

    assert all(10 <= int(picture.request.number) <= 99 for picture in pictures)
    assert len({picture.request.number for picture in pictures}) > 5
    assert all(len(picture.carried) == 43 for picture in pictures)


async def test_pictures_of_one_attempt_are_bounded(desk: Desk) -> None:
    loaded = await desk.attempt()
    for _ in range(6):
        await desk.picture(loaded)

    with pytest.raises(SlowDownError):
        await desk.picture(loaded)
    await desk.picture(await desk.attempt())


async def test_the_computer_sees_how_far_its_request_came(desk: Desk) -> None:
    phone, loaded = await desk.session(), await desk.attempt()
    assert await desk.computer.stage(loaded.attempt) is None
    picture = await desk.picture(loaded)
    assert await desk.computer.stage(loaded.attempt) is PhoneStage.WAITING
    approval = await desk.opened(picture, phone)
    assert await desk.computer.stage(loaded.attempt) is PhoneStage.OPENED
    await desk.phone.deny(approval, PHONE_ORIGIN)
    assert await desk.computer.stage(loaded.attempt) is PhoneStage.DENIED
    await desk.picture(loaded)
    desk.stage.clock.advance(LIFETIME)
    assert await desk.computer.stage(loaded.attempt) is None


async def test_an_officer_at_a_service_that_became_one_for_citizens_does_not_get_in(desk: Desk) -> None:
    phone, loaded = await desk.session(OFFICER[0]), await desk.attempt()
    await desk.allowed(loaded, phone)
    for_citizens = await desk.stage.attempts.advance(loaded, replace(loaded.attempt, audience=ClientAudience.CITIZEN))

    with pytest.raises(CitizensOnlyError):
        await desk.computer.finish(for_citizens, VISITOR)
