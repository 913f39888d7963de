import pytest

from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.domain.clients.client import ClientAudience
from idp.domain.events import AccountLocked
from idp.domain.grants.grant import RevocationReason
from idp.domain.levels.assurance import Level, Method
from idp.journeys.refusals import (
    AccountLockedError,
    CitizensOnlyError,
    OfficersOnlyError,
    RefusedError,
    WrongCredentialsError,
)
from idp.journeys.throttling import SlowDownError
from idp.ports.keys import BusyError
from idp.setting_forms import Argon2Parameters
from tests.flows.provider import PASSWORD
from tests.journeys.stage import AN, BINH, OFFICER, ORIGIN, VISITOR, Stage


async def refusal(stage: Stage, username: str, password: str, **demand: object) -> type[Exception]:
    with pytest.raises(RefusedError) as refused:
        await stage.password.submit(await stage.begin(**demand), username, password, VISITOR)  # type: ignore[arg-type]
    return refused.type


async def test_a_right_password_is_a_proof(stage: Stage) -> None:
    attempt = (await stage.with_password()).attempt

    assert [proof.method for proof in attempt.proofs] == [Method.PASSWORD]
    assert attempt.account_id == await stage.account_id()
    (event,) = await stage.events("password.accepted")
    assert AN not in event


@pytest.mark.parametrize(
    ("username", "password"),
    [
        (AN, "wrong"),
        (AN, ""),
        (AN, f"{PASSWORD} "),
        (AN, PASSWORD.upper()),
        (AN, f"{PASSWORD}\x00"),
        (AN, "x" * 5000),
        ("001099999999", PASSWORD),
        ("", PASSWORD),
        ("\x00", PASSWORD),
        ("x" * 5000, PASSWORD),
        (BINH.replace("@", "＠"), PASSWORD),
    ],
)
async def test_whatever_else_is_typed_is_refused_in_the_same_words(stage: Stage, username: str, password: str) -> None:
    assert await refusal(stage, username, password) is WrongCredentialsError
    assert len(await stage.events("password.refused")) == 1


async def test_an_obstacle_is_told_only_with_the_right_password(stage: Stage) -> None:
    citizens, officers = ClientAudience.CITIZEN, ClientAudience.OFFICER

    assert await refusal(stage, *OFFICER, audience=citizens) is CitizensOnlyError
    assert await refusal(stage, OFFICER[0], "wrong", audience=citizens) is WrongCredentialsError
    assert await refusal(stage, AN, PASSWORD, audience=officers) is OfficersOnlyError
    assert await refusal(stage, AN, "wrong", audience=officers) is WrongCredentialsError


async def test_a_locked_account_is_refused(stage: Stage) -> None:
    account_id = await stage.account_id()
    event = AccountLocked(origin=ORIGIN, account_id=account_id, locked=True, reason="")
    await stage.stores.accounts.set_locked(
        account_id, locked=True, now=stage.clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=event
    )

    assert await refusal(stage, AN, PASSWORD) is AccountLockedError
    assert await refusal(stage, AN, "wrong") is WrongCredentialsError


async def test_a_hash_of_older_parameters_is_made_anew(stage: Stage) -> None:
    before = (await stage.account()).password_hash
    assert before
    stage.password._hasher = stronger = Argon2PasswordHasher(Argon2Parameters(memory=16, passes=1, lanes=1))

    await stage.with_password()

    after = (await stage.account()).password_hash
    assert after != before
    await stage.with_password()
    assert (await stage.account()).password_hash == after
    stronger.close()


async def test_where_there_is_no_room_nothing_is_written_and_no_try_is_used_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = await stage.begin()
    hasher = stage.password._hasher
    taken: list[object] = []

    async def take(*throttles: object) -> None:
        taken.append(throttles)

    def no_room(*, known_device: bool) -> None:
        raise BusyError(7)

    with monkeypatch.context() as full:
        full.setattr(stage.password._guard._throttling, "take", take)
        full.setattr(hasher, "check_room", no_room)
        with pytest.raises(BusyError):
            await stage.password.submit(loaded, AN, PASSWORD, VISITOR)
    assert taken == []
    assert (await stage.password.submit(loaded, AN, PASSWORD, VISITOR)).attempt.proofs


async def test_somebody_else_starts_with_nothing_proved(stage: Stage) -> None:
    session = await stage.signed_in()
    loaded = await stage.begin(current=session)
    assert loaded.attempt.base_proofs

    attempt = (await stage.password.submit(loaded, BINH, PASSWORD, VISITOR)).attempt

    assert attempt.account_id == await stage.account_id(BINH)
    assert attempt.base_proofs == ()
    assert attempt.base_session is None
    assert len(attempt.proofs) == 1


async def test_the_same_person_keeps_what_was_proved(stage: Stage) -> None:
    loaded = await stage.second_factor.submit_one_time_code(await stage.with_password(), stage.one_time_code(), VISITOR)

    attempt = (await stage.password.submit(loaded, AN, PASSWORD, VISITOR)).attempt

    assert {proof.method for proof in attempt.proofs} == {Method.PASSWORD, Method.ONE_TIME_CODE}


async def test_a_throttled_try_is_refused_before_it_is_looked_at(stage: Stage) -> None:
    loaded = await stage.begin(Level.ONE)
    for _ in range(20):
        with pytest.raises(WrongCredentialsError):
            await stage.password.submit(loaded, AN, "wrong", VISITOR)

    with pytest.raises(SlowDownError):
        await stage.password.submit(loaded, AN, PASSWORD, VISITOR)
    assert "throttled" in (await stage.events("password.refused"))[-1]
