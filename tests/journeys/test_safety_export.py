from typing import Any

import msgspec

from idp.domain.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.ids import Seconds
from idp.domain.trusted_browser import TrustedBrowser
from idp.journeys.safety_export import PAGE, SafetyExport, SafetyExportPorts
from tests.flows.provider import TOTP_SECRET
from tests.journeys.stage import BINH, Stage
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
    }
