from asyncio import gather
from dataclasses import replace
from typing import Any, cast

import pytest

from idp.domain.accounts.account import Account
from idp.domain.authenticators.new_password import RefusedPassword
from idp.domain.levels.assurance import Level, Method
from idp.journeys.account_security.own_password import FRESH, OwnPassword, OwnPasswordParts, SessionOverError
from idp.journeys.refusals import WrongCredentialsError
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError
from idp.ports.accounts import Accounts
from tests.flows.provider import PASSWORD
from tests.journeys.stage import AN, BINH, VISITOR, Stage
from tests.ports.samples import EVENT

NEW = "bốn con chim sẻ trên cành tre"


def own_password(stage: Stage) -> OwnPassword:
    return OwnPassword(
        OwnPasswordParts(
            accounts=stage.stores.accounts,
            authenticators=stage.stores.authenticators,
            sign_in=stage.sign_in,
            passwords=stage.passwords,
            hasher=stage.hasher,
            throttling=stage.throttling,
            devices=stage.devices,
            audit=stage.stores.audit_trail,
            clock=stage.clock,
        )
    )


async def with_two_factors(stage: Stage) -> CurrentSession:
    loaded = await stage.with_password()
    moved = await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), VISITOR)
    current = await stage.sign_in.complete(moved, None, VISITOR)
    assert current
    return current


async def test_every_session_ends_but_the_browser_that_asked_goes_on_in_a_new_one(stage: Stage) -> None:
    other, this = await stage.signed_in(), await stage.signed_in()
    stage.clock.advance(60)

    changed = await own_password(stage).change(this, PASSWORD, NEW, VISITOR)

    assert changed
    assert changed.session.session_id != this.session.session_id
    assert await stage.sessions.current(changed.token)
    assert [await stage.sessions.known(each.token) for each in (other, this)] == [None, None]
    await stage.signed_in(AN, NEW)
    with pytest.raises(WrongCredentialsError):
        await stage.signed_in(AN, PASSWORD)
    assert len(await stage.events("password.changed")) == 1


async def test_of_two_changes_at_once_one_happens_and_the_other_s_session_is_over(stage: Stage) -> None:
    passwords = own_password(stage)
    owner, thief = await stage.signed_in(), await stage.signed_in()
    wanted = ("một mật khẩu thật dài của chủ", "một mật khẩu thật dài của kẻ trộm")
    changes = (
        passwords.change(current, PASSWORD, new, VISITOR) for current, new in zip((owner, thief), wanted, strict=True)
    )
    answers = await gather(*changes, return_exceptions=True)

    assert sorted(isinstance(answer, SessionOverError) for answer in answers) == [False, True]
    first = next(index for index, answer in enumerate(answers) if not isinstance(answer, SessionOverError))
    stored = (await stage.account()).password_hash
    assert await stage.hasher.verify(stored, wanted[first], known_device=True)


async def test_a_sign_out_everywhere_right_after_the_change_ends_the_session_of_whoever_changed_it_too(
    stage: Stage,
) -> None:
    current = await stage.signed_in()

    class EndedAtOnce:
        """The accounts, where somebody ends all sessions the moment that the change is there."""

        def __getattr__(self, name: str) -> object:
            return getattr(stage.stores.accounts, name)

        async def change_password(self, *given: Any, **named: Any) -> Account | None:
            changed = await stage.stores.accounts.change_password(*given, **named)
            await stage.stores.accounts.end_all_sessions(current.account.account_id, stage.clock.now(), EVENT)
            return changed

    parts = replace(own_password(stage)._parts, accounts=cast("Accounts", EndedAtOnce()))
    assert await OwnPassword(parts).change(current, PASSWORD, NEW, VISITOR) is None


async def test_a_browser_that_was_trusted_is_trusted_no_more(stage: Stage) -> None:
    current = await with_two_factors(stage)
    cookie = stage.devices.remember(current.account.account_id, current.session.level, None)
    visitor = replace(VISITOR, device=cookie)
    assert await stage.trust.trust(current, visitor)
    assert await stage.trust.is_trusted(current.account, visitor)
    stage.clock.advance(5)
    await own_password(stage).change(current, "", NEW, visitor)
    assert not await stage.trust.is_trusted(await stage.account(), visitor)


async def test_what_was_proved_stays_proved_with_its_moment_and_the_typed_one_is_proved_now(stage: Stage) -> None:
    current = await with_two_factors(stage)
    began = stage.clock.now()
    stage.clock.advance(FRESH + 1)
    changed = await own_password(stage).change(current, PASSWORD, NEW, VISITOR)
    assert changed
    assert changed.session.level is Level.TWO
    assert {proof.method: proof.at for proof in changed.session.proofs} == {
        Method.PASSWORD: stage.clock.now(),
        Method.ONE_TIME_CODE: began,
    }


async def test_the_old_one_is_asked_for_unless_two_factors_were_proved_a_moment_ago(stage: Stage) -> None:
    own, current = own_password(stage), await with_two_factors(stage)
    assert not await own.asks_for_the_old(current)
    assert await own.asks_for_the_old(await stage.signed_in())
    stage.clock.advance(FRESH + 1)
    assert await own.asks_for_the_old(current)


async def test_two_factors_are_taken_of_whoever_has_a_second_one(stage: Stage) -> None:
    own = own_password(stage)
    assert await own.takes_two_factors(await stage.signed_in(AN))
    assert not await own.takes_two_factors(await stage.signed_in(BINH))


async def test_a_wrong_one_is_recorded_and_tries_run_out(stage: Stage) -> None:
    own, current = own_password(stage), await stage.signed_in()
    tries = await gather(*(own.change(current, "wrong", NEW, VISITOR) for _ in range(50)), return_exceptions=True)
    kinds = {type(outcome) for outcome in tries}
    assert kinds == {WrongCredentialsError, SlowDownError}
    refused = [outcome for outcome in tries if isinstance(outcome, WrongCredentialsError)]
    assert len(await stage.events("password.refused")) == len(refused)
    assert await stage.sessions.current(current.token)


async def test_the_one_in_use_and_one_that_is_soon_guessed_change_nothing(stage: Stage) -> None:
    own, current = own_password(stage), await stage.signed_in()
    changed = await own.change(current, PASSWORD, NEW, VISITOR)
    assert changed
    for new, code in ((NEW, "password_same"), ("matkhaumatkhau123", "password_common")):
        with pytest.raises(RefusedPassword) as refused:
            await own.change(changed, NEW, new, VISITOR)
        assert refused.value.code == code
    assert await stage.sessions.current(changed.token)
    assert len(await stage.events("password.changed")) == 1
