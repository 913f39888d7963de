"""A policy's document says all of it, and nothing else is taken for one."""

from typing import Any

import pytest
from hypothesis import given

from idp.domain.ids import Seconds
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy
from idp.domain.levels.assurance_policy_document import PolicyDocumentError, document_of, policy_of
from tests.domain.levels.test_policy_trial import policies

PAYMENT = {"type": "payment_initiation"}


@given(policies)
def test_a_document_is_read_as_the_policy_that_it_was_made_from(policy: AssurancePolicy) -> None:
    assert policy_of(document_of(policy), version=2, effective_from=Seconds(0)) == policy


def test_the_first_version_can_be_written_and_read() -> None:
    document = document_of(FIRST_POLICY)
    assert policy_of(document, version=1, effective_from=Seconds(0)) == FIRST_POLICY
    assert document["details"][1]["from"] == {"amount": 10_000_000, "currency": "VND"}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"rules": {}}, ""),
        ({"clients": []}, "clients"),
        ({"clients": {"": {}}}, "clients[0]"),
        ({"clients": {"portal": []}}, "clients[0]"),
        ({"clients": {"portal": {"level": 2}}}, "clients[0].level"),
        ({"clients": {"portal": {"fresh_within": True}}}, "clients[0].fresh_within"),
        ({"clients": {"portal": {"fresh_within": 300.0}}}, "clients[0].fresh_within"),
        ({"clients": {12: {}}}, "clients[0]"),
        ({"clients": {str(number): {} for number in range(5_001)}}, "clients"),
        ({"acts": {"dance": {}}}, "acts"),
        ({"details": {}}, "details"),
        ({"details": [{"type": []}]}, "details[0].type"),
        ({"details": [{**PAYMENT, "from": {"amount": 3, "currency": "VND"}}]}, "details[0].from.amount"),
        ({"details": [{**PAYMENT, "from": {"amount": 5, "currency": "đ"}}]}, "details[0].from.currency"),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused_by_its_place_and_without_its_value(document: dict[str, Any], path: str) -> None:
    with pytest.raises(PolicyDocumentError) as refused:
        policy_of(document, version=2, effective_from=Seconds(0))
    assert refused.value.path == path
