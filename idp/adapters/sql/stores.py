"""Every port on one SQL database: the one place that knows which engine a URL names.

Short-lived state may lie in a store of its own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.sql.authenticators.account_certificates import SqlAccountCertificates
from idp.adapters.sql.authenticators.authenticators import SqlAuthenticators
from idp.adapters.sql.authenticators.passkeys import SqlPasskeys
from idp.adapters.sql.authenticators.recoveries import SqlRecoveries
from idp.adapters.sql.authenticators.trusted_browsers import SqlTrustedBrowsers
from idp.adapters.sql.authenticators.trusted_people import SqlTrustedPeople
from idp.adapters.sql.authority.authorities import SqlAuthorities
from idp.adapters.sql.authority.guardianships import SqlGuardianships
from idp.adapters.sql.authority.mandates import SqlMandates
from idp.adapters.sql.authority.organisations import SqlOrganisations
from idp.adapters.sql.clients.assurance_policies import SqlAssurancePolicies
from idp.adapters.sql.clients.client_notifications import SqlClientNotifications
from idp.adapters.sql.clients.clients import SqlClientRegistry, SqlClients
from idp.adapters.sql.clients.consents import SqlConsents
from idp.adapters.sql.clients.grants import SqlGrants
from idp.adapters.sql.clients.initial_access_tokens import SqlInitialAccessTokens
from idp.adapters.sql.clients.outbox import SqlOutbox
from idp.adapters.sql.clients.releases import SqlReleases
from idp.adapters.sql.clients.session_records import SqlSessionRecords
from idp.adapters.sql.database import Database, EngineDatabase
from idp.adapters.sql.housekeeping import Housekeeping
from idp.adapters.sql.leases import SqlLeases
from idp.adapters.sql.loading.records import SqlRecordStore
from idp.adapters.sql.officers.activation_links import SqlActivationLinks
from idp.adapters.sql.officers.agencies import SqlAgencies
from idp.adapters.sql.officers.agency_tree import SqlAgencyTree
from idp.adapters.sql.officers.change_requests import SqlChangeRequests
from idp.adapters.sql.officers.officers import SqlOfficers
from idp.adapters.sql.officers.provisioned_officers import SqlProvisionedOfficers
from idp.adapters.sql.people.account_closures import SqlAccountClosures
from idp.adapters.sql.people.account_locks import SqlAccountLocks
from idp.adapters.sql.people.accounts import SqlAccounts
from idp.adapters.sql.people.ageing_records import SqlAgeingRecords
from idp.adapters.sql.people.corrections import SqlCorrections
from idp.adapters.sql.people.duplicates import SqlDuplicates
from idp.adapters.sql.people.identity_records import SqlIdentityRecords
from idp.adapters.sql.people.idle_accounts import SqlIdleAccounts
from idp.adapters.sql.people.kept_register_events import SqlKeptRegisterEvents
from idp.adapters.sql.people.lock_requests import SqlLockRequests, SqlSpecialDays
from idp.adapters.sql.people.own_contacts import SqlOwnContacts
from idp.adapters.sql.people.people_search import SqlPeopleSearch
from idp.adapters.sql.people.proofing_cases import SqlProofingCases
from idp.adapters.sql.people.record_accesses import SqlRecordAccesses
from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.adapters.sql.sqlite.database import SqliteDatabase
from idp.adapters.sql.trail.alert_messages import SqlAlertMessages
from idp.adapters.sql.trail.audit import SqlAuditLog, SqlAuditTrail
from idp.adapters.sql.trail.journey_counts import SqlJourneyCounts
from idp.adapters.sql.trail.security_alerts import SqlSecurityAlerts
from idp.adapters.sql.trail.security_history import SqlSecurityHistory
from idp.adapters.sql.trail.sign_in_facts import SqlSignInFacts
from idp.adapters.sql.trail.sign_in_history import SqlSignInHistory
from idp.adapters.sql.trail.told_keys import SqlToldKeys
from idp.adapters.sql.url import is_postgresql, sqlite_path
from idp.domain.levels.assurance import REACH_EVERYWHERE, Reach
from idp.ports.account_closures import AccountClosures
from idp.ports.account_locks import AccountLocks
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.activation_links import ActivationLinks
from idp.ports.ageing_records import AgeingRecords
from idp.ports.agencies import Agencies
from idp.ports.agency_tree import AgencyTree
from idp.ports.assurance_policies import AssurancePolicies
from idp.ports.audit import AuditHistory, AuditLog, AuditTrail
from idp.ports.authorities import Authorities, Guardianships, Mandates, Organisations
from idp.ports.change_requests import ChangeRequests
from idp.ports.client_notifications import ClientNotifications
from idp.ports.clients import ClientRegistry, Clients
from idp.ports.clock import Clock, Entropy
from idp.ports.corrections import Corrections
from idp.ports.duplicates import Duplicates
from idp.ports.grants import Consents, Grants
from idp.ports.identity_records import IdentityRecords
from idp.ports.idle_accounts import IdleAccounts
from idp.ports.initial_access_tokens import InitialAccessTokens
from idp.ports.journey_counts import JourneyCounts
from idp.ports.kept_register_events import KeptRegisterEvents
from idp.ports.leases import Leases
from idp.ports.lock_requests import LockRequests, SpecialDays
from idp.ports.officers import Officers, ProvisionedOfficers
from idp.ports.outbox import Outbox
from idp.ports.own_contacts import OwnContacts
from idp.ports.passkeys import Passkeys
from idp.ports.people_search import PeopleSearch
from idp.ports.person_certificates import AccountCertificates
from idp.ports.proofing_cases import ProofingCases
from idp.ports.record_accesses import RecordAccesses
from idp.ports.records import RecordStore
from idp.ports.recoveries import Recoveries, TrustedPeople
from idp.ports.releases import Releases
from idp.ports.security_alerts import AlertMessages, SecurityAlerts
from idp.ports.security_history import SecurityHistory
from idp.ports.session_records import SessionRecords
from idp.ports.short_lived import ShortLivedStore
from idp.ports.sign_in_facts import SignInFacts
from idp.ports.sign_in_history import SignInHistory
from idp.ports.told_keys import ToldKeys
from idp.ports.trusted_browsers import TrustedBrowsers
from idp.ports.vault import Vault

if TYPE_CHECKING:
    from idp.adapters.redis.short_lived import RedisShortLivedStore


@dataclass(frozen=True, slots=True)
class Stores:
    """What the core and the commands read and write. `close` finishes what was begun."""

    database: Database
    accounts: Accounts
    account_locks: AccountLocks
    kept_register_events: KeptRegisterEvents
    ageing_records: AgeingRecords
    lock_requests: LockRequests
    special_days: SpecialDays
    authenticators: Authenticators
    passkeys: Passkeys
    account_certificates: AccountCertificates
    activation_links: ActivationLinks
    officers: Officers
    provisioned_officers: ProvisionedOfficers
    agencies: Agencies
    clients: Clients
    client_registry: ClientRegistry
    initial_access_tokens: InitialAccessTokens
    grants: Grants
    consents: Consents
    releases: Releases
    session_records: SessionRecords
    trusted_browsers: TrustedBrowsers
    security_history: SecurityHistory
    sign_in_history: SignInHistory
    security_alerts: SecurityAlerts
    alert_messages: AlertMessages
    own_contacts: OwnContacts
    account_closures: AccountClosures
    recoveries: Recoveries
    trusted_people: TrustedPeople
    corrections: Corrections
    client_notifications: ClientNotifications
    change_requests: ChangeRequests
    agency_tree: AgencyTree
    short_lived: ShortLivedStore
    outbox: Outbox
    audit_trail: AuditTrail
    told_keys: ToldKeys
    audit_log: AuditLog
    audit_history: AuditHistory
    records: RecordStore
    housekeeping: Housekeeping
    leases: Leases
    idle_accounts: IdleAccounts
    assurance_policies: AssurancePolicies
    sign_in_facts: SignInFacts
    journey_counts: JourneyCounts
    identity_records: IdentityRecords
    record_accesses: RecordAccesses
    people_search: PeopleSearch
    proofing_cases: ProofingCases
    duplicates: Duplicates
    authorities: Authorities
    mandates: Mandates
    guardianships: Guardianships
    organisations: Organisations
    state: "RedisShortLivedStore | None" = None
    """What `short_lived` stands on, where that is not the database."""

    async def close(self) -> None:
        """Commit what is queued and let go of the engines."""
        await self.database.close()
        if self.state is not None:
            await self.state.close()


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """Connections of one process, seconds for each step, and how often what is safe to repeat is repeated.

    SQLite has one writer and a reader a thread, and waits for other processes as long as it does by itself.
    """

    connections: int = 10
    seconds: float = 5.0
    retries: int = 2


def open_database(url: str, clock: Clock, limits: DatabaseLimits = DatabaseLimits()) -> EngineDatabase:
    """The database that `url` names; nothing is opened before the first unit of work."""
    if is_postgresql(url):
        from idp.adapters.sql.postgresql.database import PostgresqlDatabase  # noqa: PLC0415 -- not needed with SQLite

        return PostgresqlDatabase(url, clock, size=limits.connections, timeout=limits.seconds, retries=limits.retries)
    return SqliteDatabase(sqlite_path(url), clock, lock_timeout=limits.seconds)


def open_stores(
    url: str, vault: Vault, clock: Clock, entropy: Entropy, state: "RedisShortLivedStore | None" = None
) -> Stores:
    """Every port on the database that `url` names. The schema is there already: see `schema.prepare`."""
    return stores_on(open_database(url, clock), vault, clock, entropy, state, is_partitioned=is_postgresql(url))


def stores_on(
    database: Database,
    vault: Vault,
    clock: Clock,
    entropy: Entropy,
    state: "RedisShortLivedStore | None" = None,
    *,
    is_partitioned: bool,
    reach: Reach = REACH_EVERYWHERE,
) -> Stores:
    """Every port on `database`; short-lived state in `state` where there is one.

    `is_partitioned`: the tables that grow with time are, as they are on PostgreSQL. `reach`: what this installation's
    methods of signing in can prove, which policies cannot go beyond.
    """
    return Stores(
        database=database,
        accounts=SqlAccounts(database, vault, clock, entropy),
        account_locks=SqlAccountLocks(database, entropy),
        kept_register_events=SqlKeptRegisterEvents(database, vault, entropy),
        ageing_records=SqlAgeingRecords(database),
        lock_requests=SqlLockRequests(database, vault, entropy),
        special_days=SqlSpecialDays(database),
        authenticators=SqlAuthenticators(database, vault, entropy),
        passkeys=SqlPasskeys(database, vault),
        account_certificates=SqlAccountCertificates(database, vault),
        activation_links=SqlActivationLinks(database, entropy),
        officers=SqlOfficers(database, vault, clock, entropy),
        provisioned_officers=SqlProvisionedOfficers(database, vault, clock, entropy),
        agencies=SqlAgencies(database),
        clients=(known_clients := SqlClients(database, clock)),
        client_registry=SqlClientRegistry(database, known_clients.changed),
        initial_access_tokens=SqlInitialAccessTokens(database),
        grants=SqlGrants(database, clock, entropy),
        consents=SqlConsents(database, entropy),
        releases=SqlReleases(database),
        session_records=SqlSessionRecords(database),
        trusted_browsers=SqlTrustedBrowsers(database),
        security_history=SqlSecurityHistory(database),
        sign_in_history=SqlSignInHistory(database, vault, entropy),
        security_alerts=SqlSecurityAlerts(database),
        alert_messages=SqlAlertMessages(database, vault),
        own_contacts=SqlOwnContacts(database, vault, entropy),
        account_closures=SqlAccountClosures(database, entropy),
        recoveries=SqlRecoveries(database, entropy),
        trusted_people=SqlTrustedPeople(database),
        corrections=SqlCorrections(database, vault),
        client_notifications=SqlClientNotifications(database),
        change_requests=SqlChangeRequests(database, vault),
        agency_tree=SqlAgencyTree(database),
        short_lived=state or SqlShortLivedStore(database),
        outbox=SqlOutbox(database),
        audit_trail=SqlAuditTrail(database),
        told_keys=SqlToldKeys(database),
        audit_log=SqlAuditLog(database),
        audit_history=SqlAuditLog(database),
        records=SqlRecordStore(database, vault, clock, entropy),
        housekeeping=_housekeeping(database, is_partitioned=is_partitioned),
        journey_counts=SqlJourneyCounts(database),
        leases=SqlLeases(database),
        idle_accounts=SqlIdleAccounts(database, entropy),
        assurance_policies=SqlAssurancePolicies(database, clock, reach),
        sign_in_facts=SqlSignInFacts(database),
        identity_records=SqlIdentityRecords(database, vault, clock, entropy),
        record_accesses=SqlRecordAccesses(database, vault),
        people_search=SqlPeopleSearch(database, vault),
        proofing_cases=SqlProofingCases(database, vault, clock, entropy),
        duplicates=SqlDuplicates(database, vault, clock, entropy),
        authorities=SqlAuthorities(database, vault, entropy),
        mandates=SqlMandates(database, vault, entropy),
        guardianships=SqlGuardianships(database, vault, clock, entropy),
        organisations=SqlOrganisations(database, vault),
        state=state,
    )


def _housekeeping(database: Database, *, is_partitioned: bool) -> Housekeeping:
    if is_partitioned:
        from idp.adapters.sql.postgresql.housekeeping import PartitionedHousekeeping  # noqa: PLC0415 -- as above

        return PartitionedHousekeeping(database)
    return Housekeeping(database)
