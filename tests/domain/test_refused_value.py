import pytest

from idp.domain.refused_value import (
    InconsistentRecord,
    RefusedIdentifier,
    RefusedName,
    RefusedValue,
)


@pytest.mark.parametrize("kind", [RefusedIdentifier, RefusedName, InconsistentRecord])
def test_every_refusal_has_a_machine_code_and_a_plain_reason(kind: type[RefusedValue]) -> None:
    refusal = kind("some_code", "Some reason.")

    assert isinstance(refusal, RefusedValue)
    assert (refusal.code, refusal.reason, str(refusal)) == ("some_code", "Some reason.", "Some reason.")
