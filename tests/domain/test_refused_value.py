import pytest

from idp.domain.refused_value import (
    InconsistentRecordError,
    RefusedIdentifierError,
    RefusedNameError,
    RefusedValueError,
)


@pytest.mark.parametrize("kind", [RefusedIdentifierError, RefusedNameError, InconsistentRecordError])
def test_every_refusal_has_a_machine_code_and_a_plain_reason(kind: type[RefusedValueError]) -> None:
    refusal = kind("some_code", "Some reason.")

    assert isinstance(refusal, RefusedValueError)
    assert (refusal.code, refusal.reason, str(refusal)) == ("some_code", "Some reason.", "Some reason.")
