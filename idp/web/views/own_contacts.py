"""The views of a person's own contacts: where messages go, another one, its code, and taking a change back."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.own_data import OwnDataPage


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One kind of contact (`email`, `phone`): what stands there, None for nothing, and until when it is on hold."""

    kind: str
    address: str | None
    change_href: str | None
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsPage(OwnDataPage):
    """`/account/contacts`. `officer`: the contacts are changed with the person's own account."""

    template: ClassVar[str] = "own_contacts.html"

    rows: tuple[ContactRow, ...]
    officer: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContactPage(OwnDataPage):
    """`/account/contacts/{kind}`: the form `contact`, field `address`.

    `counter_only`: a password alone proves too little for a first contact.
    """

    template: ClassVar[str] = "own_contact.html"

    kind: str
    present: str | None
    typed: str = ""
    asks_present: bool = False
    counter_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCodePage(OwnDataPage):
    """`/account/contacts/code/{change}`: the form `contact-code`, field `code`, and the form `resend`.

    `sent_to` is masked; `of_present`: this code proves the contact that stands there, and another one follows.
    """

    template: ClassVar[str] = "own_contact_code.html"

    form_action: str
    resend_action: str
    sent_to: str
    of_present: bool
    resent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoContactPage(OwnDataPage):
    """`/account/contacts/undo/{token}`: the form `undo-contact`. `state` is `open`, `undone` or `too_late`."""

    template: ClassVar[str] = "own_contact_undo.html"

    form_action: str
    state: str
    kind: str = ""
    changed_at: datetime | None = None
