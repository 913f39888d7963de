"""The process dies right after any one of the writes of a request: whoever asked goes on, and nothing is half-done.

Each journey is taken to its last step, and that step again and again, in a process that dies after its first write, its
second, and so on to the last, whose answer is lost. Another process then goes on, with the short-lived state as it was
left or without it.
"""

import re
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.key_rotation import KeySchedule
from idp.adapters.key_trail import KeyTrail
from idp.domain.offices.administration import Role
from tests.authenticator import SoftwareAuthenticator
from tests.chosen_engines import CHOICES, chosen
from tests.flows import test_lost_state as under_way
from tests.flows.console import COLLEAGUES, USERNAMES, at_the_desk
from tests.flows.console import PASSWORD as OFFICERS
from tests.flows.provider import PASSWORD, Browser, Page, Provider, import_records, unverified_claims
from tests.flows.state_services import code_in, mails
from tests.flows.stopping import DURABLE, FILE, Journey, Stage, Step, Stop, install
from tests.flows.test_account_security import SECURITY, with_two_factors
from tests.flows.test_activation import CHOSEN, USERNAME, another_link, choose, link
from tests.flows.test_contacts import NEW as NEW_ADDRESS
from tests.flows.test_contacts import changed, contacts
from tests.flows.test_corrections import asked, case, officer
from tests.flows.test_device import codes as device_codes
from tests.flows.test_device import poll, typed
from tests.flows.test_officers_room import AGENCY, AGENCY_2, join, officer_page
from tests.flows.test_own_password import NEW as NEW_PASSWORD
from tests.flows.test_own_password import at_form as at_password
from tests.flows.test_own_password import change
from tests.flows.test_passkeys import NEW as NEW_PASSKEY
from tests.flows.test_passkeys import make
from tests.flows.test_proofing_counter import CARD, ROOM, USUAL
from tests.flows.test_proofing_counter import OFFICER as PROOFING
from tests.flows.test_recovery import NEW as NEW_OF_RECOVERY
from tests.flows.test_recovery import choose as choose_again
from tests.flows.test_recovery import handed_over, keys_of, newest_mail, signs_in

AN, BINH, BINHS_NUMBER = under_way.AN, under_way.BINH, "001199000002"

pytestmark = pytest.mark.skipif(
    chosen() != CHOICES[0], reason="what stands between two writes is the same whichever engine takes them"
)


@pytest.fixture(autouse=True)
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


@pytest.fixture
def stage(prepared: Path, tmp_path: Path) -> Stage:
    folder = tmp_path / "provider"
    shutil.copytree(prepared, folder)
    return Stage(folder)


GoesOn = Callable[[Stop], Awaitable[None]]

# --- signing in, enrolling, getting back in ---------------------------------------------------------------------------


async def may_sign_in(stop: Stop) -> None:
    """The same again is answered, and in the end the person is in."""
    assert (await stop.step()).status < 500
    stop.provider.clock.advance(60)
    page = await stop.provider.browser().signed_in("portal" if stop.journey is under_way.passkey_sign_in else "gateway")
    assert "code" in page.answer, page.path


async def is_enrolled_or_enrols(stop: Stop) -> None:
    """There is a second factor, or another code leads on to one."""
    assert (await stop.step()).status < 500
    stop.provider.clock.advance(600)
    again = stop.provider.browser()
    page = await again.submit(await again.authorize("gateway"), "sign-in", username=BINH, password=PASSWORD)
    assert page.has_form("otp" if stop.events["authenticator.enrolled"] else "activate")


async def password_reset_or_not(stop: Stop) -> None:
    """One of both passwords signs in, as the record says; whoever was not let back in asks again."""
    assert (await stop.step()).status < 500
    reset = stop.events["account.recovered"]
    assert await signs_in(stop.provider, PASSWORD) is not bool(reset)
    assert await signs_in(stop.provider, NEW_OF_RECOVERY) is bool(reset)
    if not reset:
        stop.provider.clock.advance(60)
        assert (await (await under_way.recovery_password(stop.provider.browser()))()).status == 200


# --- the account ------------------------------------------------------------------------------------------------------


async def own_password(browser: Browser) -> Step:
    elsewhere = browser.provider.browser()
    await elsewhere.sign_in(await elsewhere.authorize("portal"), BINH)
    return partial(change, browser, await at_password(browser))


async def password_is_changed(stop: Stop) -> None:
    """With the password everything ended, and the new one signs in."""
    for browser in stop.browsers[1:]:
        assert (await browser.get("/account")).has_form("sign-in")
    browser = stop.provider.browser()
    page = await browser.submit(await browser.authorize("portal"), "sign-in", username=BINH, password=PASSWORD)
    assert page.refusal
    assert (await browser.submit(page, "sign-in", username=BINH, password=NEW_PASSWORD)).answer["code"]


def shown_codes(page: Page) -> list[str]:
    return re.findall(r"<code>([^<]*)</code>", page.text)


async def recovery_codes(browser: Browser) -> Step:
    await with_two_factors(browser)
    page = await browser.get(f"{SECURITY}/recovery-codes")
    await browser.submit(page, "recovery-codes", saved="yes")
    browser.provider.clock.advance(60)
    page = await browser.get(f"{SECURITY}/recovery-codes")
    (browser.provider.folder / "codes").write_text("\n".join(shown_codes(page)))
    return partial(browser.submit, page, "recovery-codes", saved="yes")


async def the_codes_that_were_shown_are_good(stop: Stop) -> None:
    """Whoever says again that they are kept hears that they are good, and they are."""
    page = await stop.step()
    if stop.is_lost:
        # The session went with the store: who was shown codes and told nothing takes others.
        stop.provider.clock.advance(60)
        page = await (await recovery_codes(stop.provider.browser()))()
    assert page.path == f"{SECURITY}?notice=codes_renewed"
    code = (stop.provider.folder / "codes").read_text().splitlines()[3]
    stop.provider.clock.advance(60)
    other = stop.provider.browser()
    page = await other.submit(await other.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    page = await other.get(f"{page.path.rpartition('/')[0]}/recovery-code")
    assert "code" in (await other.submit(page, "recovery", code=code)).answer
    assert stop.now()["recovery_codes.renewed"] == 1 + (stop.is_lost and 2 * stop.events["recovery_codes.renewed"])


async def contact_is_one_of_both(stop: Stop) -> None:
    assert (await stop.step()).status < 500
    known = {each for each in await contacts(stop.provider) if "@" in each}
    assert len(known) == 1
    assert (known == {NEW_ADDRESS}) is bool(stop.now()["contact.changed"])
    if not stop.now()["contact.changed"]:
        stop.provider.clock.advance(60)
        await changed(stop.provider, stop.provider.browser())


async def ending_others(browser: Browser) -> Step:
    for _ in range(2):
        other = browser.provider.browser()
        tokens = await other.tokens()
        (browser.provider.folder / "token").write_text(tokens["access_token"])
        browser.provider.clock.advance(60)
    return partial(browser.submit, await with_two_factors(browser), "end-other-sessions")


async def others_are_out(stop: Stop) -> None:
    page = await stop.step()
    if page.has_form("sign-in"):
        stop.provider.clock.advance(60)
        page = await with_two_factors(browser := stop.provider.browser())
        # Those of before are listed until they are ended, be the store lost or not.
        assert page.has_form("end-other-sessions")
        page = await browser.submit(page, "end-other-sessions")
    assert not page.has_form("end-other-sessions")
    for other in stop.browsers[1:]:
        assert (await other.get("/account")).has_form("sign-in")
    token = (stop.provider.folder / "token").read_text()
    assert (await stop.browser.userinfo(token)).status_code == 401


async def signing_out(browser: Browser) -> Step:
    tokens = await browser.tokens()
    (browser.provider.folder / "token").write_text(tokens["access_token"])
    return partial(browser.submit, await browser.get("/account"), "sign-out-account")


async def is_out(stop: Stop) -> None:
    await stop.step()
    assert (await stop.browser.get("/account")).has_form("sign-in")
    token = (stop.provider.folder / "token").read_text()
    assert (await stop.browser.userinfo(token)).status_code == 401
    with closing(sqlite3.connect(stop.provider.folder / "idp.db")) as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (1,), "the service is told once"


async def new_passkey(browser: Browser) -> Step:
    await browser.sign_in(await browser.authorize("gateway"))
    page = await browser.get(NEW_PASSKEY)
    return partial(make, browser, page, SoftwareAuthenticator())


async def passkeys_are_on_record(stop: Stop) -> None:
    assert (await stop.step()).status < 500
    assert stop.rows("passkeys") == stop.now()["passkey.added"] <= 1


# --- an account taken over by a link ----------------------------------------------------------------------------------


async def taking_over(browser: Browser) -> Step:
    page = await browser.get(await link(browser.provider))
    return partial(choose, browser, page)


async def another_link_takes_over(stop: Stop) -> None:
    """The link is good once; with another one the account is taken over all the same."""
    assert (await stop.step()).error_code == "activation_link_ended"
    account_id = await stop.provider.stores.officers.find(USERNAME)
    assert account_id is not None
    browser = stop.provider.browser()
    page = await choose(browser, await browser.get(await another_link(stop.provider, account_id)), CHOSEN + " khác")
    assert page.has_form("enrol-otp")


# --- services ---------------------------------------------------------------------------------------------------------


async def code_exchange(browser: Browser) -> Step:
    answer = await browser.signed_in("portal", scope="openid offline_access")
    return partial(browser.redeem, answer)


async def tokens_are_given_once(stop: Stop) -> None:
    """A code is spent with the process; the service sends the person once more."""
    assert (await stop.step()).json()["error"] == "invalid_grant"
    assert stop.now()["tokens.issued"] == stop.events["tokens.issued"] <= 1
    stop.provider.clock.advance(60)
    page = await stop.browser.authorize("portal")
    page = await stop.browser.sign_in(page) if page.has_form("sign-in") else page
    assert (await stop.browser.redeem(page)).status_code == 200


async def device_question(browser: Browser) -> Step:
    await import_records(browser.provider.stores, under_way.CLIENTS, browser.provider.settings)
    browser.provider.clock.advance(2)
    told = await device_codes(browser)
    (browser.provider.folder / "device").write_text(told["device_code"])
    page = await browser.sign_in(await typed(browser, told))
    return partial(browser.submit, page, "consent", decision="allow")


async def device_has_what_is_on_record(stop: Stop) -> None:
    """What is given is in the record before; what is not given expires, and another code is answered anew."""
    assert (await stop.step()).error_code == "device_request_over"
    told = {"device_code": (stop.provider.folder / "device").read_text()}
    answer = (await poll(stop.browser, told)).json()
    assert "access_token" not in answer or stop.events["authorization.granted"] == 1
    stop.provider.clock.advance(700)
    assert (await poll(stop.browser, told)).json()["error"] in {"expired_token", "invalid_grant"}
    told = await device_codes(stop.browser)
    page = await typed(stop.browser, told)
    page = await stop.browser.sign_in(page) if page.has_form("sign-in") else page
    await stop.browser.submit(page, "consent", decision="allow")
    assert unverified_claims((await poll(stop.browser, told)).json()["access_token"])


# --- administrators ---------------------------------------------------------------------------------------------------


async def at_a_change(browser: Browser, username: str, path: str) -> Step:
    browser.provider.clock.advance(60)
    await browser.sign_in(await browser.get("/admin"), username, OFFICERS)
    (browser.provider.folder / "decider").write_text(f"{username} {path}")
    return partial(browser.submit, await browser.get(path), "decide", decision="approve")


async def roles(browser: Browser) -> Step:
    first, _ = await at_the_desk(browser.provider, AGENCY)
    page = await officer_page(first, "Lê Văn Cường", "G10")
    page = await first.submit(page, "ask-roles", role_agency_admin="yes")
    return await at_a_change(browser, AGENCY_2, page.path.partition("?")[0])


async def read_keys(provider: Provider) -> None:
    """What the schedule does each minute, with nothing due."""
    keystore = keys_of(provider)
    trail = KeyTrail(keystore, provider.stores.told_keys, provider.clock)
    await KeySchedule(keystore, trail, SystemEntropy(), days=0).rotate_due_keys()


async def keys(browser: Browser) -> Step:
    await read_keys(browser.provider)
    first, page = await at_the_desk(browser.provider, USERNAMES[Role.SECURITY_ADMIN], "/admin/keys")
    page = await first.submit(page, "rotate", subject="signing:ES256", change="rotate")
    return await at_a_change(browser, COLLEAGUES[Role.SECURITY_ADMIN], page.path.partition("?")[0])


async def correction(browser: Browser) -> Step:
    await asked(browser.provider.browser())
    first = await officer(browser.provider, "identity")
    page = await first.submit(await case(first), "answer-form", answer="Đúng", decision="accept")
    return await at_a_change(browser, COLLEAGUES[Role.IDENTITY_ADMIN], page.path.partition("?")[0])


EFFECTS: dict[Journey, dict[str, int]] = {
    roles: {"officer.changed": 1},
    keys: {"signing_key.changed": 3},
    correction: {"correction.moved": 2},
}
"""What the record tells of the change itself, once."""


async def change_takes_effect_once(stop: Stop) -> None:
    """Nobody decides again; what was left open is finished."""
    page = await stop.step()
    assert page.error_code == "changed_meanwhile"
    username, path = (stop.provider.folder / "decider").read_text().split()
    stop.provider.clock.advance(60)
    browser, page = await at_the_desk(stop.provider, username, path)
    if page.has_form("finish"):
        assert not stop.events["change.finished"]
        page = await browser.submit(page, "finish", decision="finish")
    assert not page.has_form("finish")
    assert not page.has_form("decide")
    # What a keystore went through and nobody was left to tell, the schedule's next run tells.
    stop.provider.clock.advance(60)
    await read_keys(stop.provider)
    assert (stop.now()["change.decided"], stop.now()["change.finished"]) == (1, 1)
    if page.error_code == "changed_meanwhile":
        # A keystore that was left between two files is none that anybody agreed on: another request rotates it.
        assert stop.written[-1] == FILE
        again, _ = await at_the_desk(stop.provider, USERNAMES[Role.SECURITY_ADMIN])
        page = await again.submit(await again.get("/admin/keys"), "rotate", subject="signing:ES256", change="rotate")
        assert page.has_form("withdraw")
    else:
        effects = EFFECTS[stop.journey]
        assert {name: stop.now()[name] for name in effects} == effects


async def accepting_a_correction(browser: Browser) -> Step:
    await asked(browser.provider.browser())
    await browser.sign_in(await browser.get("/admin/requests"), USERNAMES[Role.IDENTITY_ADMIN], OFFICERS)
    return partial(browser.submit, await case(browser), "answer-form", answer="Đúng", decision="accept")


async def correction_is_answered(stop: Stop) -> None:
    """A change that nobody's answer stands behind corrects nothing; the answer brings another one."""
    await stop.step()
    stop.provider.clock.advance(60)
    browser = await officer(stop.provider, "identity")
    page = await case(browser)
    if page.has_form("answer-form"):
        await browser.submit(page, "answer-form", answer="Đúng", decision="accept")
    stop.provider.clock.advance(60)
    other, page = await at_the_desk(stop.provider, COLLEAGUES[Role.IDENTITY_ADMIN], "/admin/changes")
    for path in sorted(set(re.findall(r'href="(/admin/changes/[0-9a-f-]+)"', page.text))):
        page = await other.submit(await other.get(path), "decide", decision="approve")
        if page.error_code == "changed_meanwhile":
            page = await other.submit(await other.get(path), "decide", decision="refuse")
        assert page.status == 200
    assert stop.now()["correction.moved"] == 3, "answered, corrected, done"
    assert stop.now()["change.asked"] == stop.now()["change.decided"]


async def handing_over(browser: Browser, **fields: str) -> Step:
    page = await browser.sign_in(await browser.get(ROOM), PROOFING, OFFICERS)
    page = await browser.submit(page, "find", number=BINHS_NUMBER)
    page = await browser.submit(page, "proofing", decision="pass", **USUAL, **CARD)
    (browser.provider.folder / "case").write_text(page.path.partition("?")[0])
    return partial(browser.submit, page, "code", **fields)


async def handing_over_who_lost_both(browser: Browser) -> Step:
    return await handing_over(browser, lost="both")


async def code_is_handed_over(stop: Stop) -> None:
    """As long as no code is on record as given, one is; then another case is opened, as for whoever loses it."""
    stop.provider.clock.advance(60)
    browser, page = await at_the_desk(stop.provider, PROOFING, (stop.provider.folder / "case").read_text())
    if stop.events["proofing.code_given"]:
        assert "put" in stop.written or stop.rows("recovery_requests"), "it was made before"
        assert not page.has_form("code")
        page = await browser.submit(await browser.get(ROOM), "find", number=BINHS_NUMBER)
        page = await browser.submit(page, "proofing", decision="pass", **USUAL, **CARD)
    fields = {"lost": "both"} if stop.journey is handing_over_who_lost_both else {}
    page = await browser.submit(page, "code", **fields)
    assert 'id="recovery-code"' in page.text if fields else 'id="activation-code"' in page.text


async def at_counter_contact(browser: Browser) -> tuple[Page, str]:
    """A code of a counter is typed before it is ready, and the one from the mailbox has come."""
    code = await handed_over(browser.provider)
    (browser.provider.folder / "code").write_text(code)
    return await with_code_of_counter(browser, code)


async def with_code_of_counter(browser: Browser, code: str) -> tuple[Page, str]:
    page = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code=code)
    before = len(mails(browser.provider))
    page = await browser.submit(page, "recover-early")
    *_, text = await newest_mail(browser.provider, before)
    return page, code_in(text)


async def counter_contact(browser: Browser) -> Step:
    page, code = await at_counter_contact(browser)
    return partial(browser.submit, page, "recover-contact", code=code)


async def counter_password(browser: Browser) -> Step:
    page, code = await at_counter_contact(browser)
    return partial(choose_again, browser, await browser.submit(page, "recover-contact", code=code))


async def counter_code_is_used_up_or_good(stop: Stop) -> None:
    """The code of the counter is used up with the reset; before it, it is good again with another from the mailbox."""
    assert (await stop.step()).status < 500
    reset = stop.now()["account.recovered"]
    stop.provider.clock.advance(60)
    browser, code = stop.provider.browser(), (stop.provider.folder / "code").read_text()
    if reset:
        page = await browser.submit(await browser.get("/recover/counter"), "recover-counter", code=code)
        assert page.status == 400
    else:
        page, sent = await with_code_of_counter(browser, code)
        page = await browser.submit(page, "recover-contact", code=sent)
        assert (await choose_again(browser, page)).has_form("enrol-otp")
    assert stop.now()["account.recovered"] == 1
    assert await signs_in(stop.provider, NEW_OF_RECOVERY)
    assert not await signs_in(stop.provider, PASSWORD)


async def joining(browser: Browser) -> Step:
    await browser.sign_in(await browser.get("/admin"), AGENCY, OFFICERS)
    return partial(join, browser)


async def who_joined_has_a_link(stop: Stop) -> None:
    stop.provider.clock.advance(60)
    browser, _ = await at_the_desk(stop.provider, AGENCY)
    page = await officer_page(browser, "Nguyễn Văn An")
    assert 'id="activation-link"' in (await browser.submit(page, "reset")).text
    assert stop.now()["officer.changed"] == 1


# --- all of them ------------------------------------------------------------------------------------------------------

SIGNING_IN: tuple[Journey, ...] = (
    *(under_way.second_factor, under_way.passkey_sign_in, under_way.consent, under_way.refusal),
    *(under_way.recovery_proof, under_way.phone_question),
)
JOURNEYS: dict[Journey, GoesOn] = {
    **dict.fromkeys(SIGNING_IN, may_sign_in),
    **dict.fromkeys((under_way.activation, under_way.enrolment), is_enrolled_or_enrols),
    under_way.recovery_password: password_reset_or_not,
    own_password: password_is_changed,
    recovery_codes: the_codes_that_were_shown_are_good,
    under_way.contact_code: contact_is_one_of_both,
    ending_others: others_are_out,
    signing_out: is_out,
    new_passkey: passkeys_are_on_record,
    taking_over: another_link_takes_over,
    code_exchange: tokens_are_given_once,
    device_question: device_has_what_is_on_record,
    **dict.fromkeys((roles, keys, correction), change_takes_effect_once),
    accepting_a_correction: correction_is_answered,
    **dict.fromkeys((handing_over, handing_over_who_lost_both), code_is_handed_over),
    **dict.fromkeys((counter_contact, counter_password), counter_code_is_used_up_or_good),
    joining: who_joined_has_a_link,
}
"""How each goes on. A step that makes one write is of no interest here."""
AT_A_CHANGE = (roles, keys, correction, accepting_a_correction)
"""Those where the short-lived store holds nothing but that an administrator is signed in."""


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
async def test_whoever_was_stopped_between_two_writes_goes_on_and_nothing_is_half_done(
    stage: Stage, journey: Journey
) -> None:
    await stage.set(journey)
    writes = await stage.writes()
    assert len(writes) > 1
    for last, is_lost in stops(writes, may_be_lost=journey not in AT_A_CHANGE):
        async with stage.stopped(last, is_lost=is_lost) as stop:
            try:
                await JOURNEYS[journey](stop)
                books_agree(stop)
            except BaseException as failure:
                failure.add_note(f"stopped after {stop}")
                raise


def stops(writes: list[str], *, may_be_lost: bool) -> Iterator[tuple[int, bool]]:
    """Behind every write; what was written to the short-lived store and lost with it is as if it had not been."""
    for last, kind in enumerate(writes, 1):
        yield last, False
        if kind == DURABLE and may_be_lost:
            yield last, True


def books_agree(stop: Stop) -> None:
    """Whatever there is to sign in with, or to act with, is in the record, and nothing is there that is not."""
    told = stop.now()
    assert stop.rows("session_records") <= told["session.started"]
    assert stop.rows("passkeys") == told["passkey.added"] - told["passkey.removed"]
    assert stop.rows("consents") <= told["consent.given"]
    assert stop.rows("officer_posts") == told["officer.changed"]
