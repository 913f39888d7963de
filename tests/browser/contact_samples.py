"""The pages about where messages go, with realistic content."""

from datetime import UTC, datetime
from typing import Any

from idp.web.views.common import ErrorView, Locale, PageView, Refusal, language_links
from idp.web.views.own_contacts import ContactCodePage, ContactRow, ContactsPage, NewContactPage, UndoContactPage

_WHEN = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
_PATH = "/account/contacts"
_LONG = "nguyen.thi.phuong.thao.phong.tai.nguyen@tinh-thua-thien.example.vn"


def contact_samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    common: dict[str, Any] = {"locale": locale, "languages": language_links(locale), "csrf_token": "sample"}
    email = ContactRow("email", _LONG, f"{_PATH}/email", _WHEN)
    phone = ContactRow("phone", None, f"{_PATH}/phone")
    code: dict[str, Any] = {
        "form_action": f"{_PATH}/code/1",
        "resend_action": f"{_PATH}/code/1/resend",
        "sent_to": "n•••@example.vn",
    }
    undo = f"{_PATH}/undo/1"
    return {
        "own-contacts": ContactsPage(**common, rows=(email, phone), changed=True),
        "own-contacts-officer": ContactsPage(
            **common, rows=(ContactRow("email", _LONG, None), ContactRow("phone", "+84912345678", None)), officer=True
        ),
        "own-contact": NewContactPage(**common, kind="email", present="n•••@example.vn", asks_present=True),
        "own-contact-refused": NewContactPage(
            **common, kind="phone", present=None, typed="12", error=ErrorView(Refusal.PHONE_FORM)
        ),
        "own-contact-counter": NewContactPage(**common, kind="phone", present=None, counter_only=True),
        "own-contact-code": ContactCodePage(**common, **code, of_present=True, resent=True),
        "own-contact-code-refused": ContactCodePage(
            **common, **code, of_present=False, error=ErrorView(Refusal.WRONG_SENT_CODE)
        ),
        "own-contact-undo": UndoContactPage(**common, form_action=undo, state="open", kind="phone", changed_at=_WHEN),
        "own-contact-undone": UndoContactPage(**common, form_action=undo, state="undone"),
        "own-contact-too-late": UndoContactPage(**common, form_action=undo, state="too_late"),
    }
