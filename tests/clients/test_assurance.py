import pytest

from clients.relying_party.assurance import StepUp, demanded_step_up, step_up_challenge


def test_what_an_api_asks_for_is_understood() -> None:
    demand = StepUp("urn:vn:loa:2", 300)
    assert demanded_step_up(['Basic realm="x"', f'Bearer realm="api", {step_up_challenge(demand)}']) == demand


def test_of_several_levels_the_lowest_known_will_do() -> None:
    challenge = 'Bearer error="insufficient_user_authentication", acr_values="other urn:vn:loa:3 urn:vn:loa:2"'
    assert demanded_step_up([challenge]) == StepUp("urn:vn:loa:2", 0)


@pytest.mark.parametrize(
    "challenge",
    [
        'Bearer realm="api"',
        'Bearer error="invalid_token", acr_values="urn:vn:loa:2", max_age="5"',
        'Bearer error="insufficient_user_authentication", acr_values="unknown"',
        'Bearer error="insufficient_user_authentication", acr_values="urn:vn:loa:2", max_age="soon"',
    ],
)
def test_anything_else_asks_for_nothing(challenge: str) -> None:
    assert demanded_step_up([challenge]) is None
