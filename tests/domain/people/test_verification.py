import pytest

from idp.domain.people.verification import Verification, verification_of


def test_whoever_was_not_proved_has_no_verification() -> None:
    assert verification_of(0, None) is None
    assert verification_of(0, {"time": "2025-07-01T09:00:00+07:00"}) is None


@pytest.mark.parametrize(("level", "name"), [(1, "level_1"), (2, "level_2")])
def test_a_level_alone_tells_framework_and_level_and_nothing_that_is_not_known(level: int, name: str) -> None:
    verification = verification_of(level, None)

    assert verification == Verification(name)
    assert verification.members() == {"trust_framework": "vn_eid", "assurance_level": name}


def test_what_is_recorded_is_told() -> None:
    evidence = {"type": "document", "document_details": {"type": "idcard"}}
    recorded = {"time": "2025-07-01T09:00:00+07:00", "verification_process": "HN-1", "evidence": [evidence]}
    verification = verification_of(2, recorded)

    assert verification
    assert verification.members() == {"trust_framework": "vn_eid", "assurance_level": "level_2", **recorded}
