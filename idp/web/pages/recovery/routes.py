"""The pages of getting back into an account, at their addresses."""

from starlette.routing import Route

from idp.domain.values import dataclass
from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.known_person import KnownPeople
from idp.journeys.recovery.circle import Circle
from idp.journeys.recovery.counter import RecoveryByCounter
from idp.journeys.recovery.helping import Helping
from idp.journeys.recovery.people import RecoveryByPeople
from idp.journeys.recovery.proving import Proving
from idp.journeys.recovery.recovering import LIFETIME, Recovering, RecoveryParts
from idp.journeys.recovery.refusing import Refusing
from idp.journeys.recovery.resetting import Resetting
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.journeys.recovery.trusting import Trusting
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.recovery import trusted_people
from idp.web.pages.recovery.asking import RecoverPages
from idp.web.pages.recovery.at_counter import RecoverAtCounterPages
from idp.web.pages.recovery.by_others import BACK, STOP, RecoverByOthersPages
from idp.web.pages.recovery.documents import COUNTER, EARLY, RECOVER, RecoverDesk
from idp.web.pages.recovery.helping import HelpRecoverPages
from idp.web.pages.recovery.proof import RecoverProofPages
from idp.web.pages.recovery.trusted_people import OpenWays, OwnRecoveryPages
from idp.web.pages.site_parts import SiteParts


@dataclass(frozen=True, slots=True)
class _Journeys:
    """The journeys behind the pages."""

    parts: RecoveryParts
    circle: Circle
    people: RecoveryByPeople
    proving: Proving


def recovery_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes under `/recover` and `/account/recovery`."""
    journeys = _journeys(parts)
    return (*_ways_back(parts, journeys), *_own_pages(parts, journeys))


def _ways_back(parts: SiteParts, journeys: _Journeys) -> tuple[Route, ...]:
    ports, route = parts.ports, parts.route
    desk = RecoverDesk(journeys.proving, parts.desk)
    pages = RecoverPages(journeys.people, desk)
    proofs = RecoverProofPages(ports.watch(Resetting(journeys.parts)), parts.sign_in, desk)
    counter = RecoveryByCounter(journeys.parts)
    at_counter = RecoverAtCounterPages(counter, desk)
    others = RecoverByOthersPages(journeys.people, ports.issuer, ports.clock, desk)
    one = f"{RECOVER}/{{recovery_id}}"
    return (
        route(RECOVER, get=pages.show, post=pages.begin),
        route(COUNTER, get=at_counter.show, post=at_counter.submit),
        route(f"{BACK}/{{token}}", get=others.show_back, post=others.come_back),
        route(f"{STOP}/{{token}}", get=others.show_stop, post=others.stop),
        route(one, get=pages.show_ways, post=pages.choose),
        route(f"{one}/{EARLY}", get=at_counter.show_early, post=at_counter.send),
        route(f"{one}/contact", get=proofs.show_contact, post=proofs.submit_contact),
        route(f"{one}/contact/resend", post=proofs.resend),
        route(f"{one}/proof", get=proofs.show_proof, post=proofs.submit_proof),
        route(f"{one}/password", get=proofs.show_password, post=proofs.submit_password),
    )


def _own_pages(parts: SiteParts, journeys: _Journeys) -> tuple[Route, ...]:
    ports, route = parts.ports, parts.route
    desk = OwnDataDesk(parts.sessions, ports.authenticators, parts.sign_in, ports.clock, parts.desk)
    known = KnownPeople(ports.identity_records, ports.short_lived, ports.clock)
    trusting = Trusting(
        ports.trusted_people,
        known,
        journeys.circle,
        ports.accounts,
        parts.recovery_messages,
        parts.errands,
        ports.keys,
        ports.clock,
    )
    helping = Helping(journeys.people)
    ways = OpenWays(ports.recoveries, ports.activation_links)
    own = OwnRecoveryPages(trusting, helping, journeys.people, journeys.proving, ways, ports.clock, desk)
    helper = HelpRecoverPages(helping, ports.clock, desk)
    path, requests = trusted_people.PATH, trusted_people.REQUESTS
    return (
        route(path, get=own.show),
        route(f"{path}/people", post=own.name),
        route(f"{path}/people/{{handle}}/remove", post=own.remove),
        route(f"{path}/trust/{{handle}}/accept", post=own.accept),
        route(f"{path}/trust/{{handle}}/decline", post=own.decline),
        route(f"{path}/password", post=own.new_password),
        route(f"{requests}/{{request_id}}", get=helper.show, post=helper.confirm),
        route(f"{requests}/{{request_id}}/deny", post=helper.deny),
        route(trusted_people.STOP, post=own.stop),
    )


def _journeys(parts: SiteParts) -> _Journeys:
    ports = parts.ports
    needed = _needed(parts)
    circle = Circle(
        ports.accounts, ports.trusted_people, ports.acting.guardianships, ports.identity_records, ports.clock
    )
    people = RecoveryByPeople(needed, circle, RecoveryTokens(ports.keys, ports.entropy), ports.entropy)
    return _Journeys(needed, circle, ports.watch(people), ports.watch(Proving(needed)))


def _needed(parts: SiteParts) -> RecoveryParts:
    ports = parts.ports
    documents = BoundDocuments(
        "recovery",
        Recovering,
        LIFETIME,
        store=ports.short_lived,
        vault=ports.vault,
        clock=ports.clock,
        entropy=ports.entropy,
    )
    return RecoveryParts(
        documents=documents,
        recoveries=ports.recoveries,
        accounts=ports.accounts,
        authenticators=ports.authenticators,
        contacts=ports.own_contacts,
        attempts=parts.attempts,
        codes=ActivationCodes(ports.short_lived, ports.keys, ports.clock, ports.entropy),
        messages=parts.recovery_messages,
        errands=parts.errands,
        throttling=parts.throttling,
        devices=parts.devices,
        passwords=parts.passwords,
        keys=ports.keys,
        audit=ports.audit,
        refusing=Refusing(parts.floods),
        clock=ports.clock,
    )
