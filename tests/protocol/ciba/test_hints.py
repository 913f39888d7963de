from dataclasses import replace

import pytest

from idp.domain.clients.client import ClientAudience
from idp.protocol.ciba.hints import HINTS, Hints
from idp.protocol.decoupled.errors import MissingHintError, UnknownUserIdError
from idp.protocol.errors import InvalidRequestError
from tests.protocol.world import CITIZEN, PORTAL, World


@pytest.fixture
def hints(world: World) -> Hints:
    return Hints(world.stores.accounts)


@pytest.mark.parametrize("hint", [CITIZEN.personal_number, "anh@example.vn", " ANH@example.vn "])
async def test_a_person_is_named_by_whatever_he_or_she_signs_in_with(hints: Hints, world: World, hint: str) -> None:
    assert (await hints.resolve(PORTAL, {"login_hint": hint})).account_id == world.citizen


async def test_an_officer_is_named_by_the_user_name(hints: Hints, world: World) -> None:
    assert (await hints.resolve(PORTAL, {"login_hint": "binh@g10.example.vn"})).account_id == world.officer


@pytest.mark.parametrize("hint", ["", "001099999999", "nobody@example.vn", "\x01", "x" * 400, "not an identifier"])
async def test_a_hint_that_names_nobody_has_one_answer(hints: Hints, hint: str) -> None:
    with pytest.raises(UnknownUserIdError):
        await hints.resolve(PORTAL, {"login_hint": hint})


async def test_who_is_locked_or_not_of_the_clients_audience_cannot_be_asked(hints: Hints, world: World) -> None:
    officers = replace(PORTAL, audience=ClientAudience.OFFICER)
    with pytest.raises(UnknownUserIdError):
        await hints.resolve(officers, {"login_hint": CITIZEN.personal_number})
    await world.lock()
    with pytest.raises(UnknownUserIdError):
        await hints.resolve(PORTAL, {"login_hint": CITIZEN.personal_number})


@pytest.mark.parametrize("names", [(), HINTS, HINTS[:2], HINTS[1:], (HINTS[0], HINTS[2])])
async def test_exactly_one_hint_is_required(hints: Hints, names: tuple[str, ...]) -> None:
    with pytest.raises(MissingHintError):
        await hints.resolve(PORTAL, dict.fromkeys(names, CITIZEN.personal_number))


@pytest.mark.parametrize("name", HINTS[1:])
async def test_a_hint_that_is_not_supported_is_refused_by_name(hints: Hints, name: str) -> None:
    with pytest.raises(InvalidRequestError, match=name):
        await hints.resolve(PORTAL, {name: "anything"})
