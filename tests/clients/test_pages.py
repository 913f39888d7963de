"""Pages: languages, headers, refusals of bad input, one catalogue without gaps."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import jinja2.ext
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from clients.relying_party import pages
from tests.clients.provider_double import CITIZEN
from tests.clients.town import GATEWAY, MINISTRY, PORTAL, Town, error_of, party

CLIENTS = Path(pages.__file__).parent.parent
PACKAGES = ["relying_party", "national_portal", "ministry_portal", "payment_gateway", "mailbox"]


def sentences(package: Path) -> Iterator[str]:
    """Every sentence of the package's templates and modules that is to be translated."""
    for path in package.rglob("*.html"):
        with path.open("rb") as file:
            found = list(jinja2.ext.babel_extract(file, ["_"], [], {}))
        for _, _, message, _ in found:
            first = message if isinstance(message, str | None) else message[0]
            if first is not None:
                yield first
    for path in package.rglob("*.py"):
        for _, message, _, _ in extract("python", io.BytesIO(path.read_bytes()), {"marked": None}):
            yield str(message)


def catalogue(package: Path) -> dict[str, str]:
    with (package / "locale" / "vi.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_sentence_has_its_vietnamese_and_no_other_is_kept(name: str) -> None:
    own, shared = catalogue(CLIENTS / name), catalogue(CLIENTS / "relying_party")
    used = set(sentences(CLIENTS / name))
    assert used <= own.keys() | shared.keys()
    assert all(own.values())
    everywhere = {sentence for package in PACKAGES for sentence in sentences(CLIENTS / package)}
    assert own.keys() <= everywhere
    for sentence, translation in own.items():
        assert set(re.findall(r"%\(\w+\)s", sentence)) == set(re.findall(r"%\(\w+\)s", translation))


async def test_vietnamese_comes_first_and_the_choice_of_english_is_remembered(town: Town) -> None:
    browser = town.browser()
    first = await browser.get(f"{PORTAL}/")
    assert '<html lang="vi">' in first.text
    assert 'lang="en"' in (await browser.get(f"{PORTAL}/?lang=en")).text
    assert '<html lang="en">' in (await browser.get(f"{PORTAL}/")).text
    assert '<html lang="vi">' in (await browser.get(f"{MINISTRY}/")).text
    assert '<html lang="vi">' in (await browser.get(f"{PORTAL}/?lang=vi")).text
    assert '<html lang="vi">' in (await browser.get(f"{PORTAL}/?lang=fr")).text


async def test_links_to_the_others_carry_a_language_that_is_not_the_usual(town: Town) -> None:
    browser = await town.citizen()
    home = (await browser.get(f"{PORTAL}/")).text
    assert f'href="{MINISTRY}/"' in home
    assert f'href="{GATEWAY}/"' in home
    home = (await browser.get(f"{PORTAL}/?lang=en")).text
    assert f'href="{MINISTRY}/?lang=en"' in home
    assert f'href="{GATEWAY}/?lang=en"' in home


@pytest.mark.parametrize("base", [PORTAL, MINISTRY, GATEWAY])
async def test_every_answer_carries_the_security_headers(town: Town, base: str) -> None:
    browser = town.browser()
    for path in ("/", "/nothing", "/style.css", "/livez", "/callback"):
        headers = (await browser.get(f"{base}{path}")).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert "form-action 'self' http://localhost:9000;" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert (await browser.get(f"{base}/")).headers["cache-control"] == "no-store"
    assert "immutable" in (await browser.get(f"{base}/style.css")).headers["cache-control"]
    assert (await browser.get(f"{base}/icon.svg")).headers["content-type"] == "image/svg+xml"


async def test_pages_have_one_main_one_heading_and_no_script_or_inline_style(town: Town) -> None:
    browser = await town.citizen()
    for path in ("/", "/dossiers/new", "/nothing"):
        text = (await browser.get(f"{PORTAL}{path}")).text
        assert (text.count("<main"), text.count("<h1>")) == (1, 1)
        assert not re.search(r"<script|<style|style=|javascript:|\son\w+=", text)


async def test_under_another_name_nothing_is_answered(town: Town) -> None:
    page = await town.browser().get(f"{PORTAL}/", headers={"Host": "evil.example:9001"})
    assert page.status_code == 400
    assert CITIZEN.name not in page.text


async def test_an_unknown_address_and_a_wrong_method_are_pages(town: Town) -> None:
    browser = town.browser()
    unknown = await browser.get(f"{PORTAL}/nothing")
    assert (unknown.status_code, error_of(unknown)) == (404, "not_found")
    wrong = await browser.delete(f"{PORTAL}/")
    assert (wrong.status_code, error_of(wrong)) == (405, "method_not_allowed")
    assert (await browser.get(f"{PORTAL}/openapi.json")).status_code == 404
    assert (await browser.get(f"{PORTAL}/docs")).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"a=1&a=2", "application/x-www-form-urlencoded", 400),
        (b"a=%00", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % number for number in range(40)), "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 400),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"", "multipart/form-data; boundary=x", 400),
    ],
)
async def test_a_form_that_is_not_one_is_refused(town: Town, content: bytes, kind: str, status: int) -> None:
    browser = await town.citizen()
    page = await browser.post(f"{PORTAL}/dossiers/new", content=content, headers={"Content-Type": kind})
    assert page.status_code == status
    assert error_of(page) in {"invalid_request", "too_large"}


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, "é", '"', "..;="])
async def test_a_cookie_that_is_not_ours_is_no_session(town: Town, cookie: str) -> None:
    headers = {b"Cookie": f"national_portal_session={cookie}; national_portal_language=xx".encode()}
    page = await town.browser().get(f"{PORTAL}/", headers=headers)
    assert (page.status_code, 'data-state="signed-out"' in page.text) == (200, True)


async def test_a_failure_of_our_own_is_a_page_without_details(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    browser = await town.citizen()
    party(town.portal).database.rows("ALTER TABLE sessions RENAME TO gone")
    page = await browser.get(f"{PORTAL}/")
    assert (page.status_code, error_of(page)) == (500, "server_error")
    assert "sessions" not in page.text
    assert "content-security-policy" in page.headers


async def test_the_log_names_routes_and_no_person_code_or_token(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "clients")
    browser = await town.citizen()
    await browser.get(f"{PORTAL}/dossiers/G10-261122-ABCDEFGH")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("clients")]
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert any('"/dossiers/{code}"' in line for line in lines)
    secrets = {CITIZEN.name, CITIZEN.personal_number, "ABCDEFGH", *browser.cookies.values()}
    secrets |= (
        set(town.provider.access_tokens)
        | set(town.provider.refresh_tokens)
        | {town.provider.subject("national-portal")}
    )
    assert not [secret for secret in secrets if secret in "\n".join(lines)]


async def test_each_application_has_its_own_cookie_names(town: Town) -> None:
    browser = town.browser()
    for base in (PORTAL, MINISTRY, GATEWAY):
        await browser.get(f"{base}/sign-in")
    names = {"national_portal_session", "ministry_portal_session", "payment_gateway_session"}
    assert names <= set(browser.cookies.keys())
    assert all(isinstance(base, str) for base in httpx.Cookies(browser.cookies))
