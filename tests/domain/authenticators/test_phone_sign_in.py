import pytest

from idp.domain.abuse.place import Place
from idp.domain.accounts.account import AccountKind
from idp.domain.authenticators.phone_sign_in import (
    FRESHNESS,
    LIFETIME,
    Closeness,
    Nearness,
    PhoneRequest,
    PhoneStage,
    Surroundings,
    carried,
    may_answer,
    nearness_of,
    own_proofs,
)
from idp.domain.clients.client import ClientAudience
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Method, Proof

NOW = Seconds(1_790_000_000)
AN, BINH = AccountId("an"), AccountId("binh")
HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)
HAIPHONG = Place("VN", "HP", "Hải Phòng", 20.86, 106.68)
SAIGON = Place("VN", "SG", "Hồ Chí Minh", 10.78, 106.70)
VIENTIANE = Place("LA", "VT", "Vientiane", 17.97, 102.6)


def proofs(*given: tuple[Method, int]) -> tuple[Proof, ...]:
    """Proofs by method and age in seconds."""
    return tuple(Proof(method, Seconds(NOW - age)) for method, age in given)


def request(**facts: object) -> PhoneRequest:
    asked = {"number": "47", "created_at": NOW, "expires_at": Seconds(NOW + LIFETIME), "computer": Surroundings("a")}
    return PhoneRequest(**(asked | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "may"),
    [
        ((), False),
        (((Method.PASSWORD, 0),), False),
        (((Method.ONE_TIME_CODE, 0),), False),
        (((Method.PASSWORD, 0), (Method.ONE_TIME_CODE, 0)), True),
        (((Method.PASSWORD, 9000), (Method.ONE_TIME_CODE, FRESHNESS - 1)), True),
        (((Method.PASSWORD, 0), (Method.ONE_TIME_CODE, FRESHNESS)), False),
        (((Method.PASSKEY, FRESHNESS - 1),), True),
        (((Method.PASSKEY, FRESHNESS),), False),
        (((Method.PASSWORD, 0), (Method.PASSKEY, FRESHNESS), (Method.ONE_TIME_CODE, 10)), True),
        (((Method.PASSWORD, 0), (Method.PHONE, 0)), False),
        (((Method.PASSWORD, 0), (Method.ONE_TIME_CODE, FRESHNESS), (Method.PHONE, 0)), False),
        (((Method.PASSWORD, 0), (Method.BIOMETRIC, 0)), False),
        (((Method.PASSWORD, 0), (Method.RECOVERY_CODE, 0)), True),
    ],
)
def test_whoever_answers_proved_two_factors_on_the_phone_and_possession_lately(
    given: tuple[tuple[Method, int], ...], may: bool
) -> None:
    assert may_answer(proofs(*given), NOW) is may


def test_the_yes_of_another_phone_is_nothing_of_ones_own() -> None:
    assert own_proofs(proofs((Method.PASSWORD, 0), (Method.PHONE, 0))) == proofs((Method.PASSWORD, 0))


def test_whoever_proves_possession_anew_keeps_what_he_or_she_knows_and_nothing_else() -> None:
    every = proofs(*((method, 0) for method in Method))

    assert carried(every) == proofs((Method.PASSWORD, 0))


@pytest.mark.parametrize(
    ("one", "other", "nearness"),
    [
        (Surroundings("a"), Surroundings("a"), Nearness.SAME_CONNECTION),
        (Surroundings("a", place=HANOI), Surroundings("a", place=VIENTIANE), Nearness.SAME_CONNECTION),
        (Surroundings("a"), Surroundings("b"), Nearness.UNKNOWN),
        (Surroundings("a", place=HANOI), Surroundings("b"), Nearness.UNKNOWN),
        (Surroundings("a"), Surroundings("b", place=HANOI), Nearness.UNKNOWN),
        (Surroundings("a", place=HANOI), Surroundings("b", place=HAIPHONG), Nearness.NEAR),
        (Surroundings("a", place=HANOI), Surroundings("b", place=SAIGON), Nearness.FAR),
        (Surroundings("a", place=HANOI), Surroundings("b", place=VIENTIANE), Nearness.OTHER_COUNTRY),
    ],
)
def test_two_devices_lie_to_each_other_as_their_networks_do(
    one: Surroundings, other: Surroundings, nearness: Nearness
) -> None:
    assert nearness_of(one, other) is nearness
    assert nearness_of(other, one) is nearness


@pytest.mark.parametrize(
    ("closeness", "admitted"),
    [
        (Closeness.ANY, set(Nearness)),
        (Closeness.SAME_COUNTRY, {Nearness.SAME_CONNECTION, Nearness.NEAR, Nearness.FAR}),
        (Closeness.SAME_CONNECTION, {Nearness.SAME_CONNECTION}),
    ],
)
def test_what_is_not_known_counts_as_apart_where_closeness_is_demanded(
    closeness: Closeness, admitted: set[Nearness]
) -> None:
    assert {nearness for nearness in Nearness if closeness.admits(nearness)} == admitted


@pytest.mark.parametrize("stage", PhoneStage)
def test_a_request_is_open_until_it_is_answered_or_its_time_is_over(stage: PhoneStage) -> None:
    at_stage = request(stage=stage)

    assert at_stage.is_open(Seconds(NOW + LIFETIME - 1)) is (stage in {PhoneStage.WAITING, PhoneStage.OPENED})
    assert not at_stage.is_open(Seconds(NOW + LIFETIME))


def test_a_request_is_for_the_account_of_the_computer_or_for_anybody() -> None:
    assert request().is_for(AN)
    assert request(account_id=AN).is_for(AN)
    assert not request(account_id=AN).is_for(BINH)


def test_a_service_for_officers_takes_no_citizens_phone() -> None:
    assert request(audience=ClientAudience.OFFICER).admits(AccountKind.OFFICER)
    assert not request(audience=ClientAudience.OFFICER).admits(AccountKind.CITIZEN)


def test_a_request_keeps_who_opened_it_and_when_it_was_answered() -> None:
    opened = request().opened(AN, "approval", Surroundings("b"))
    decided = opened.decided(PhoneStage.DENIED, Seconds(NOW + 5))

    assert (opened.stage, opened.opened_by, opened.approval_id) == (PhoneStage.OPENED, AN, "approval")
    assert (decided.stage, decided.decided_at, decided.opened_by) == (PhoneStage.DENIED, NOW + 5, AN)


def test_a_place_is_not_told_by_what_is_printed() -> None:
    assert "Hà Nội" not in repr(request(computer=Surroundings("a", place=HANOI)))
