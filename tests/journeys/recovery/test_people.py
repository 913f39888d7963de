from dataclasses import replace

import pytest

from idp.domain.accounts.recovery import BOTH, COOLING_OFF, LADDER, RecoveryState, Veto, Way
from idp.domain.enrolment.activation_link import ActivationLink
from idp.journeys.activation import IssuedLinks, token_hash
from idp.journeys.recovery.tokens import UnknownTokenError
from tests.journeys.recovery.scene import HELPERS, Scene
from tests.journeys.stage import AN, BINH, BROWSER, VISITOR


async def asked(scene: Scene, identifier: str = AN) -> str:
    """The owner's token."""
    held = await scene.proving.begin(identifier, BOTH, BROWSER, VISITOR)
    token = await scene.people.ask(held, VISITOR)
    await scene.errands.settle()
    return token


async def with_helpers(scene: Scene) -> None:
    for helper in HELPERS:
        await scene.trust(await scene.owner(), await scene.stage.account(helper))


async def test_half_of_the_people_are_not_enough(scene: Scene) -> None:
    await with_helpers(scene)
    request = await scene.people.look(await asked(scene))
    assert (request.needed, request.way) == (2, Way.PEOPLE)


@pytest.mark.parametrize("identifier", [BINH, "001199999999"])
async def test_who_trusts_nobody_gets_the_same_answer_and_nothing_comes_of_it(scene: Scene, identifier: str) -> None:
    request = await scene.people.look(await asked(scene, identifier))
    assert request.account_id is None
    assert request.state(scene.stage.clock.now()) is RecoveryState.WAITING
    assert scene.messages.told == []


async def test_a_stranger_s_token_shows_nothing(scene: Scene) -> None:
    await with_helpers(scene)
    request = await scene.people.look(await asked(scene))
    for token in (request.request_id, scene.tokens.stop(request.request_id), scene.tokens.way_back("another")):
        with pytest.raises(UnknownTokenError):
            await scene.people.look(token)


async def test_nobody_comes_back_before_the_cooling_off_is_over(scene: Scene) -> None:
    await with_helpers(scene)
    token = await asked(scene)
    request = await scene.people.look(token)
    with pytest.raises(UnknownTokenError):
        await scene.people.come_back(token)
    for helper in HELPERS[:2]:
        account = await scene.stage.account(helper)
        await scene.helping.confirm(account, request.request_id, scene.tokens.spoken(request.request_id), VISITOR)
    scene.stage.clock.advance(COOLING_OFF - 1)
    with pytest.raises(UnknownTokenError):
        await scene.people.come_back(token)
    scene.stage.clock.advance(1)
    assert (await scene.people.come_back(token)).complete is Way.PEOPLE


async def test_somebody_else_s_request_is_nobody_s_to_stop(scene: Scene) -> None:
    await with_helpers(scene)
    request = await scene.people.look(await asked(scene))
    other = await scene.stage.account(BINH)
    assert not await scene.people.stop_by_owner(other, VISITOR)
    assert await scene.people.stop_by_link(scene.tokens.stop(request.request_id), VISITOR)
    assert not await scene.people.stop_by_link(scene.tokens.stop(request.request_id), VISITOR)
    (stopped,) = await scene.stage.events("recovery.stopped")
    assert '"veto":"contact"' in stopped


@pytest.mark.parametrize("by", ["link", "owner"])
async def test_a_link_and_the_owner_stop_what_strangers_began_too(scene: Scene, by: str) -> None:
    await with_helpers(scene)
    tokens = [await asked(scene) for _ in range(3)]
    owner, first = await scene.owner(), await scene.people.look(tokens[0])
    if by == "link":
        assert await scene.people.stop_by_link(scene.tokens.stop(first.request_id), VISITOR)
    else:
        assert await scene.people.stop_by_owner(owner, VISITOR)
    assert {(await scene.people.look(token)).ended for token in tokens} == {RecoveryState.STOPPED}
    assert len(await scene.stage.events("recovery.stopped")) == 1


async def test_who_stops_a_request_and_how_long_it_waits_is_what_the_ladder_says(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = LADDER[Way.PEOPLE]
    for veto in (Veto.CONTACT, Veto.HELPER):
        ladder = {**LADDER, Way.PEOPLE: replace(rule, vetoed_by=rule.vetoed_by - {veto}, cooling_off=60)}
        monkeypatch.setattr("idp.journeys.recovery.people.LADDER", ladder)
        monkeypatch.setattr("idp.journeys.recovery.helping.LADDER", ladder)
        await with_helpers(scene)
        token = await asked(scene)
        request = await scene.people.look(token)
        helper = (await scene.stage.account(HELPERS[2])).account_id
        by_link = await scene.people.stop_by_link(scene.tokens.stop(request.request_id), VISITOR)
        assert by_link == (veto is not Veto.CONTACT)
        assert await scene.people.stop_by_helper(request, VISITOR, helper) == (veto is Veto.CONTACT)
    request = await scene.people.look(await asked(scene))
    for name in HELPERS[:2]:
        account = await scene.stage.account(name)
        await scene.helping.confirm(account, request.request_id, scene.tokens.spoken(request.request_id), VISITOR)
    found = await scene.stage.stores.recoveries.get(request.request_id)
    assert found is not None
    assert found.ready_at == scene.stage.clock.now() + 60


async def handed_out(scene: Scene) -> ActivationLink:
    stage, owner = scene.stage, await scene.owner()
    links = IssuedLinks(stage.stores.activation_links, stage.clock, stage.entropy)
    path = await links.issue(owner.account_id, VISITOR.origin)
    link = await stage.stores.activation_links.find(token_hash(path.rpartition("/")[2]))
    assert link
    return link


@pytest.mark.parametrize("by", ["link", "owner"])
async def test_the_owner_stops_an_activation_link_that_nobody_used_and_all_else(scene: Scene, by: str) -> None:
    await with_helpers(scene)
    token, link, owner = await asked(scene), await handed_out(scene), await scene.owner()
    stop = scene.tokens.stop(link.reference)
    if by == "link":
        assert await scene.people.stop_by_link(stop, VISITOR)
    else:
        assert await scene.people.stop_by_owner(owner, VISITOR)

    links, now = scene.stage.stores.activation_links, scene.stage.clock.now()
    assert await links.redeem(link.token_hash, "hash", now, VISITOR.origin) is None
    assert (await scene.people.look(token)).ended is RecoveryState.STOPPED
    (stopped,) = await scene.stage.events("recovery.stopped")
    assert owner.account_id in stopped
    assert not await scene.people.stop_by_link(stop, VISITOR)
    assert len(await scene.stage.events("recovery.stopped")) == 1


@pytest.mark.parametrize("change", ["x", "0", ".", "\udcff", "9" * 400])
async def test_nobody_makes_up_what_stops_a_link(scene: Scene, change: str) -> None:
    link = await handed_out(scene)
    reference, _, tag = scene.tokens.stop(link.reference).rpartition(".")
    for forged in (f"{reference}{change}.{tag}", f"{change}{reference}.{tag}", f"{reference}.{change}{tag}", reference):
        with pytest.raises(UnknownTokenError):
            await scene.people.stop_by_link(forged, VISITOR)
    assert await scene.stage.stores.activation_links.find(link.token_hash) == link
