"""The contract of `SignInFacts`."""

import asyncio
from dataclasses import replace

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, AccountKind
from idp.domain.grants.detail_outline import DetailOutline
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.sign_ins.sign_in_fact import KEPT, Outcome, Shape, SignInFact
from idp.ports.sign_in_facts import Dimension, Period, ShapeCount
from tests.ports.samples import NOW

SHAPE = Shape(
    kind=AccountKind.CITIZEN,
    scopes=("openid", "dossier.write"),
    details=(DetailOutline("payment_initiation", ("initiate",), "VND", 1_000_000),),
    asked_level=Level.ONE,
    asked_resistance=Resistance.NONE,
    level=Level.TWO,
    resistance=Resistance.NONE,
    youth=300,
    silent=False,
)
EVER = Period(Seconds(0), Seconds(NOW * 2))
EVERYTHING = frozenset(Outcome)


def fact(number: int, **changes: object) -> SignInFact:
    value = SignInFact(
        fact_id=f"main:{number}",
        at=Seconds(NOW + number),
        outcome=Outcome.GRANTED,
        client_id=ClientId("portal"),
        account_id=AccountId("account-1"),
        account_kind=AccountKind.CITIZEN,
        acr="urn:vn:loa:2",
        level=Level.TWO,
        methods=("pwd", "otp", "mfa"),
        shape=SHAPE,
    )
    return replace(value, **changes)  # type: ignore[arg-type]


async def test_facts_and_position_move_together(stores: Stores) -> None:
    facts = stores.sign_in_facts
    assert await facts.position("main") == 0
    assert await facts.add("main", 0, 10, [fact(3), fact(7)])
    assert (await facts.position("main"), await facts.position("other")) == (10, 0)
    assert not await facts.add("main", 0, 10, [fact(4)])
    assert not await facts.add("main", 9, 20, [fact(12)])
    assert await facts.add("main", 10, 20, [])
    assert await facts.counts((), EVER, EVERYTHING) == (((), 2),)


async def test_of_many_readers_at_once_one_stores(stores: Stores) -> None:
    first = await asyncio.gather(*(stores.sign_in_facts.add("main", 0, 5, [fact(number)]) for number in range(20)))
    assert sum(first) == 1
    then = await asyncio.gather(*(stores.sign_in_facts.add("main", 5, 9, [fact(30 + number)]) for number in range(20)))
    assert sum(then) == 1
    assert await stores.sign_in_facts.counts((), EVER, EVERYTHING) == (((), 2),)


async def test_counts_are_told_apart_by_what_is_asked(stores: Stores) -> None:
    refused = fact(1, outcome=Outcome.REFUSED, error="access_denied", client_id=None, shape=None)
    later = fact(3_700, client_id=ClientId("gateway"), level=Level.ONE, methods=("pwd",))
    await stores.sign_in_facts.add("main", 0, 9, [fact(0), fact(2), refused, later])
    hour = NOW - NOW % 3600
    granted = frozenset({Outcome.GRANTED})
    by_hour = await stores.sign_in_facts.counts((Dimension.HOUR, Dimension.CLIENT), EVER, granted)
    assert by_hour == (((hour, "portal"), 2), (((NOW + 3_700) // 3600 * 3600, "gateway"), 1))
    methods = await stores.sign_in_facts.counts((Dimension.METHODS, Dimension.LEVEL), EVER, granted)
    assert methods == ((("mfa otp pwd", 2), 2), (("pwd", 1), 1))
    errors = await stores.sign_in_facts.counts((Dimension.OUTCOME, Dimension.ERROR, Dimension.KIND), EVER, EVERYTHING)
    assert errors == ((("granted", "", "citizen"), 3), (("refused", "access_denied", "citizen"), 1))
    assert await stores.sign_in_facts.counts((), Period(Seconds(NOW), Seconds(NOW + 2)), granted) == (((), 1),)


async def test_what_was_granted_is_counted_by_shape_and_second_factor(stores: Stores, account: Account) -> None:
    known = fact(1, account_id=account.account_id)
    silent = fact(2, shape=replace(SHAPE, silent=True, youth=None))
    old = fact(4, shape=None)
    refused = fact(5, outcome=Outcome.REFUSED)
    await stores.sign_in_facts.add(
        "main", 0, 9, [known, fact(3), replace(known, fact_id="main:6"), silent, old, refused]
    )
    counted = await stores.sign_in_facts.shapes(EVER)
    portal = ClientId("portal")
    assert set(counted) == {
        ShapeCount(portal, SHAPE, second_factor=True, count=2),
        ShapeCount(portal, SHAPE, second_factor=False, count=1),
        ShapeCount(portal, replace(SHAPE, silent=True, youth=None), second_factor=False, count=1),
    }


async def test_facts_are_swept_when_their_time_is_over(stores: Stores) -> None:
    await stores.sign_in_facts.add("main", 0, 9, [fact(0), fact(10 * 86_400)])
    await stores.housekeeping.sweep(Seconds(NOW + KEPT + 2 * 86_400), 100)
    assert await stores.sign_in_facts.counts((), EVER, EVERYTHING) == (((), 1),)
