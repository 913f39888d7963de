from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.ids import AccountId, PasskeyId, Seconds
from idp.domain.levels.assurance import Method, Proof, Resistance
from idp.domain.sign_ins.session import Session
from idp.journeys.account_security.own_authenticators import OwnAuthenticator
from idp.journeys.account_security.removals import APART, Removals
from tests.journeys.account_security.test_own_authenticators import own_of, with_one_of_each
from tests.journeys.stage import VISITOR, Stage
from tests.ports.samples import EVENT


async def removals_of(stage: Stage) -> Removals:
    return Removals(await own_of(stage), stage.stores.short_lived, stage.clock)


async def proved(stage: Stage, *methods: Method) -> Session:
    current = await stage.signed_in()
    return replace(current.session, proofs=tuple(Proof(method, stage.clock.now()) for method in methods))


async def second_passkey(stage: Stage, account_id: AccountId) -> None:
    (first,) = await stage.stores.passkeys.of_account(account_id)
    second = replace(first, passkey_id=PasskeyId("passkey-2"), credential_id=b"another")
    assert await stage.stores.passkeys.add(second, EVENT)


@pytest.mark.parametrize(
    ("methods", "asked"),
    [
        ((Method.PASSWORD, Method.ONE_TIME_CODE), (Resistance.NONE, Resistance.NONE, Resistance.HARDWARE_PROTECTED)),
        ((Method.PASSKEY,), (Resistance.NONE, Resistance.NONE, Resistance.HARDWARE_PROTECTED)),
        ((Method.PASSWORD, Method.CERTIFICATE), (Resistance.NONE,) * 3),
    ],
)
async def test_nothing_weaker_removes_what_is_stronger_than_all_that_remains(
    stage: Stage, methods: tuple[Method, ...], asked: tuple[Resistance, ...]
) -> None:
    account_id = await with_one_of_each(stage)
    removals, session = await removals_of(stage), await proved(stage, *methods)
    everything = await (await own_of(stage)).of(account_id)
    assert tuple([await removals.guarded(session, one) for one in everything]) == asked
    for one, resistance in zip(everything, asked, strict=True):
        stage.clock.advance(APART)
        assert await removals.asked(session, one) is resistance


async def test_of_two_that_each_rely_on_the_other_one_is_removed_without_its_proof(stage: Stage) -> None:
    account_id = await with_one_of_each(stage)
    await second_passkey(stage, account_id)
    own = await own_of(stage, cards=False)
    removals = Removals(own, stage.stores.short_lived, stage.clock)
    session = await proved(stage, Method.PASSWORD, Method.ONE_TIME_CODE)
    first, second, _ = await own.of(account_id)

    async def remove(one: OwnAuthenticator) -> bool:
        if await removals.asked(session, one):
            return False
        return await own.remove(account_id, one, VISITOR)

    done = await gather(*(remove(one) for one in (first, second) * 25))

    assert done.count(True) == 1
    stage.clock.advance(APART)
    left, _ = await own.of(account_id)
    assert await removals.asked(session, left) is Resistance.PHISHING_RESISTANT


async def test_a_card_that_has_run_out_proves_nothing_and_is_removed_without_it(stage: Stage) -> None:
    account_id = await with_one_of_each(stage)
    stage.clock.advance(101)
    *_, card = await (await own_of(stage)).of(account_id)
    assert card.ends_at == Seconds(stage.clock.at - 1)
    session = await proved(stage, Method.PASSWORD, Method.ONE_TIME_CODE)
    assert await (await removals_of(stage)).asked(session, card) is Resistance.NONE
