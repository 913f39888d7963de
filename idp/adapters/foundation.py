"""What every part of the provider stands on: the adapters that the settings ask for, opened once per process."""

from dataclasses import dataclass, replace
from pathlib import Path

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.subject_keys import KeystoreSubjectKeys
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.adapters.http.outgoing import GuardedHttp
from idp.adapters.mail.file_mailer import FileMailer
from idp.adapters.mail.mailer import open_mailer
from idp.adapters.mail.smtp_mailer import SmtpMailer
from idp.adapters.observability.counted_database import CountedDatabase
from idp.adapters.observability.measured_stores import MeasuredDatabase, MeasuredShortLivedStore
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.process_numbers import watch_process
from idp.adapters.observability.worker_numbers import WorkerNumbers
from idp.adapters.sql.stores import DatabaseLimits, Stores, open_database, stores_on
from idp.ports.clock import Clock, Entropy
from idp.settings import Settings


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything else stands on: opened once per process."""

    settings: Settings
    clock: Clock
    entropy: Entropy
    stores: Stores
    signer: KeystoreTokenSigner
    keys: KeystoreSubjectKeys
    keystore: FileKeystore
    hasher: Argon2PasswordHasher
    outgoing: GuardedHttp
    metrics: Metrics
    numbers: WorkerNumbers | None
    mailer: FileMailer | SmtpMailer

    async def close(self) -> None:
        """Finish what was begun, and let go of everything."""
        await self.stores.close()
        await self.outgoing.close()
        self.hasher.close()
        if isinstance(self.mailer, SmtpMailer):
            self.mailer.close()
        if self.numbers is not None:
            self.numbers.retire()


def database_limits(settings: Settings) -> DatabaseLimits:
    """The limits that the settings ask for."""
    return DatabaseLimits(settings.database_pool, settings.database_timeout, settings.store_retries)


def open_foundation(
    settings: Settings, *, numbers: Path | None, hashing_threads: int | None, clock: Clock, entropy: Entropy
) -> Foundation:
    """Open everything. `numbers` and `hashing_threads` as for `idp.app.build_app`; raises `KeyMaterialError`."""
    metrics = Metrics()
    watch_process(metrics, settings.node)
    database = open_database(settings.database_url, clock, database_limits(settings))
    metrics.gauge("idp_writer_queue", database.queued)
    hasher = Argon2PasswordHasher(settings.argon2, hashing_threads)
    metrics.gauge("idp_argon2_queue", lambda: hasher.in_work)
    secret = load_secret(settings.secret_file, create=settings.creates_secret)
    keystore = FileKeystore(settings.keystore_path, secret, clock)
    counted = CountedDatabase(MeasuredDatabase(database, metrics), metrics.count_events)
    stores = stores_on(counted, keystore.vault(), clock, entropy)
    return Foundation(
        settings=settings,
        clock=clock,
        entropy=entropy,
        stores=replace(stores, short_lived=MeasuredShortLivedStore(stores.short_lived, metrics)),
        signer=keystore.token_signer(),
        keys=keystore.subject_keys(),
        keystore=keystore,
        hasher=hasher,
        outgoing=GuardedHttp(settings.outbound_allow),
        metrics=metrics,
        numbers=WorkerNumbers(numbers, metrics) if numbers else None,
        mailer=open_mailer(settings, clock, entropy),
    )
