"""The pages about where a person's messages go."""

from starlette.routing import Route

from idp.domain.accounts.account import ContactKind
from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.contact_links import ContactLinks, UndoingContacts
from idp.journeys.own_contacts import LIFETIME, ChangingContacts, OwnContactParts, WantedContact
from idp.ports.security_notices import ContactMessages
from idp.web.pages.account import contact_undo, contacts
from idp.web.pages.account.contact_undo import UndoContactPages
from idp.web.pages.account.contacts import ContactsPages
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.site_parts import SiteParts


def own_contact_routes(parts: SiteParts, messages: ContactMessages) -> tuple[Route, ...]:
    """Return the routes."""
    ports = parts.ports
    desk = OwnDataDesk(parts.sessions, ports.authenticators, parts.sign_in, ports.clock, parts.desk)
    pages = ContactsPages(_changing(parts, messages), desk)
    links = ContactLinks(ports.keys)
    undoing = UndoContactPages(UndoingContacts(ports.own_contacts, links, ports.clock, ports.entropy), desk)
    code = f"{contacts.CODE}/{{change}}"
    return (
        parts.route(contacts.PATH, get=pages.show),
        parts.route(code, get=pages.show_code, post=pages.submit_code),
        parts.route(f"{code}/resend", post=pages.resend),
        parts.route(f"{contact_undo.PATH}/{{token}}", get=undoing.show, post=undoing.undo),
        *(parts.route(f"{contacts.PATH}/{kind.value}", get=pages.show_form, post=pages.begin) for kind in ContactKind),
    )


def _changing(parts: SiteParts, messages: ContactMessages) -> ChangingContacts:
    ports = parts.ports
    documents = BoundDocuments(
        "contact",
        WantedContact,
        LIFETIME,
        store=ports.short_lived,
        vault=ports.vault,
        clock=ports.clock,
        entropy=ports.entropy,
    )
    return ChangingContacts(
        OwnContactParts(
            accounts=ports.accounts,
            authenticators=ports.authenticators,
            contacts=ports.own_contacts,
            documents=documents,
            codes=ActivationCodes(ports.short_lived, ports.keys, ports.clock, ports.entropy),
            messages=messages,
            throttling=parts.throttling,
            audit=ports.audit,
            clock=ports.clock,
            entropy=ports.entropy,
        )
    )
