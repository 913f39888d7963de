"""Dynamic registration, put together."""

from idp.adapters.importing.registered_document import RegisteredDocument
from idp.adapters.statement_issuers import FOLDER, read_statement_issuers
from idp.assembly.protocol_parts import ProtocolParts
from idp.journeys.throttling import Throttling
from idp.protocol.registration.check_metadata import MetadataCheck
from idp.protocol.registration.information import ClientInformation
from idp.protocol.registration.manage import ClientConfigurationEndpoint
from idp.protocol.registration.register import ClientRegistrationEndpoint
from idp.protocol.registration.sector_document import SectorDocuments
from idp.protocol.registration.software_statement import SoftwareStatements, StatementIssuers


def registration_endpoints(
    parts: ProtocolParts, issuers: StatementIssuers | None = None
) -> tuple[ClientRegistrationEndpoint, ClientConfigurationEndpoint]:
    """Make both endpoints; `issuers` of software statements are those of the folder when None.

    Raises `KeyMaterialError` when a file about one cannot be used.
    """
    at, stores = parts.at, parts.at.stores
    reader = RegisteredDocument(at.signer.algorithms)
    trusted = read_statement_issuers(FOLDER) if issuers is None else issuers
    check = MetadataCheck(
        reader,
        SoftwareStatements(parts.foreign, trusted, at.clock, parts.issuer),
        SectorDocuments(at.outgoing),
        legacy=at.settings.legacy_response_types,
    )
    information = ClientInformation(parts.issuer, reader)
    throttling = Throttling(stores.short_lived, at.keys)
    return (
        ClientRegistrationEndpoint(
            stores.initial_access_tokens,
            stores.client_registry,
            check,
            information,
            parts.refusals,
            throttling,
            at.clock,
            at.entropy,
        ),
        ClientConfigurationEndpoint(
            stores.client_registry,
            check,
            information,
            parts.refusals,
            throttling,
            at.clock,
            at.entropy,
        ),
    )
