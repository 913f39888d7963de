from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.security_alert import AlertKind, AlertMessage, Channel, SecurityAlert
from idp.domain.ids import AccountId, Seconds

ALERT = SecurityAlert(alert_id="1", account_id=AccountId("a"), kind=AlertKind.NEW_DEVICE, at=Seconds(0))


def test_an_alert_leaves_by_mail_and_message_unless_something_else_is_said() -> None:
    assert ALERT.channels == (Channel.EMAIL, Channel.MESSAGE)


def test_no_address_is_repeated_where_messages_are_logged() -> None:
    message = AlertMessage(
        message_id="1",
        channel=Channel.FORMER,
        alert=ALERT,
        attempts=1,
        created_at=Seconds(0),
        address=Contact(ContactKind.EMAIL, "an@example.vn"),
    )
    assert "example.vn" not in repr(message)
