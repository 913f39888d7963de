"""The table of authentication levels never claims more than was done."""

from itertools import chain, combinations

import pytest

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import (
    ACR_VALUES,
    EVERYWHERE,
    METHODS,
    REACH_EVERYWHERE,
    Factor,
    Level,
    Method,
    MethodFacts,
    Proof,
    Resistance,
    acr_for,
    authentication_methods,
    authentication_time,
    has_second_factor,
    level_of,
    level_told_by,
    reach_of,
    resistance_of,
    resistance_told_by,
    supported_acr_values,
)


def proofs(*methods: Method, at: int = 100) -> tuple[Proof, ...]:
    return tuple(Proof(method, Seconds(at + place)) for place, method in enumerate(methods))


@pytest.mark.parametrize(
    ("methods", "level"),
    [
        ((), Level.NONE),
        ((Method.PASSWORD,), Level.ONE),
        ((Method.ONE_TIME_CODE,), Level.ONE),
        ((Method.ONE_TIME_CODE, Method.RECOVERY_CODE), Level.ONE),
        ((Method.PASSWORD, Method.ONE_TIME_CODE), Level.TWO),
        ((Method.PASSWORD, Method.RECOVERY_CODE), Level.TWO),
        ((Method.PASSWORD, Method.ONE_TIME_CODE, Method.RECOVERY_CODE), Level.TWO),
        ((Method.PASSKEY,), Level.TWO),
        ((Method.SECURITY_KEY,), Level.TWO),
        ((Method.PASSKEY, Method.PASSWORD), Level.TWO),
        ((Method.PASSKEY, Method.ONE_TIME_CODE), Level.TWO),
        ((Method.CERTIFICATE,), Level.ONE),
        ((Method.PHONE, Method.ONE_TIME_CODE), Level.ONE),
        ((Method.BIOMETRIC,), Level.ONE),
        ((Method.PASSWORD, Method.BIOMETRIC), Level.THREE),
        ((Method.CERTIFICATE, Method.BIOMETRIC), Level.THREE),
        ((Method.PASSKEY, Method.BIOMETRIC), Level.THREE),
        ((Method.PASSWORD, Method.ONE_TIME_CODE, Method.BIOMETRIC), Level.FOUR),
        ((Method.PASSWORD, Method.PASSKEY, Method.BIOMETRIC), Level.FOUR),
    ],
)
def test_a_level_counts_different_factors_only(methods: tuple[Method, ...], level: Level) -> None:
    assert level_of(proofs(*methods)) is level


def test_no_combination_of_methods_reaches_a_level_beyond_the_reachable_one() -> None:
    every = chain.from_iterable(combinations(Method, size) for size in range(len(Method) + 1))
    done = [proofs(*methods) for methods in every]
    assert max(level_of(each) for each in done) is reach_of(Method).level
    assert max(resistance_of(each) for each in done) is reach_of(Method).resistance


def test_without_a_biometric_no_level_above_two_is_supported() -> None:
    assert Method.BIOMETRIC not in EVERYWHERE
    assert {ACR_VALUES.get(value) for value in supported_acr_values(REACH_EVERYWHERE)} == {Level.ONE, Level.TWO, None}
    assert "phr" in supported_acr_values(REACH_EVERYWHERE)
    assert "phrh" not in supported_acr_values(REACH_EVERYWHERE)


def test_what_a_device_does_not_tell_never_makes_a_level_higher() -> None:
    for methods in chain.from_iterable(combinations(Method, size) for size in range(len(Method) + 1)):
        told = {factor for method in methods for factor in METHODS[method].factors} - {Factor.USER_VERIFIED}
        if level_of(proofs(*methods)) is Level.FOUR:
            assert told == {Factor.KNOWLEDGE, Factor.POSSESSION, Factor.BIOMETRIC}
        if level_of(proofs(*methods)) is Level.THREE:
            assert Factor.BIOMETRIC in told


def test_the_methods_of_a_two_factor_sign_in_are_told_with_mfa() -> None:
    assert authentication_methods(proofs(Method.PASSWORD, Method.ONE_TIME_CODE)) == ("mfa", "otp", "pwd")


def test_what_a_grant_tells_of_its_methods_is_worth_what_they_are() -> None:
    for methods in chain.from_iterable(combinations(Method, size) for size in range(len(Method) + 1)):
        done = proofs(*methods)
        assert level_told_by(authentication_methods(done)) is level_of(done)
        assert resistance_told_by(authentication_methods(done)) <= resistance_of(done)
    assert level_told_by(("unheard-of", "mfa")) is Level.NONE


@pytest.mark.parametrize(
    ("resistant", "protected", "resistance"),
    [
        (False, False, Resistance.NONE),
        (False, True, Resistance.NONE),
        (True, False, Resistance.PHISHING_RESISTANT),
        (True, True, Resistance.HARDWARE_PROTECTED),
    ],
)
def test_a_protected_key_is_worth_something_only_where_a_false_page_gains_nothing(
    resistant: bool, protected: bool, resistance: Resistance
) -> None:
    facts = MethodFacts(
        frozenset({Factor.POSSESSION}), "hwk", phishing_resistant=resistant, hardware_protected=protected
    )
    assert facts.resistance is resistance


@pytest.mark.parametrize(
    ("requested", "resistance", "acr"),
    [
        (("phr", "urn:vn:loa:2"), Resistance.PHISHING_RESISTANT, "phr"),
        (("phrh", "phr"), Resistance.HARDWARE_PROTECTED, "phrh"),
        (("phrh", "phr"), Resistance.PHISHING_RESISTANT, "phr"),
        (("urn:vn:loa:1", "phr"), Resistance.PHISHING_RESISTANT, "urn:vn:loa:1"),
        (("phr",), Resistance.NONE, "urn:vn:loa:2"),
        ((), Resistance.HARDWARE_PROTECTED, "urn:vn:loa:2"),
    ],
)
def test_resistance_is_asserted_where_it_was_asked_for_first_and_proved(
    requested: tuple[str, ...], resistance: Resistance, acr: str
) -> None:
    assert acr_for(Level.TWO, requested, resistance) == acr


def test_one_factor_is_never_told_as_mfa() -> None:
    assert authentication_methods(proofs(Method.ONE_TIME_CODE, Method.RECOVERY_CODE)) == ("otp",)


def test_the_time_of_authentication_is_that_of_the_oldest_proof() -> None:
    stepped_up = (Proof(Method.PASSWORD, Seconds(100)), Proof(Method.ONE_TIME_CODE, Seconds(900)))
    assert authentication_time(stepped_up) == 100


@pytest.mark.parametrize(
    ("level", "requested", "acr"),
    [
        (Level.ONE, (), "urn:vn:loa:1"),
        (Level.TWO, (), "urn:vn:loa:2"),
        (Level.TWO, ("LoA1",), "LoA1"),
        (Level.TWO, ("urn:vn:loa:1", "urn:vn:loa:2"), "urn:vn:loa:2"),
        (Level.ONE, ("urn:vn:loa:2",), "urn:vn:loa:1"),
        (Level.TWO, ("phr", "urn:unknown"), "urn:vn:loa:2"),
    ],
)
def test_the_acr_is_a_requested_value_that_the_level_covers(level: Level, requested: tuple[str, ...], acr: str) -> None:
    assert acr_for(level, requested) == acr


@pytest.mark.parametrize("method", Method)
def test_a_second_factor_is_what_a_person_has_for_every_day_beside_the_password(method: Method) -> None:
    for_every_day = {Method.SECURITY_KEY, Method.PASSKEY, Method.CERTIFICATE, Method.ONE_TIME_CODE}
    assert has_second_factor({method, Method.RECOVERY_CODE}) is (method in for_every_day)
    assert not has_second_factor(())
