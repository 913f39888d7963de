"""What is done in the background, by whom, and that it is done."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.audit_checkpoints import CheckpointWriter, open_sink
from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.foundation import Foundation, open_foundation
from idp.adapters.observability.probes import ClockError
from idp.adapters.sql import schema
from idp.domain.accounts.account import USES_APART
from idp.domain.ids import Seconds
from idp.domain.records import Records
from idp.jobs import ENDED_POSTS, IDLE_ACCOUNTS, SWEEP, SWEEP_LIMIT, ProviderJobs
from idp.journeys.contact_links import ContactLinks
from idp.journeys.floods import Floods
from idp.journeys.journey_counter import JourneyCounter
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.settings import Settings
from idp.web.notifications import MailedNotifications
from idp.web.rendering import Renderer
from idp.web.security_notices import SentSecurityNotices
from idp.web.static_files import StaticFiles
from idp.web.written_words import WrittenWords
from tests.adapters.turned_clock import START, TurnedClock
from tests.ports.samples import EVENT, person
from tests.postgresql import postgresql_url

YEAR = 365 * 24 * 3600


def open_in(folder: Path, **changes: Any) -> Foundation:
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder}/idp.db",
            "keystore": f"file:{folder}/keys",
            "secret_file": folder / "secret",
            "mail": f"file:{folder}/mail",
            "audit_checkpoints": f"file:{folder}/checkpoints.jsonl",
            "argon2": "m=8,t=1,p=1",
        }
        | changes
    )
    load_secret(settings.secret_file, create=True)
    schema.prepare(settings.database_url)
    return open_foundation(settings, numbers=None, hashing_threads=1, clock=TurnedClock(), entropy=SystemEntropy())


def jobs_on(foundation: Foundation) -> ProviderJobs:
    stores, clock = foundation.stores, foundation.clock
    sink = open_sink(foundation.settings.audit_checkpoints, foundation.outgoing)
    renderer = Renderer(StaticFiles())
    mailer, messenger = foundation.mailer, foundation.messenger
    notices = MailedNotifications(renderer, mailer, messenger, clock, account_url="https://id.example/account")
    words = WrittenWords(renderer, mailer, messenger)
    alerts = SentSecurityNotices(
        words,
        ContactLinks(foundation.keys),
        RecoveryTokens(foundation.keys, foundation.entropy),
        issuer="https://id.example",
    )

    def report(name: str, failure: Exception) -> None:
        raise AssertionError(name) from failure

    checkpoints = CheckpointWriter(stores.audit_log, foundation.signer, sink, clock)
    answers = EncryptedAnswers(foundation.encryption, ClientKeys(ForeignJws(), foundation.outgoing, clock))
    floods, counter = Floods(stores.audit_trail, clock), JourneyCounter(stores.journey_counts, clock)
    return ProviderJobs(foundation, answers, floods, counter, checkpoints, notices, alerts, report)


@pytest.fixture
async def foundation(tmp_path: Path) -> AsyncIterator[Foundation]:
    opened = open_in(tmp_path)
    yield opened
    await opened.close()


async def test_a_sweep_deletes_everything_that_expired_however_much_it_is(
    foundation: Foundation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.jobs.SWEEP_LIMIT", 10)
    store = foundation.stores.short_lived
    for number in range(35):
        await store.put(f"code:{number}", b"", Seconds(START))
    jobs = jobs_on(foundation)
    await jobs.ownership.beat()
    await jobs.sweep()
    assert SWEEP_LIMIT == 1000
    assert await store.sweep(Seconds(START), 100) == 0


async def test_a_sweep_that_lost_its_job_leaves_the_rest_to_the_new_owner(foundation: Foundation) -> None:
    await foundation.stores.short_lived.put("code:1", b"", Seconds(START))
    await jobs_on(foundation).sweep()
    assert await foundation.stores.short_lived.sweep(Seconds(START), 100) == 1


async def test_of_two_processes_on_one_database_one_does_what_is_done_once(tmp_path: Path) -> None:
    foundations = [open_in(tmp_path), open_in(tmp_path)]
    first, second = (jobs_on(each) for each in foundations)
    await asyncio.gather(first.ownership.beat(), second.ownership.beat())
    owned = [each.background.owned() for each in (first, second)]
    assert set(owned[0]) >= {"audit chain", "sign-in facts", SWEEP, "key rotation", IDLE_ACCOUNTS, ENDED_POSTS}
    assert all(sum(each[job] for each in owned) == 1 for job in owned[0])
    assert all(each.background.holds("logout delivery") for each in (first, second))
    assert all(each.background.holds("audit checkpoint") for each in (first, second))
    for each in foundations:
        await each.close()


async def test_on_a_node_whose_clock_is_wrong_nothing_comes_to_its_end(tmp_path: Path) -> None:
    opened = open_in(tmp_path, database_url=postgresql_url())
    runs = {job.name: job.run for job in jobs_on(opened)._jobs()}
    for job in (SWEEP, "key rotation", IDLE_ACCOUNTS):
        with pytest.raises(ClockError):
            await runs[job]()
    await runs["audit chain"]()
    await opened.close()


async def test_posted_checkpoints_are_posted_by_one_process(tmp_path: Path) -> None:
    opened = open_in(tmp_path, audit_checkpoints="https://keeper.example.vn/checkpoints")
    assert "audit checkpoint" in jobs_on(opened).background.owned()
    await opened.close()


async def test_the_owner_of_an_idle_account_finds_a_message_in_his_own_language(
    foundation: Foundation, tmp_path: Path
) -> None:
    claims = person(1).claims
    people = (person(1), person(2, claims={**claims, "locale": "en"}))
    await foundation.stores.records.load(Records(people=people), EVENT)
    assert isinstance(foundation.clock, TurnedClock)
    foundation.clock.seconds += 2 * YEAR + USES_APART
    jobs = jobs_on(foundation)
    jobs.background.start()
    async with asyncio.timeout(20):
        while IDLE_ACCOUNTS not in jobs.background.last_success():  # noqa: ASYNC110 -- a few turns of the loop
            await asyncio.sleep(0.01)
    sample = await foundation.metrics.sample()
    assert sample.gauges["idp_job_owned"][(IDLE_ACCOUNTS,)] == 1
    assert sample.gauges["idp_job_last_success_timestamp_seconds"][(IDLE_ACCOUNTS,)] == foundation.clock.seconds
    await jobs.background.stop()
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (tmp_path / "mail").glob("*.eml")]
    told = {str(mail["To"]): (str(mail["Subject"]), mail.get_content()) for mail in mails}
    assert told["hoa1@example.vn"][0] == "Hãy đăng nhập để giữ tài khoản của bạn"
    assert told["hoa2@example.vn"][0] == "Sign in to keep your account"
    assert "it will be locked on 16 March 2029." in told["hoa2@example.vn"][1]
    assert "https://id.example/account" in told["hoa2@example.vn"][1].splitlines()
