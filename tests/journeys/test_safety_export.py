from dataclasses import replace
from typing import Any

import msgspec

from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.abuse.place import Place
from idp.domain.abuse.risk_signals import PastSignIn
from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.contact_change import ContactChange
from idp.domain.accounts.recovery import BOTH, RecoveryRequest, TrustedPerson, Way
from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.domain.authenticators.trusted_browser import TrustedBrowser
from idp.domain.ids import Seconds
from idp.journeys.safety_export import PAGE, SafetyExport, SafetyExportPorts
from tests.flows.provider import TOTP_SECRET
from tests.journeys.stage import AN, BINH, Stage
from tests.ports.samples import EVENT
from tests.ports.test_security_history import happened


def safety_of(stage: Stage) -> SafetyExport:
    stores = stage.stores
    return SafetyExport(
        SafetyExportPorts(
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
            clock=stage.clock,
        )
    )


async def taken_away(stage: Stage, person: str = "001099000001") -> dict[str, list[Any]]:
    lists = safety_of(stage).lists(await stage.account_id(person))
    return {name: [each async for each in items] for name, items in lists.items()}


async def test_everything_that_protects_the_account_is_taken_away(stage: Stage) -> None:
    current = await stage.signed_in()
    account_id, now = current.account.account_id, stage.clock.now()
    kind = BrowserKind(BrowserFamily.EDGE, System.WINDOWS)
    trusted = TrustedBrowser(browser_id="secret", account_id=account_id, browser=kind, place=None, trusted_at=now)
    await stage.stores.trusted_browsers.trust(trusted, EVENT)
    await stage.stores.security_history.add("main", 0, 1, [happened(n, account_id) for n in range(PAGE + 7)])

    found = await taken_away(stage)

    assert [one["kind"] for one in found["ways_to_sign_in"]] == ["totp"]
    (session,) = found["sessions"]
    assert (session["browser"], session["started_at"]) == ("other", now)
    assert found["trusted_browsers"] == [
        {
            "browser": "edge",
            "system": "windows",
            "place": None,
            "trusted_at": now,
            "ends_at": Seconds(trusted.expires_at),
        }
    ]
    assert len(found["security_events"]) == PAGE + 7
    assert len({one["at"] for one in found["security_events"]}) == PAGE + 7


async def test_places_alerts_changes_of_contacts_and_ways_back_are_taken_away(stage: Stage) -> None:
    stores, now = stage.stores, stage.clock.now()
    account_id, friend = await stage.account_id(AN), await stage.account_id(BINH)
    hanoi = Place("VN", "HN", "Hà Nội", 21.0, 105.8)
    await stores.sign_in_history.add(PastSignIn(account_id, "device-tag", "network-tag", now, hanoi))
    alerts = [
        SecurityAlert(alert_id=f"{n:04}", account_id=account_id, kind=AlertKind.NEW_DEVICE, at=now, place="VN-HN")
        for n in range(PAGE + 3)
    ]
    await stores.security_alerts.add("main", 0, 1, alerts)
    change = ContactChange(
        change_id="c", account_id=account_id, kind=ContactKind.EMAIL, changed_at=now, held_until=now,
        former=Contact(ContactKind.EMAIL, "an@example.vn"),
    )  # fmt: skip
    new = Contact(ContactKind.EMAIL, "new@example.vn")
    assert await stores.own_contacts.change(change, new, replace(alerts[0], alert_id="c"), EVENT)
    for pair in ((account_id, friend), (friend, account_id)):
        await stores.trusted_people.name(TrustedPerson(*pair, now), 5, EVENT)
    await stores.trusted_people.accept(account_id, friend, now, EVENT)
    for number in range(60):
        request = RecoveryRequest(
            request_id=f"{number:04}", account_id=account_id, way=Way.PEOPLE, lost=BOTH, asked_at=now, expires_at=now,
        )  # fmt: skip
        await stores.recoveries.ask(request, EVENT)

    found = await taken_away(stage)

    (past,) = found["past_sign_ins"]
    assert (past["at"], past["place"]["name"]) == (now, "Hà Nội")
    assert "device-tag" not in str(past)
    assert len(found["security_alerts"]) == PAGE + 4
    assert found["security_alerts"][0] == {"at": now, "kind": "new_device", "place": "VN-HN", "seen_at": None}
    (changed,) = found["contact_changes"]
    assert (changed["kind"], changed["former"], changed["undone_at"]) == ("email", "an@example.vn", None)
    assert found["trusted_people"] == [{"name": "Trần Thị Bình", "named_at": now, "accepted_at": now}]
    assert found["trusted_by"] == [{"name": "Trần Thị Bình", "named_at": now, "accepted_at": None}]
    assert len(found["recovery_requests"]) == 60
    asked = found["recovery_requests"][0]
    assert (asked["way"], asked["lost"], asked["asked_at"], asked["ended"]) == ("people", sorted(BOTH), now, None)


async def test_no_secret_and_nothing_that_a_browser_shows_is_among_it(stage: Stage) -> None:
    current = await stage.signed_in()
    told = msgspec.json.encode(await taken_away(stage)).decode()
    assert TOTP_SECRET not in told
    assert current.token not in told
    assert current.store_key.partition(":")[2] not in told


async def test_nothing_of_somebody_else_is_among_it(stage: Stage) -> None:
    await stage.signed_in()
    assert await taken_away(stage, BINH) == {
        "ways_to_sign_in": [],
        "sessions": [],
        "trusted_browsers": [],
        "security_events": [],
        "past_sign_ins": [],
        "security_alerts": [],
        "contact_changes": [],
        "trusted_people": [],
        "trusted_by": [],
        "recovery_requests": [],
    }
