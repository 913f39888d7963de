"""What the pages about a person's own data are made from."""

from idp.adapters.foundation import Foundation
from idp.assembly.corrections import own_corrections
from idp.journeys.account_closing import ClosingAccounts
from idp.journeys.data_export import DataExport, ExportPorts
from idp.journeys.safety_export import SafetyExport, SafetyExportPorts
from idp.web.pages.account.data import OwnData


def own_data(at: Foundation) -> OwnData:
    """Put the ports and use cases together."""
    stores = at.stores
    return OwnData(
        accounts=stores.accounts,
        identity_records=stores.identity_records,
        releases=stores.releases,
        consents=stores.consents,
        clients=stores.clients,
        keys=at.keys,
        record_accesses=stores.record_accesses,
        corrections=own_corrections(at),
        closing=closing_accounts(at),
        export=DataExport(_export_ports(at), at.settings.issuer),
        issuer=at.settings.issuer,
    )


def closing_accounts(at: Foundation) -> ClosingAccounts:
    """Make what closes accounts."""
    stores = at.stores
    return ClosingAccounts(
        stores.account_closures, stores.accounts, at.clock, at.entropy, default_locale=at.settings.default_locale
    )


def _export_ports(at: Foundation) -> ExportPorts:
    stores = at.stores
    return ExportPorts(
        accounts=stores.accounts,
        safety=SafetyExport(_safety_ports(at)),
        identity_records=stores.identity_records,
        consents=stores.consents,
        releases=stores.releases,
        record_accesses=stores.record_accesses,
        corrections=stores.corrections,
        closures=stores.account_closures,
        locks=stores.account_locks,
        mandates=stores.mandates,
        guardianships=stores.guardianships,
        audit=stores.audit_trail,
        clock=at.clock,
    )


def _safety_ports(at: Foundation) -> SafetyExportPorts:
    stores = at.stores
    return SafetyExportPorts(
        authenticators=stores.authenticators,
        passkeys=stores.passkeys,
        certificates=stores.account_certificates,
        sessions=stores.session_records,
        trusted=stores.trusted_browsers,
        history=stores.security_history,
        past=stores.sign_in_history,
        alerts=stores.security_alerts,
        contacts=stores.own_contacts,
        people=stores.trusted_people,
        recoveries=stores.recoveries,
        accounts=stores.accounts,
        clock=at.clock,
    )
