from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from idp.domain.accounts.account import Contact
from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.domain.ids import Seconds
from idp.journeys.risk.alert_delivery import FIRST_DELAY, LEASE, PATIENCE, AlertDelivery
from idp.ports.mail import MailError, RecipientRefusedError
from idp.ports.messages import MessageError
from tests.flows.stopping import Process, install
from tests.journeys.stage import AN, Stage


@dataclass
class Post:
    """Takes notices, or fails as told."""

    failure: Exception | None = None
    told: list[tuple[str, AlertKind, str]] = field(default_factory=list)
    alerts: list[tuple[str, str]] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def alert(self, contact: Contact, alert: SecurityAlert, locale: str) -> None:
        if self.failure:
            raise self.failure
        if self.meanwhile:
            await self.meanwhile()
        self.alerts.append((contact.kind.value, alert.alert_id))
        self.told.append((contact.kind.value, alert.kind, locale))


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
async def delivery(stage: Stage, post: Post) -> AlertDelivery:
    alert = SecurityAlert(
        alert_id="1", account_id=await stage.account_id(AN), kind=AlertKind.NEW_DEVICE, at=stage.clock.now()
    )
    await stage.stores.security_alerts.add("main", 0, 1, [alert])
    stores = stage.stores
    return AlertDelivery(stores.alert_messages, stores.accounts, post, stage.clock, default_locale="vi")


async def test_a_person_is_told_by_every_contact_once(delivery: AlertDelivery, post: Post) -> None:
    assert await delivery.deliver_due() == 2
    assert sorted(post.told) == [("email", AlertKind.NEW_DEVICE, "vi-VN"), ("phone", AlertKind.NEW_DEVICE, "vi-VN")]
    assert await delivery.deliver_due() == 0


@pytest.mark.parametrize("failure", [MailError(), MessageError()])
async def test_what_did_not_leave_is_tried_again_later_each_time(
    stage: Stage, delivery: AlertDelivery, post: Post, failure: Exception
) -> None:
    post.failure = failure
    await delivery.deliver_due()
    stage.clock.advance(FIRST_DELAY - 1)
    assert await delivery.deliver_due() == 0
    stage.clock.advance(1)
    assert await delivery.deliver_due() == 2
    stage.clock.advance(2 * FIRST_DELAY)
    post.failure = None
    await delivery.deliver_due()
    assert len(post.told) == 2
    assert await stage.events("alert.undelivered") == []


async def test_what_nobody_takes_is_given_up_and_leaves_an_event(
    stage: Stage, delivery: AlertDelivery, post: Post
) -> None:
    post.failure = RecipientRefusedError()
    await delivery.deliver_due()
    assert len(await stage.events("alert.undelivered")) == 2
    assert await delivery.deliver_due() == 0


async def test_what_a_process_gave_up_that_died_then_does_not_leave_after_all(
    stage: Stage, delivery: AlertDelivery, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    post.failure = RecipientRefusedError()
    process = Process(last=2)
    with process.runs():
        await delivery.deliver_due()
    assert process.is_gone
    stage.clock.advance(LEASE)
    post.failure = None
    await delivery.deliver_due()
    assert len(post.told) + len(await stage.events("alert.undelivered")) == 2


async def test_an_old_alert_frightens_nobody(stage: Stage, delivery: AlertDelivery, post: Post) -> None:
    post.failure = MailError()
    stage.clock.advance(PATIENCE)
    await delivery.deliver_due()
    assert len(await stage.events("alert.undelivered")) == 2


async def test_a_message_whose_worker_died_comes_back(stage: Stage, delivery: AlertDelivery, post: Post) -> None:
    now = stage.clock.now()
    await stage.stores.alert_messages.claim_due(now, Seconds(now + LEASE), 10)
    assert await delivery.deliver_due() == 0
    stage.clock.advance(LEASE)
    await delivery.deliver_due()
    assert len(post.told) == 2


async def test_nothing_leaves_twice_however_slow_the_mail_server_is(
    stage: Stage, delivery: AlertDelivery, post: Post
) -> None:
    account_id, kinds = await stage.account_id(AN), [kind for kind in AlertKind if kind is not AlertKind.NEW_DEVICE]
    alerts = [
        SecurityAlert(
            alert_id=f"2{number:02}", account_id=account_id, kind=kind, at=stage.clock.now(), is_limited=False
        )
        for number, kind in enumerate((kinds * 40)[:40])
    ]
    await stage.stores.security_alerts.add("main", 1, 2, alerts)
    other_post = Post()
    stores = stage.stores
    other = AlertDelivery(stores.alert_messages, stores.accounts, other_post, stage.clock, default_locale="vi")

    async def slowly() -> None:
        stage.clock.advance(20)
        await other.deliver_due()

    post.meanwhile = slowly
    while await delivery.deliver_due():
        continue
    stage.clock.advance(LEASE)
    assert await delivery.deliver_due() == 0
    left = post.alerts + other_post.alerts
    assert len(left) == len(set(left)) == 2 + 2 * len(alerts)
