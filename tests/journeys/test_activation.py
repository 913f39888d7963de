import pytest

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.authenticators.new_password import RefusedPassword
from idp.domain.clients.client import ClientAudience
from idp.domain.events import AccountLocked, LockEnded
from idp.domain.levels.assurance import Level, Method
from idp.journeys.activation import Activation, IssuedLinks, LinkEndedError
from idp.journeys.next_step import Step
from tests.journeys.stage import BROWSER, OFFICER, ORIGIN, VISITOR, Stage

CHOSEN = "bốn con chim sẻ trên cành"


def activation(stage: Stage) -> Activation:
    stores = stage.stores
    return Activation(
        stores.activation_links, stage.attempts, stores.accounts, stage.passwords, stage.floods, stage.clock
    )


async def issued(stage: Stage) -> str:
    path = await IssuedLinks(stage.stores.activation_links, stage.clock, stage.entropy).issue(
        await stage.account_id(OFFICER[0]), ORIGIN
    )
    return path.rpartition("/")[2]


async def test_the_link_and_the_password_are_proof_enough_to_enrol(stage: Stage) -> None:
    attempt = await activation(stage).choose_password(await issued(stage), CHOSEN, BROWSER, VISITOR)

    assert (attempt.level, attempt.audience, attempt.return_to) == (Level.TWO, ClientAudience.OFFICER, "/admin")
    assert [proof.method for proof in attempt.proofs] == [Method.PASSWORD]
    assert await stage.sign_in.step(attempt) is Step.ENROL
    assert attempt.account_id
    account = await stage.stores.accounts.get(attempt.account_id)
    assert account
    assert attempt.valid_from == account.sessions_valid_from > stage.clock.now()
    assert await stage.attempts.load(attempt.attempt_id, "another browser") is None


async def test_neither_token_nor_password_is_in_the_record(stage: Stage) -> None:
    token = await issued(stage)
    await activation(stage).choose_password(token, CHOSEN, BROWSER, VISITOR)
    told = [*await stage.events("activation_link.made"), *await stage.events("account.activated")]
    assert len(told) == 2
    assert token not in str(told)
    assert CHOSEN not in str(told)


async def test_an_unknown_link_is_refused_and_recorded(stage: Stage) -> None:
    with pytest.raises(LinkEndedError):
        await activation(stage).look("unknown", VISITOR)
    with pytest.raises(LinkEndedError):
        await activation(stage).choose_password("\udc80", CHOSEN, BROWSER, VISITOR)
    (first, second) = await stage.events("activation_link.refused")
    assert "unknown" in str(first)
    assert "unknown" in str(second)


async def test_a_refused_password_uses_nothing_up(stage: Stage) -> None:
    token = await issued(stage)
    with pytest.raises(RefusedPassword):
        await activation(stage).choose_password(token, "ngắn", BROWSER, VISITOR)
    await activation(stage).choose_password(token, CHOSEN, BROWSER, VISITOR)


async def test_the_page_of_a_locked_account_s_link_is_gone_until_the_lock_ends(stage: Stage) -> None:
    token = await issued(stage)
    account_id, ground = await stage.account_id(OFFICER[0]), LockGround.SUSPENDED
    locks, now = stage.stores.account_locks, stage.clock.now()
    locked = AccountLocked(origin=ORIGIN, account_id=account_id, locked=True, reason="")
    await locks.open(account_id, NewLock(ground=ground), now, locked)
    with pytest.raises(LinkEndedError):
        await activation(stage).look(token, VISITOR)
    assert "ended" in str(await stage.events("activation_link.refused"))
    await locks.end(account_id, ground, "", now, LockEnded(origin=ORIGIN, account_id=account_id, ground=ground.value))
    assert (await activation(stage).look(token, VISITOR)).account_id == account_id
