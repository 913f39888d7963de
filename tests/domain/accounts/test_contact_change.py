from dataclasses import replace

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.contact_change import HOLD, ContactChange
from idp.domain.ids import AccountId, Seconds

CHANGE = ContactChange(
    change_id="c",
    account_id=AccountId("a"),
    kind=ContactKind.EMAIL,
    changed_at=Seconds(0),
    held_until=Seconds(HOLD),
    former=Contact(ContactKind.EMAIL, "an@example.vn"),
)


def test_a_change_can_be_undone_once_and_for_three_days() -> None:
    assert CHANGE.may_be_undone(Seconds(HOLD - 1))
    assert not CHANGE.may_be_undone(Seconds(HOLD))
    assert not replace(CHANGE, undone_at=Seconds(1)).may_be_undone(Seconds(2))


def test_no_address_is_repeated_where_changes_are_logged() -> None:
    assert "example.vn" not in repr(CHANGE)
