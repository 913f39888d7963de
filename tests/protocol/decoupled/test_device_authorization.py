from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.domain.levels.assurance import Level
from idp.protocol.decoupled.device_authorization import LIFETIME
from idp.protocol.decoupled.request import Kind
from idp.protocol.decoupled.requests import reference_of
from idp.protocol.decoupled.user_codes import read_user_code
from idp.protocol.errors import (
    InvalidAuthorizationDetailsError,
    InvalidClientError,
    InvalidScopeError,
    InvalidTargetError,
    OAuthError,
    UnauthorizedClientError,
    UnmetAuthenticationRequirementsError,
)
from tests.protocol.decoupled.asking import Asking, as_device
from tests.protocol.world import API, ISSUER, PORTAL, World, basic


@pytest.fixture
async def asking(world: World) -> Asking:
    asking = Asking(world)
    await asking.register()
    return asking


async def test_the_answer_has_every_member_of_section_3_2(asking: Asking, world: World) -> None:
    members = (await asking.codes()).members()
    assert members.keys() == {
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    }
    assert members["verification_uri"] == f"{ISSUER}/device"
    assert parse_qs(urlsplit(members["verification_uri_complete"]).query) == {"user_code": [members["user_code"]]}
    assert (members["expires_in"], members["interval"]) == (600, 5)
    assert len(members["device_code"]) * 6 >= 256


async def test_the_user_code_leads_to_what_was_asked(asking: Asking, world: World) -> None:
    codes = await asking.codes(scope="openid profile nonsense", acr_values="urn:vn:loa:2")
    typed = read_user_code(codes.user_code)
    assert typed is not None
    reference = await asking.user_codes.find(typed, world.clock.now())
    assert reference == reference_of(Kind.DEVICE, codes.device_code)
    loaded = await asking.decisions.open(reference)
    assert loaded.request.scopes == ("openid", "profile")
    assert loaded.request.level == 2
    (made,) = await world.audited("decoupled.requested")
    assert (made["kind"], made["client_id"]) == ("device", "portal")
    assert not {codes.device_code, codes.user_code} & set(map(str, made.values()))


async def test_two_devices_get_different_codes(asking: Asking) -> None:
    first, second = await asking.codes(), await asking.codes()
    assert first.device_code != second.device_code
    assert first.user_code != second.user_code


@pytest.mark.parametrize(
    ("parameters", "authorization", "error"),
    [
        ({}, basic(secret="wrong"), InvalidClientError),
        ({"client_id": "portal"}, None, InvalidClientError),
        ({"client_id": "nobody"}, None, InvalidClientError),
        ({}, basic("machine"), UnauthorizedClientError),
        ({"scope": ""}, basic(), InvalidScopeError),
        ({"scope": "report.send"}, basic(), InvalidScopeError),
        ({"authorization_details": "[]"}, basic(), InvalidAuthorizationDetailsError),
    ],
)
async def test_what_may_not_be_asked_is_refused_and_recorded(
    asking: Asking, world: World, parameters: dict[str, str], authorization: str | None, error: type[OAuthError]
) -> None:
    with pytest.raises(error):
        await asking.codes(authorization=authorization, **parameters)
    await world.floods.finish()
    (refused,) = await world.audited("access.refused")
    assert refused["endpoint"] == "device_authorization"
    assert refused["error"] == error.code


async def test_an_unknown_resource_is_refused(asking: Asking) -> None:
    with pytest.raises(InvalidTargetError):
        await asking.codes("https://unknown.example")


async def test_a_resource_where_the_client_has_no_business_is_refused(asking: Asking, world: World) -> None:
    await world.save(replace(as_device(PORTAL), scopes=frozenset({"openid"})))
    with pytest.raises(InvalidTargetError):
        await asking.codes(API)


async def test_a_level_that_nobody_reaches_is_refused_at_once(asking: Asking, world: World) -> None:
    await world.save(replace(as_device(PORTAL), minimum_level=Level.FOUR))
    with pytest.raises(UnmetAuthenticationRequirementsError):
        await asking.codes()


async def test_after_ten_minutes_the_user_code_is_gone(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    typed = read_user_code(codes.user_code)
    assert typed is not None
    world.clock.seconds += LIFETIME
    assert await asking.user_codes.find(typed, world.clock.now()) is None
