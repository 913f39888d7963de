import itertools
from dataclasses import replace

import pytest

from idp.domain import events as told
from idp.domain.abuse.risk import Risk
from idp.domain.accounts.security_alert import MOST_TOLD, USUAL, AlertKind
from idp.domain.events import Event
from idp.domain.ids import AccountId, PasskeyId, SessionId
from idp.journeys.activation import IssuedLinks
from idp.journeys.risk.alerts import ALERTS, AlertReader
from idp.journeys.trail_reading import BATCH
from tests.journeys.stage import ORIGIN, Stage

ANNA = AccountId("anna")
KNOWN = {event.name for event in vars(told).values() if isinstance(event, type) and issubclass(event, Event)}


def assessed(risk: Risk) -> Event:
    return told.SignInAssessed(origin=ORIGIN, account_id=ANNA, risk=risk.name.lower(), signals=("new_device",))


def preferred(*, always: bool) -> Event:
    return told.SecondFactorPreferenceChanged(origin=ORIGIN, account_id=ANNA, always=always)


def phone_refused(reason: str) -> Event:
    return told.PhoneSignInRefused(origin=ORIGIN, account_id=ANNA, reason=reason)


def trust(change: str) -> Event:
    return told.TrustedPersonChanged(origin=ORIGIN, account_id=ANNA, helper=AccountId("helper"), change=change)


def test_every_name_in_the_table_is_an_event() -> None:
    assert ALERTS.keys() <= KNOWN


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (told.PasswordChanged(origin=ORIGIN, account_id=ANNA), AlertKind.PASSWORD_CHANGED),
        (told.AccountLocked(origin=ORIGIN, account_id=ANNA, locked=True, reason="person"), AlertKind.ACCOUNT_LOCKED),
        (preferred(always=False), AlertKind.ALWAYS_ASK_OFF),
        (preferred(always=True), None),
        (told.AccountLocked(origin=ORIGIN, account_id=ANNA, locked=False, reason="person"), None),
        (assessed(Risk.NONE), None),
        (assessed(Risk.RAISED), AlertKind.RISK_RAISED),
        (assessed(Risk.HIGH), AlertKind.RISK_RAISED),
        (phone_refused("denied"), AlertKind.PHONE_REFUSED),
        (phone_refused("wrong_number"), AlertKind.PHONE_REFUSED),
        (phone_refused("over"), None),
        (
            told.PasskeyRefused(origin=ORIGIN, account_id=ANNA, passkey_id=PasskeyId("p"), reason="counter"),
            AlertKind.PASSKEY_COPIED,
        ),
        (told.PasskeyRefused(origin=ORIGIN, account_id=ANNA, reason="challenge"), None),
        (told.PasskeyRefused(origin=ORIGIN, reason="counter"), None),
        (
            told.SecondFactorAccepted(origin=ORIGIN, account_id=ANNA, method="recovery_code"),
            AlertKind.RECOVERY_CODE_USED,
        ),
        (told.SecondFactorAccepted(origin=ORIGIN, account_id=ANNA, method="otp"), None),
        (told.PasswordAccepted(origin=ORIGIN, account_id=ANNA), None),
        (trust("named"), AlertKind.TRUSTED_PERSON),
        (trust("accepted"), AlertKind.TRUSTED_PERSON),
        (trust("declined"), None),
        (trust("removed"), None),
    ],
)
async def test_what_its_owner_has_to_know_alerts_and_nothing_else(
    stage: Stage, event: Event, kind: AlertKind | None
) -> None:
    await stage.stores.audit_trail.record(event)
    made = await AlertReader(stage.stores.audit_log, stage.stores.security_alerts).read_on(lambda: True)
    alerts = await stage.stores.security_alerts.of_account(ANNA, "", 10)
    assert [alert.kind for alert in alerts] == ([kind] if kind else [])
    assert made == len(alerts)


async def test_an_alert_tells_the_place_and_what_can_be_stopped(stage: Stage) -> None:
    new = told.NewDeviceSignedIn(origin=ORIGIN, account_id=ANNA, session_id=SessionId("s"), place="VN-HN")
    asked = told.RecoveryAsked(
        origin=ORIGIN, account_id=ANNA, recovery_id="recovery-9", way="people", lost=("password",)
    )
    await stage.stores.audit_trail.record(new, asked)
    await AlertReader(stage.stores.audit_log, stage.stores.security_alerts).read_on(lambda: True)
    recovery, device = await stage.stores.security_alerts.of_account(ANNA, "", 10)
    assert (device.kind, device.place, device.reference) == (AlertKind.NEW_DEVICE, "VN-HN", None)
    assert (recovery.kind, recovery.reference) == (AlertKind.RECOVERY_BEGUN, "recovery-9")
    assert {device.at, recovery.at} == {stage.clock.now()}


async def test_every_activation_link_is_told_with_what_stops_it(stage: Stage) -> None:
    links = IssuedLinks(stage.stores.activation_links, stage.clock, stage.entropy)
    for _ in range(MOST_TOLD + 1):
        await links.issue(ANNA, ORIGIN, by=AccountId("administrator"))
    await AlertReader(stage.stores.audit_log, stage.stores.security_alerts).read_on(lambda: True)
    link = await stage.stores.activation_links.of_account(ANNA)
    assert link
    now = stage.clock.now()
    queued = await stage.stores.alert_messages.claim_due(now, now, 99)
    assert len(queued) == (MOST_TOLD + 1) * len(USUAL)
    assert {each.alert.kind for each in queued} == {AlertKind.RECOVERY_BEGUN}
    assert {each.alert.reference for each in queued} == {link.reference}


async def test_every_alert_goes_by_mail_and_by_message_and_waits_for_both(stage: Stage) -> None:
    enrolled = told.AuthenticatorEnrolled(origin=ORIGIN, account_id=ANNA, method="otp")
    used = told.SecondFactorAccepted(origin=ORIGIN, account_id=ANNA, method="recovery_code")
    await stage.stores.audit_trail.record(enrolled, used)
    await AlertReader(stage.stores.audit_log, stage.stores.security_alerts).read_on(lambda: True)
    now = stage.clock.now()
    queued = await stage.stores.alert_messages.claim_due(now, now, 10)
    for kind in (AlertKind.AUTHENTICATOR_ADDED, AlertKind.RECOVERY_CODE_USED):
        assert {each.channel for each in queued if each.alert.kind is kind} == set(USUAL)


async def test_a_reader_that_lost_its_turn_makes_each_alert_once(stage: Stage) -> None:
    locks = (told.PasswordChanged(origin=ORIGIN, account_id=ANNA) for _ in range(BATCH + 20))
    await stage.stores.audit_trail.record(*locks)
    turns = itertools.chain([True], itertools.repeat(False))
    first = await AlertReader(stage.stores.audit_log, stage.stores.security_alerts).read_on(lambda: next(turns))
    second = await AlertReader(stage.stores.audit_log, stage.stores.security_alerts).read_on(lambda: True)
    assert 0 < first <= BATCH
    assert first + second == await stage.stores.security_alerts.unseen(ANNA) == BATCH + 20


async def test_what_strangers_cannot_cause_is_told_however_much_they_begin(stage: Stage) -> None:
    asked = [
        told.RecoveryAsked(origin=ORIGIN, account_id=ANNA, recovery_id=f"r{number}", way="people", lost=("password",))
        for number in range(9)
    ]
    handed = replace(asked[0], recovery_id="counter", way="counter", by=AccountId("officer"))
    confirmed = [
        told.RecoveryConfirmed(origin=ORIGIN, account_id=ANNA, recovery_id=f"c{number}", ready_at=9)
        for number in range(MOST_TOLD + 1)
    ]
    await stage.stores.audit_trail.record(*asked, handed, *confirmed)
    await AlertReader(stage.stores.audit_log, stage.stores.security_alerts).read_on(lambda: True)
    now = stage.clock.now()
    queued = await stage.stores.alert_messages.claim_due(now, now, 100)
    references = {each.alert.reference for each in queued}
    assert references == {"r0", "r1", "r2", "counter", *(f"c{number}" for number in range(MOST_TOLD + 1))}
