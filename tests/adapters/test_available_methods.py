from idp.adapters.available_methods import available_methods
from idp.domain.assurance import EVERYWHERE, Level, Method, reach_of
from idp.settings import Settings


def test_without_any_setting_there_is_what_takes_no_service() -> None:
    assert available_methods(Settings()) == EVERYWHERE
    assert reach_of(EVERYWHERE).level is Level.TWO


def test_a_verifier_of_faces_brings_the_upper_levels_into_reach() -> None:
    settings = Settings(biometric_verifier="https://verifier.example")
    assert Method.BIOMETRIC in available_methods(settings)
    assert reach_of(available_methods(settings)).level is Level.FOUR
