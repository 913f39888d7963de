import re

import pytest

from idp.journeys.recovery.tokens import UnknownTokenError, counter_code_hash
from tests.journeys.recovery.scene import Scene


def test_the_owner_s_token_names_the_request_and_stops_nothing(scene: Scene) -> None:
    tokens = scene.tokens
    assert tokens.request_of_way_back(tokens.way_back("r-1")) == "r-1"
    assert tokens.request_of_stop(tokens.stop("r-1")) == "r-1"
    for foreign in (tokens.stop("r-1"), tokens.way_back("r-1")[:-1], "r-1", "r-1.", "", "\udcff.\udcff"):
        with pytest.raises(UnknownTokenError):
            tokens.request_of_way_back(foreign)
    with pytest.raises(UnknownTokenError):
        tokens.request_of_stop(tokens.way_back("r-1"))


def test_each_request_has_its_own_digits_the_same_each_time(scene: Scene) -> None:
    spoken = {scene.tokens.spoken(f"r-{number}") for number in range(50)}
    assert len(spoken) == 50
    assert all(re.fullmatch(r"\d{8}", digits) for digits in spoken)
    assert scene.tokens.spoken("r-1") == scene.tokens.spoken("r-1")


def test_a_code_of_the_counter_is_read_however_it_is_typed(scene: Scene) -> None:
    code = scene.tokens.counter_code()
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){5}", code)
    assert counter_code_hash(code.lower().replace("-", " ")) == counter_code_hash(code)
    assert counter_code_hash(code) != counter_code_hash(scene.tokens.counter_code())
