from datetime import date
from types import MappingProxyType

from idp.domain.country_time import end_of
from idp.domain.ids import PersonId, Seconds
from idp.domain.people.ageing import (
    AGEING_RULES,
    CARD,
    LEVEL,
    AgeingRules,
    End,
    Proof,
    card_ends_at,
    ends_of,
    fell_at,
    level_at,
    level_ends_at,
    rules_at,
    standing,
)
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard, IdentityRecord

NOW = 1_790_000_000
DAY = 86_400
RULES = AgeingRules(
    effective_from=date(2024, 7, 1),
    lasts=MappingProxyType({POPULATION_REGISTER: 100}),
    others=1_000,
    notice=10,
)
VERSIONS = (RULES,)


def seen(at: int = NOW, source: str = POPULATION_REGISTER, expires_at: int | None = None) -> AttributeFacts:
    return AttributeFacts(source, Seconds(at), None if expires_at is None else Seconds(expires_at))


def test_what_has_no_facts_has_no_age() -> None:
    found = standing(Proof(2), NOW, VERSIONS)
    assert (found.identity_level, found.ended, found.next_end) == (2, frozenset(), None)


def test_an_attribute_counts_for_as_long_as_its_source_does() -> None:
    proof = Proof(2, attributes={"gender": seen(), "given_name": seen(source="counter")})
    assert not standing(proof, NOW + 99, VERSIONS).ended
    after = standing(proof, NOW + 100, VERSIONS)
    assert after.ended == {"gender"}
    assert (after.identity_level, after.next_end) == (2, NOW + 1_000)
    assert standing(proof, NOW + 1_000, VERSIONS).ended == {"gender", "given_name"}


def test_an_end_on_record_counts_when_it_is_sooner_and_never_later() -> None:
    soon = Proof(2, attributes={"gender": seen(expires_at=NOW + 5)})
    assert standing(soon, NOW + 5, VERSIONS).ended == {"gender"}
    late = Proof(2, attributes={"gender": seen(expires_at=NOW + 500)})
    assert "gender" in standing(late, NOW + 100, VERSIONS).ended


def test_no_level_holds_once_nobody_is_identified_any_more() -> None:
    for name in ("name", "birthdate", "personal_number"):
        proof = Proof(2, attributes={name: seen()})
        assert standing(proof, NOW + 99, VERSIONS).identity_level == 2
        assert standing(proof, NOW + 100, VERSIONS).identity_level == 0


def test_a_level_that_ends_leaves_what_the_register_matched() -> None:
    proof = Proof(2, level_expires_at=Seconds(NOW + 50))
    assert standing(proof, NOW + 49, VERSIONS).identity_level == 2
    after = standing(proof, NOW + 50, VERSIONS)
    assert (after.identity_level, after.ended, after.next_end) == (1, frozenset(), None)


def test_without_a_valid_card_there_is_no_level_2() -> None:
    proof = Proof(2, card=IdentityCard("001099000001", expires="2026-09-21"))
    last = end_of(date(2026, 9, 21))
    assert standing(proof, last - 1, VERSIONS).identity_level == 2
    assert standing(proof, last, VERSIONS).identity_level == 1


def test_level_0_and_1_are_not_raised_by_anything_that_ends() -> None:
    card = IdentityCard("001099000001", expires="2020-01-01")
    assert standing(Proof(0, card=card), NOW, VERSIONS).identity_level == 0
    assert standing(Proof(1, card=card, level_expires_at=Seconds(5)), NOW, VERSIONS).identity_level == 1


def test_a_card_holds_through_its_last_day_in_the_country() -> None:
    # 2026-09-21 ends at 17:00 UTC.
    assert card_ends_at(IdentityCard("1", expires="2026-09-21")) == 1_790_010_000
    assert card_ends_at(IdentityCard("1")) is None
    assert card_ends_at(IdentityCard("1", expires="for ever")) is None
    assert card_ends_at(None) is None


def test_ends_are_told_the_earliest_first() -> None:
    proof = Proof(2, Seconds(NOW + 20), {"gender": seen()}, IdentityCard("1", expires="2020-01-01"))
    assert [end.name for end in ends_of(proof, RULES)] == [CARD, LEVEL, "gender"]
    assert ends_of(proof, RULES)[-1] == End(Seconds(NOW + 100), "gender")
    assert [end.name for end in ends_of(Proof(0, Seconds(NOW)), RULES)] == []


def test_rules_count_from_their_day_on_and_for_what_was_before() -> None:
    shorter = AgeingRules(effective_from=date(2026, 9, 23), lasts=MappingProxyType({}), others=1, notice=10)
    both = (RULES, shorter)
    # The first moment of 23 September in the country is 17:00 UTC of the 22nd.
    begins = 1_790_010_000 + DAY
    assert rules_at(begins - 1, both) is RULES
    assert rules_at(begins, both) is shorter
    assert rules_at(0, both) is RULES
    proof = Proof(2, attributes={"gender": seen(begins - 50)})
    assert not standing(proof, begins - 1, both).ended
    assert standing(proof, begins, both).ended == {"gender"}


def test_the_rules_in_force_are_in_order_and_tell_people_in_time() -> None:
    assert list(AGEING_RULES) == sorted(AGEING_RULES, key=lambda rules: rules.effective_from)
    assert all(rules.notice >= 7 * DAY < min(rules.lasts.values()) for rules in AGEING_RULES)


def test_the_end_of_a_level_is_the_first_of_what_it_stands_on() -> None:
    card = IdentityCard("1", expires="2026-09-22")
    of_card = end_of(date(2026, 9, 22))
    proof = Proof(2, Seconds(of_card + 50), {"name": seen(source="counter", at=of_card), "gender": seen()}, card)
    assert level_ends_at(proof, NOW, VERSIONS) == of_card
    # Level 1 from there on, as long as the name counts.
    assert level_ends_at(proof, of_card, VERSIONS) == of_card + 1_000
    assert level_ends_at(proof, of_card + 1_000, VERSIONS) is None
    assert level_ends_at(Proof(2), NOW, VERSIONS) is None


def test_a_level_on_record_holds_until_its_end() -> None:
    record = IdentityRecord(PersonId("p"), "001099000001", 2, {}, level_expires_at=Seconds(NOW))
    assert [level_at(record, NOW - 1), level_at(record, NOW)] == [2, 1]


def test_what_is_asserted_falls_at_the_last_end_that_matters() -> None:
    proof = Proof(2, level_expires_at=Seconds(NOW + 50), attributes={"gender": seen(expires_at=NOW + 5)})
    assert [fell_at(proof, NOW + at, VERSIONS) for at in (4, 5, 49, 50, 90)] == [
        None,
        NOW + 5,
        NOW + 5,
        NOW + 50,
        NOW + 50,
    ]
    # Nobody's attributes are verified without a level, and a card is nothing that a lower level stands on.
    nobody = Proof(0, attributes={"gender": seen(expires_at=NOW + 5)})
    assert fell_at(nobody, NOW + 9, VERSIONS) is None
    lower = Proof(1, attributes={"gender": seen(expires_at=NOW - 5)}, card=IdentityCard("1", expires="2026-01-01"))
    assert fell_at(lower, NOW, VERSIONS) == NOW - 5
