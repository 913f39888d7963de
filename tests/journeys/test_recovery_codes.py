import re

import pytest

from idp.domain.ids import AccountId
from idp.journeys.recovery_codes import COUNT, recovery_code_hash, recovery_codes, totp_secret
from tests.journeys.stage import Stage

ONE, OTHER = AccountId("one"), AccountId("other")


async def test_ten_different_codes_of_fifty_bits(stage: Stage) -> None:
    codes = recovery_codes(stage.keys, "attempt", ONE)

    assert len(set(codes)) == COUNT
    assert all(re.fullmatch(r"[A-Z2-7]{5}-[A-Z2-7]{5}", code) for code in codes)


async def test_codes_and_secrets_are_those_of_one_attempt_and_one_account(stage: Stage) -> None:
    first = set(recovery_codes(stage.keys, "attempt", ONE))

    assert first == set(recovery_codes(stage.keys, "attempt", ONE))
    assert first.isdisjoint(recovery_codes(stage.keys, "another", ONE))
    assert first.isdisjoint(recovery_codes(stage.keys, "attempt", OTHER))
    secrets = {totp_secret(stage.keys, attempt, account) for attempt in "ab" for account in (ONE, OTHER)}
    assert len(secrets) == 4
    assert all(re.fullmatch(r"[A-Z2-7]{32}", secret) for secret in secrets)


@pytest.mark.parametrize("typed", ["ABCDE-FGHIJ", "abcde-fghij", " ABCDE FGHIJ ", "a b c d e f g h i j", "ABCDEFGHIJ"])
async def test_how_a_code_is_typed_does_not_matter(stage: Stage, typed: str) -> None:
    assert recovery_code_hash(stage.keys, ONE, typed) == recovery_code_hash(stage.keys, ONE, "ABCDE-FGHIJ")


async def test_what_is_stored_belongs_to_one_account(stage: Stage) -> None:
    hashed = recovery_code_hash(stage.keys, ONE, "ABCDE-FGHIJ")

    assert hashed != recovery_code_hash(stage.keys, OTHER, "ABCDE-FGHIJ")
    assert hashed != recovery_code_hash(stage.keys, ONE, "ABCDE-FGHIK")
    assert b"ABCDE" not in hashed
    assert len(hashed) == 32
