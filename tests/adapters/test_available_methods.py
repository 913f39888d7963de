from pathlib import Path

from idp.adapters.available_methods import available_methods, demanded_closeness
from idp.domain.authenticators.phone_sign_in import Closeness
from idp.domain.levels.assurance import EVERYWHERE, Level, Method, Reach, Resistance, reach_of
from idp.settings import Settings


def test_without_any_setting_there_is_what_takes_no_service() -> None:
    assert available_methods(Settings()) == EVERYWHERE
    assert reach_of(EVERYWHERE).level is Level.TWO


def test_a_verifier_of_faces_brings_the_upper_levels_into_reach() -> None:
    verifier, register = "https://verifier.example", "https://register.example"
    settings = Settings(biometric_verifier=verifier, population_registry=register)
    assert Method.BIOMETRIC in available_methods(settings)
    assert reach_of(available_methods(settings)).level is Level.FOUR
    # Without the register there is no portrait to compare with.
    assert available_methods(Settings(biometric_verifier=verifier)) == EVERYWHERE


def test_authorities_of_cards_bring_hardware_protection_into_reach() -> None:
    settings = Settings(person_ca=Path("keys/person-ca"))
    assert available_methods(settings) == {*EVERYWHERE, Method.CERTIFICATE}
    assert reach_of(available_methods(settings)) == Reach(Level.TWO, Resistance.HARDWARE_PROTECTED)


def test_metadata_of_authenticators_brings_security_keys(tmp_path: Path) -> None:
    settings = Settings(passkey_metadata=tmp_path)
    assert available_methods(settings) == EVERYWHERE
    (tmp_path / "blob.jwt").touch()
    assert available_methods(settings) == {*EVERYWHERE, Method.SECURITY_KEY}
    assert reach_of(available_methods(settings)) == Reach(Level.TWO, Resistance.HARDWARE_PROTECTED)


def test_where_signing_in_with_a_phone_is_off_it_is_no_method() -> None:
    assert available_methods(Settings(phone_sign_in="off")) == EVERYWHERE - {Method.PHONE}


def test_an_operator_demands_how_close_a_phone_has_to_be() -> None:
    assert demanded_closeness(Settings()) is Closeness.ANY
    assert demanded_closeness(Settings(phone_sign_in="same-country")) is Closeness.SAME_COUNTRY
    assert demanded_closeness(Settings(phone_sign_in="same-connection")) is Closeness.SAME_CONNECTION
