"""The pages under `/open-account`."""

from starlette.routing import Route

from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.self_registration import LIFETIME, Registration, RegistrationParts, SelfRegistration
from idp.ports.population_registry import PopulationRegistry
from idp.web.pages.new_accounts.registration import DONE, REGISTER, RegistrationClosedPages, RegistrationPages
from idp.web.pages.site_parts import SiteParts


def registration_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes under `/open-account`; without a population register one that says so."""
    registry = parts.ports.population_registry
    if registry is None:
        closed = RegistrationClosedPages(parts.desk)
        return (parts.route(REGISTER, get=closed.show, post=closed.show),)
    pages = RegistrationPages(parts.ports.watch(_registration(parts, registry)), parts.desk)
    step = f"{REGISTER}/{{registration_id}}"
    return (
        parts.route(REGISTER, get=pages.show, post=pages.apply),
        parts.route(DONE, get=pages.done),
        parts.route(f"{step}/code", get=pages.show_code, post=pages.submit_code),
        parts.route(f"{step}/code/resend", post=pages.resend),
        parts.route(f"{step}/password", get=pages.show_password, post=pages.submit_password),
    )


def _registration(parts: SiteParts, registry: PopulationRegistry) -> SelfRegistration:
    ports = parts.ports
    documents = BoundDocuments(
        "registration",
        Registration,
        LIFETIME,
        store=ports.short_lived,
        vault=ports.vault,
        clock=ports.clock,
        entropy=ports.entropy,
    )
    return SelfRegistration(
        RegistrationParts(
            registry=registry,
            documents=documents,
            records=ports.identity_records,
            accounts=ports.accounts,
            codes=ActivationCodes(ports.short_lived, ports.keys, ports.clock, ports.entropy),
            messages=parts.notices,
            throttling=parts.throttling,
            passwords=parts.passwords,
            audit=ports.audit,
            floods=parts.floods,
            clock=ports.clock,
        )
    )
