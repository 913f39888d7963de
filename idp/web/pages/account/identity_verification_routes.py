"""The pages under `/account/identity/verify`."""

from starlette.routing import Route

from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.remote_proofing import BACK, LIFETIME, VERIFY, CheckUnderWay, RemoteProofing, RemoteProofingParts
from idp.web.pages.account.identity_verification import IdentityVerificationPages, VerificationClosedPages
from idp.web.pages.site_parts import SiteParts


def identity_verification_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes; without verifier or register one that says so."""
    ports, portraits = parts.ports, parts.portraits
    if portraits is None:
        closed = VerificationClosedPages(parts.desk)
        return (parts.route(VERIFY, get=closed.show, post=closed.show),)
    documents = BoundDocuments(
        "remote-proofing",
        CheckUnderWay,
        LIFETIME,
        store=ports.short_lived,
        vault=ports.vault,
        clock=ports.clock,
        entropy=ports.entropy,
    )
    proofing = RemoteProofing(
        RemoteProofingParts(
            portraits=portraits,
            documents=documents,
            records=ports.identity_records,
            accounts=ports.accounts,
            messages=parts.notices,
            throttling=parts.throttling,
            audit=ports.audit,
            clock=ports.clock,
        )
    )
    pages = IdentityVerificationPages(ports.watch(proofing), ports.accounts, parts.sessions, parts.sign_in, parts.desk)
    return (
        parts.route(VERIFY, get=pages.show, post=pages.start),
        parts.route(BACK, get=pages.back),
    )
