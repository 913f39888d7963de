from dataclasses import replace

from idp.domain.enrolment.activation_link import new_link
from idp.domain.ids import AccountId, Seconds, TokenHash

NOW = Seconds(1_790_000_000)


def test_a_link_is_open_for_a_day_until_it_is_used() -> None:
    link = new_link(AccountId("a"), TokenHash(b"h"), NOW)
    assert link.is_open(NOW)
    assert link.is_open(Seconds(NOW + 24 * 3600 - 1))
    assert not link.is_open(Seconds(NOW + 24 * 3600))
    assert not replace(link, claimed_at=NOW).is_open(NOW)
