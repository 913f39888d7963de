"""What every part of the provider stands on: the adapters that the settings ask for, opened once per process."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from idp.adapters.available_methods import available_methods
from idp.adapters.crypto.keystore import Keystore, open_keystore
from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.adapters.crypto.subject_keys import KeystoreSubjectKeys
from idp.adapters.crypto.token_encryption import KeystoreTokenEncryption
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.adapters.crypto.vault import KeystoreVault
from idp.adapters.guarded_stores import (
    DATABASE_READ,
    DATABASE_WRITE,
    STATE,
    Breakers,
    GuardedDatabase,
    GuardedShortLivedStore,
)
from idp.adapters.http.outgoing import CONNECTIONS, GuardedHttp
from idp.adapters.mail.file_mailer import FileMailer
from idp.adapters.mail.mailer import open_mailer
from idp.adapters.mail.smtp_mailer import SmtpMailer
from idp.adapters.messages.file_messenger import FileMessenger
from idp.adapters.messages.gateway_messenger import GatewayMessenger
from idp.adapters.messages.messenger import open_messenger
from idp.adapters.observability.counted_database import CountedDatabase
from idp.adapters.observability.families import ARGON2_REFUSED, ARGON2_WAIT, STORE_REFUSED
from idp.adapters.observability.measured_stores import MeasuredDatabase, MeasuredShortLivedStore
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.process_numbers import watch_process
from idp.adapters.observability.store_numbers import watch_stores
from idp.adapters.observability.traces import Traces, open_traces
from idp.adapters.observability.worker_numbers import WorkerNumbers
from idp.adapters.places.network_file import NetworkPlaces, open_places
from idp.adapters.redis.opening import open_state
from idp.adapters.registry.service_tls import service_tls
from idp.adapters.sql.stores import DatabaseLimits, Stores, open_database, stores_on
from idp.adapters.sql.url import is_postgresql
from idp.domain.levels.assurance import Method, reach_of
from idp.domain.values import dataclass
from idp.ports.clock import Clock, Entropy
from idp.protocol.resources.own_resources import ClientsAndOwnResources, own_resources
from idp.settings import Settings

SERVICE_SECONDS: Final = 2.5
"""For one call to a service of the state: a person waits for the page, and a read may be repeated once."""


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything else stands on: opened once per process."""

    settings: Settings
    clock: Clock
    entropy: Entropy
    stores: Stores
    signer: KeystoreTokenSigner
    encryption: KeystoreTokenEncryption
    keys: KeystoreSubjectKeys
    keystore: Keystore
    vault: KeystoreVault
    hasher: Argon2PasswordHasher
    outgoing: GuardedHttp
    gateways: GuardedHttp
    services: GuardedHttp
    metrics: Metrics
    traces: Traces
    numbers: WorkerNumbers | None
    mailer: FileMailer | SmtpMailer
    messenger: FileMessenger | GatewayMessenger
    places: NetworkPlaces
    methods: frozenset[Method]

    async def close(self) -> None:
        """Finish what was begun, and let go of everything."""
        await self.stores.close()
        await self.outgoing.close()
        await self.gateways.close()
        await self.services.close()
        self.hasher.close()
        if isinstance(self.mailer, SmtpMailer):
            self.mailer.close()
        await self.traces.close()
        if self.numbers is not None:
            self.numbers.retire()


def database_limits(settings: Settings) -> DatabaseLimits:
    """The limits that the settings ask for."""
    return DatabaseLimits(settings.database_pool, settings.database_timeout, settings.store_retries)


def open_foundation(
    settings: Settings, *, numbers: Path | None, hashing_threads: int | None, clock: Clock, entropy: Entropy
) -> Foundation:
    """Open everything. `numbers` and `hashing_threads` as for `idp.app.build_app`.

    Raises `KeyMaterialError`, and `SettingsError` when what a setting asks for is not installed.
    """
    metrics = Metrics()
    traces = open_traces(settings, metrics)
    watch_process(metrics, settings.node)
    hasher = _open_hasher(settings, hashing_threads, metrics)
    keystore = open_keystore(settings, clock)
    vault = keystore.vault()
    stores = _open_stores(_StoreParts(settings, vault, clock, entropy, metrics, traces))
    gateways = GuardedHttp(settings.outbound_allow, most_each=CONNECTIONS)
    return Foundation(
        settings=settings,
        clock=clock,
        entropy=entropy,
        stores=stores,
        signer=keystore.token_signer(),
        encryption=keystore.token_encryption(),
        keys=keystore.subject_keys(),
        keystore=keystore,
        vault=vault,
        hasher=hasher,
        outgoing=GuardedHttp(settings.outbound_allow),
        gateways=gateways,
        services=GuardedHttp(
            settings.outbound_allow,
            tls=service_tls(settings),
            total_seconds=SERVICE_SECONDS,
            most_each=CONNECTIONS,
        ),
        metrics=metrics,
        traces=traces,
        numbers=WorkerNumbers(numbers, metrics) if numbers else None,
        mailer=open_mailer(settings, clock, entropy),
        messenger=open_messenger(settings, gateways, clock, entropy),
        places=open_places(settings.network_places),
        methods=available_methods(settings),
    )


@dataclass(frozen=True, slots=True)
class _StoreParts:
    """What stores are opened with."""

    settings: Settings
    vault: KeystoreVault
    clock: Clock
    entropy: Entropy
    metrics: Metrics
    traces: Traces


def _open_stores(parts: _StoreParts) -> Stores:
    """Every store, guarded, counted and traced."""
    settings, clock, metrics, traces = parts.settings, parts.clock, parts.metrics, parts.traces
    database = open_database(settings.database_url, clock, database_limits(settings))
    breakers = Breakers(settings.request_limit, lambda store: metrics.count(STORE_REFUSED.name, store), time.monotonic)
    metrics.gauge("idp_store_breaker_state", breakers.states)
    guarded = GuardedDatabase(
        MeasuredDatabase(database, metrics), breakers.of(DATABASE_READ), breakers.of(DATABASE_WRITE)
    )
    counted = CountedDatabase(guarded, metrics.count_events)
    state = open_state(settings, clock)
    traced = traces.database(counted, settings.database_url.partition(":")[0])
    is_partitioned = is_postgresql(settings.database_url)
    reach = reach_of(available_methods(settings))
    stores = stores_on(traced, parts.vault, clock, parts.entropy, state, is_partitioned=is_partitioned, reach=reach)
    short_lived = MeasuredShortLivedStore(stores.short_lived, metrics)
    watch_stores(metrics, database, stores.outbox, clock)
    guarded_state = GuardedShortLivedStore(short_lived, breakers.of(STATE)) if state else short_lived
    return replace(
        stores,
        short_lived=traces.short_lived(guarded_state),
        clients=ClientsAndOwnResources(stores.clients, own_resources(settings.issuer)),
    )


def _open_hasher(settings: Settings, threads: int | None, metrics: Metrics) -> Argon2PasswordHasher:
    hasher = Argon2PasswordHasher(
        settings.argon2,
        threads,
        waited=lambda seconds: metrics.observe(ARGON2_WAIT.name, seconds),
        refused=lambda: metrics.count(ARGON2_REFUSED.name),
    )
    metrics.gauge("idp_argon2_queue", lambda: hasher.in_work)
    metrics.gauge("idp_argon2_threads", lambda: hasher.threads)
    return hasher
