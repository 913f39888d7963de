from hashlib import sha256

import pytest

from idp.domain.ids import ClientId, SessionId
from idp.protocol.logout.session_management import SessionStates
from tests.protocol.world import SESSION, World

PORTAL = ClientId("portal")
CALLBACK = "https://Portal.example:443/callback?x=1"


def states(world: World) -> SessionStates:
    return SessionStates(world.keys, world.entropy)


def test_the_value_is_what_the_frame_recalculates(world: World) -> None:
    value = states(world).session_state(PORTAL, CALLBACK, SESSION)

    assert value is not None
    digest, _, salt = value.partition(".")
    state = states(world).browser_state(SESSION)
    assert digest == sha256(f"portal https://portal.example {state} {salt}".encode()).hexdigest()


def test_it_has_no_space_and_differs_in_every_response(world: World) -> None:
    values = {states(world).session_state(PORTAL, CALLBACK, SESSION) for _ in range(10)}

    assert len(values) == 10
    # Section 2: "It MUST NOT contain the space (" ") character."
    assert not any(value is None or " " in value for value in values)


def test_nobody_has_a_state_too(world: World) -> None:
    value = states(world).session_state(PORTAL, CALLBACK, None)

    assert value is not None
    digest, _, salt = value.partition(".")
    assert digest == sha256(f"portal https://portal.example  {salt}".encode()).hexdigest()


def test_the_cookies_value_does_not_tell_the_session_and_changes_with_it(world: World) -> None:
    first, second = (states(world).browser_state(SessionId(name)) for name in ("one", "two"))

    assert first != second
    assert "one" not in first
    assert first == states(world).browser_state(SessionId("one"))


@pytest.mark.parametrize("uri", ["vn.example.app:/callback", "urn:ietf:wg:oauth:2.0:oob", "https:///callback"])
def test_an_application_without_an_origin_gets_none(world: World, uri: str) -> None:
    assert states(world).session_state(PORTAL, uri, SESSION) is None
