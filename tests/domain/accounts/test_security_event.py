from idp.domain.accounts.security_event import event_identifier, first_identifier
from idp.domain.ids import Seconds


def test_identifiers_sort_as_things_happened_and_begin_at_a_moment() -> None:
    early, late = event_identifier(999_999, "main", 2), event_identifier(1_000_000, "main", 1)
    assert early < first_identifier(Seconds(1000)) < late
    assert late < event_identifier(1_000_000, "main", 2) < first_identifier(Seconds(1001))
