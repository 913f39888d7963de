"""The background jobs of the provider, each with its period, and who runs it.

Everywhere: what belongs to a process or a node, and the outbox, whose messages are leased one by one. A file of audit
checkpoints is its node's own, so every node keeps one; where they are posted, one node posts them for all. The rest is
done by one process for all workers of all nodes.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from idp.adapters.audit_checkpoints import CheckpointWriter
from idp.adapters.crypto.system import seconds_since_boot
from idp.adapters.foundation import Foundation
from idp.adapters.key_rotation import DAY, KeySchedule
from idp.adapters.key_trail import KeyTrail
from idp.adapters.observability.probes import clock_agrees
from idp.adapters.observability.worker_numbers import PERIOD
from idp.adapters.sql.url import is_postgresql
from idp.assembly.alerts import alert_delivery, alert_reader
from idp.assembly.decoupled import notification_delivery
from idp.assembly.locks import ageing_rounds
from idp.assembly.own_data import closing_accounts
from idp.journeys.account_security.history import SecurityHistoryReader
from idp.journeys.authority_rounds import AuthorityRounds
from idp.journeys.ended_posts import EndedPosts
from idp.journeys.floods import Floods
from idp.journeys.idle_accounts import IdleAccountRounds
from idp.journeys.journey_counter import JourneyCounter
from idp.journeys.releases import ReleaseReader
from idp.journeys.sign_in_facts import SignInFactReader
from idp.journeys.timed_locks import TimedLocks
from idp.ports.notifications import Notifications
from idp.ports.security_notices import SecurityNotices
from idp.protocol.logout.backchannel_logout import LogoutDelivery, LogoutTokens
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.web.edge.background import BackgroundJobs, Job
from idp.web.edge.job_ownership import LeasedJobs

SWEEP_LIMIT = 1000
"""Rows that one step of the sweep deletes at most, of each table."""

SWEEP: Final = "sweep"
IDLE_ACCOUNTS: Final = "idle accounts"
ENDED_POSTS: Final = "ended posts"
AGEING: Final = "ageing records"
AUTHORITIES: Final = "authorities"
TIMED_LOCKS: Final = "timed locks"
RELEASES: Final = "releases"
CLOSING: Final = "closing accounts"
SIGN_IN_FACTS: Final = "sign-in facts"
ALERTS: Final = "alerts"
SECURITY_HISTORY: Final = "security history"
NAME_WORDS: Final = "words of names"
NAME_WORD_PERIOD: Final = 2
"""Seconds between two portions of people who get their words; with what one takes, a twelfth of a core is in use."""
NAME_WORD_BATCH: Final = 200
NAME_WORD_BATCHES: Final = 10


class ProviderJobs:
    """Puts the jobs together. `answers` knows the keys of clients, `report` hears of every failed run."""

    def __init__(
        self,
        foundation: Foundation,
        answers: EncryptedAnswers,
        floods: Floods,
        journeys: JourneyCounter,
        checkpoints: CheckpointWriter,
        notifications: Notifications,
        security_notices: SecurityNotices,
        report: Callable[[str, Exception], None],
    ) -> None:
        self._at = at = foundation
        self._answers = answers
        self._floods = floods
        self._journeys = journeys
        self._checkpoints = checkpoints
        self._closing = closing_accounts(at)
        self._release_reader = ReleaseReader(at.stores.audit_log, at.stores.releases)
        self._idle_accounts = IdleAccountRounds(
            at.stores.idle_accounts,
            at.stores.accounts,
            notifications,
            at.clock,
            at.entropy,
            days=at.settings.idle_account_days,
            default_locale=at.settings.default_locale,
        )
        self._ended_posts = EndedPosts(at.stores.officers, at.clock, at.entropy)
        self._timed_locks = TimedLocks(at.stores.account_locks, at.stores.lock_requests, at.clock, at.entropy)
        self._ageing = ageing_rounds(at, notifications)
        self._authority_rounds = AuthorityRounds(
            at.stores.mandates,
            at.stores.guardianships,
            at.stores.accounts,
            notifications,
            at.clock,
            at.entropy,
            default_locale=at.settings.default_locale,
        )
        self._sign_in_facts = SignInFactReader(at.stores.audit_log, at.stores.sign_in_facts)
        self._alerts, self._alert_delivery = alert_reader(at), alert_delivery(at, security_notices)
        self._security_history = SecurityHistoryReader(at.stores.audit_log, at.stores.security_history)
        jobs = tuple(self._jobs())
        owner = f"{at.settings.node}/{at.entropy.identifier()}"
        owned = [job.name for job in jobs if not job.everywhere]
        self.ownership = LeasedJobs(at.stores.leases, owned, owner, seconds_since_boot)
        self.background = BackgroundJobs(jobs, self.ownership, at.clock, report)
        self._tell()

    def _jobs(self) -> Iterator[Job]:
        at = self._at
        tokens = LogoutTokens(at.settings.issuer, at.signer, self._answers, at.keys, at.clock, at.entropy)
        delivery = LogoutDelivery(at.stores.outbox, at.stores.clients, tokens, at.outgoing, at.clock)
        notifications = notification_delivery(at, self._answers)
        each_node_keeps_checkpoints = at.settings.audit_checkpoint_path is not None
        if at.numbers:
            yield Job("numbers", PERIOD, at.numbers.write, everywhere=True)
        yield Job("logout delivery", 1, delivery.deliver_due, everywhere=True)
        yield Job("client notifications", 1, notifications.deliver_due, everywhere=True)
        yield Job("refusal counts", 2, self._floods.flush, everywhere=True)
        yield Job("journey counts", 10, self._journeys.flush, everywhere=True)
        yield Job("audit chain", 1, at.stores.database.settle_events)
        yield Job(ALERTS, 5, self._read_alerts)
        yield Job("alerts by mail and message", 2, self._alert_delivery.deliver_due, everywhere=True)
        yield Job(SIGN_IN_FACTS, 10, self._read_sign_ins)
        yield Job(RELEASES, 10, self._read_releases)
        yield Job(SECURITY_HISTORY, 10, self._read_security_history)
        yield Job(NAME_WORDS, NAME_WORD_PERIOD, self._make_name_words)
        yield Job(CLOSING, 300, self._if_on_time(self._close_accounts))
        yield Job(SWEEP, 60, self._if_on_time(self.sweep))
        yield Job("audit checkpoint", 60, self._checkpoints.write_checkpoint, everywhere=each_node_keeps_checkpoints)
        trail = KeyTrail(at.keystore, at.stores.told_keys, at.clock)
        keys = KeySchedule(at.keystore, trail, at.entropy, days=at.settings.key_rotation_days)
        yield Job("key rotation", 60, self._if_on_time(keys.rotate_due_keys))
        yield Job(IDLE_ACCOUNTS, 3600, self._if_on_time(self._look_for_idle_accounts))
        yield Job(AUTHORITIES, 60, self._if_on_time(self._look_at_authorities))
        yield Job(AGEING, 60, self._if_on_time(self._look_at_ageing_records))
        yield Job(ENDED_POSTS, 5, self._if_on_time(self._settle_ended_posts))
        yield Job(TIMED_LOCKS, 60, self._if_on_time(self._timed_locks.end_due))

    def _if_on_time(self, run: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
        """Return `run` as it is done on a node whose clock is right: with a wrong one, what lives would be over."""
        if not is_postgresql(self._at.settings.database_url):
            return run

        async def checked() -> None:
            await clock_agrees(self._at.stores.database, self._at.clock)
            await run()

        return checked

    async def sweep(self) -> None:
        """Delete everything that expired, in bounded steps: however much comes in, as much goes."""
        now = self._at.clock.now()
        for sweep in (self._at.stores.short_lived.sweep, self._at.stores.housekeeping.sweep):
            while self.background.holds(SWEEP) and await sweep(now, SWEEP_LIMIT) >= SWEEP_LIMIT:
                continue

    async def _read_sign_ins(self) -> None:
        await self._sign_in_facts.read_on(lambda: self.background.holds(SIGN_IN_FACTS))

    async def _read_alerts(self) -> None:
        await self._alerts.read_on(lambda: self.background.holds(ALERTS))

    async def _close_accounts(self) -> None:
        await self._closing.close_due(lambda: self.background.holds(CLOSING))

    async def _read_security_history(self) -> None:
        await self._security_history.read_on(lambda: self.background.holds(SECURITY_HISTORY))

    async def _read_releases(self) -> None:
        await self._release_reader.read_on(lambda: self.background.holds(RELEASES))

    async def _make_name_words(self) -> None:
        """Make the words of people from before there were any; once they are made, this is one small look-up."""
        for _ in range(NAME_WORD_BATCHES):
            if not self.background.holds(NAME_WORDS) or not await self._at.stores.people_search.catch_up(
                NAME_WORD_BATCH
            ):
                return

    async def _settle_ended_posts(self) -> None:
        await self._ended_posts.settle(lambda: self.background.holds(ENDED_POSTS))

    async def _look_for_idle_accounts(self) -> None:
        await self._idle_accounts.go(lambda: self.background.holds(IDLE_ACCOUNTS))

    async def _look_at_authorities(self) -> None:
        await self._authority_rounds.go(lambda: self.background.holds(AUTHORITIES))

    async def _look_at_ageing_records(self) -> None:
        await self._ageing.go(lambda: self.background.holds(AGEING))

    def _late_requests(self) -> float:
        """What the last round counted, told by the process that makes the rounds."""
        return float(self._timed_locks.late_requests) if self.background.holds(TIMED_LOCKS) else 0.0

    def _tell(self) -> None:
        """Register what operators see of the jobs."""
        at = self._at
        at.metrics.gauge(
            "idp_signing_key_age_seconds",
            lambda: {(name,): float(at.clock.now() - since) for name, since in at.signer.signing_since().items()},
        )
        rotation = float(at.settings.key_rotation_days * DAY)
        at.metrics.gauge("idp_signing_key_rotation_seconds", lambda: rotation)
        background, metrics = self.background, self._at.metrics
        metrics.gauge("idp_lock_requests_late", self._late_requests)
        metrics.gauge("idp_background_jobs_failing", lambda: len(background.failing()))
        metrics.gauge("idp_job_owned", lambda: {(job,): float(own) for job, own in background.owned().items()})
        metrics.gauge(
            "idp_job_last_success_timestamp_seconds",
            lambda: {(job,): float(at) for job, at in background.last_success().items()},
        )
