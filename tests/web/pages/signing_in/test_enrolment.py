import pytest

from idp.domain.accounts.account import Contact, ContactKind
from idp.web.pages.signing_in.enrolment import masked


@pytest.mark.parametrize(
    ("kind", "address", "shown"),
    [
        (ContactKind.EMAIL, "binh@example.vn", "b•••@example.vn"),
        (ContactKind.EMAIL, "a@example.vn", "a•••@example.vn"),
        (ContactKind.PHONE, "+84912345678", "+84 ••• ••• 678"),
    ],
)
def test_an_owner_recognises_the_contact_and_nobody_else_learns_it(kind: ContactKind, address: str, shown: str) -> None:
    assert masked(Contact(kind, address)) == shown
