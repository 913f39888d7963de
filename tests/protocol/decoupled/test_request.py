from dataclasses import replace

from idp.domain.ids import ClientId, GrantId, Seconds
from idp.domain.levels.assurance import Level
from idp.protocol.decoupled.request import DecoupledRequest, Kind

ASKED = DecoupledRequest(
    Kind.DEVICE,
    ClientId("tv"),
    GrantId("g"),
    ("openid",),
    Level.ONE,
    created_at=Seconds(1000),
    expires_at=Seconds(1600),
)


def test_a_client_may_ask_at_once_and_then_at_each_interval() -> None:
    assert not ASKED.is_polled_too_soon(Seconds(1000))
    asked = ASKED.polled(Seconds(1000))
    assert asked.interval == 5
    assert asked.is_polled_too_soon(Seconds(1004))
    assert not asked.is_polled_too_soon(Seconds(1005))


def test_each_poll_that_comes_too_soon_makes_the_interval_five_seconds_longer_for_good() -> None:
    asked = ASKED.polled(Seconds(1000)).polled(Seconds(1001)).polled(Seconds(1002))
    assert asked.interval == 15
    assert asked.is_polled_too_soon(Seconds(1016))
    assert asked.polled(Seconds(1017)).interval == 15


def test_a_request_is_open_until_it_expires_or_is_decided() -> None:
    assert ASKED.is_open(Seconds(1599))
    assert not ASKED.is_open(Seconds(1600))
    assert not ASKED.denied().is_open(Seconds(1000))
    assert not replace(ASKED, decision=ASKED.denied().decision).is_open(Seconds(1000))
