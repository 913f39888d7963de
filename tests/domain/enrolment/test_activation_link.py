from dataclasses import replace

import pytest

from idp.domain.enrolment.activation_link import link_of_reference, new_link
from idp.domain.ids import AccountId, Seconds, TokenHash

NOW = Seconds(1_790_000_000)


def test_a_link_is_open_for_a_day_until_it_is_used() -> None:
    link = new_link(AccountId("a"), TokenHash(b"h"), NOW)
    assert link.is_open(NOW)
    assert link.is_open(Seconds(NOW + 24 * 3600 - 1))
    assert not link.is_open(Seconds(NOW + 24 * 3600))
    assert not replace(link, claimed_at=NOW).is_open(NOW)


@pytest.mark.parametrize("whose", ["a", "0198c0de-0000-7000-8000-000000000001", "link-1-a"])
def test_a_reference_tells_whose_link_it_is_and_when_it_was_made(whose: str) -> None:
    link = new_link(AccountId(whose), TokenHash(b"h"), NOW)
    assert link_of_reference(link.reference) == (whose, NOW)
    assert "h" not in link.reference.replace(whose, "")


@pytest.mark.parametrize(
    "reference", ["", "a", "link-", "link-a", "link-x-a", "link-²-a", "0198c0de-0000", "xlink-1-a"]
)
def test_nothing_else_is_taken_for_the_reference_of_a_link(reference: str) -> None:
    assert link_of_reference(reference) is None
