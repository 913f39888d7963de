"""The provider as a flow test sees it: the real application on a real database, one settable clock, and browsers."""

import base64
import io
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlsplit

import httpx
import pyotp
import pytest
from starlette.types import ASGIApp

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.signing_keys import FIRST_ALGORITHMS
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.foundation import open_foundation
from idp.adapters.http.outgoing import GuardedHttp
from idp.adapters.importing.loading import Importer
from idp.adapters.observability.logs import open_log
from idp.adapters.redis.opening import open_state
from idp.adapters.sql import schema
from idp.adapters.sql.stores import Stores, open_stores
from idp.adapters.sql.url import is_postgresql, sqlite_path
from idp.app import compose
from idp.domain.events import AccountLocked, Origin
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import RequestId, Seconds
from idp.settings import Settings
from idp.web.pages import site
from idp.web.rendering import Renderer
from idp.web.static_files import StaticFiles
from tests.chosen_engines import database_url, state_url
from tests.flows.watch import Lines, Watch, personal_values
from tests.services import ServicesInProcess

RECORDS = (Path(__file__).parent / "records.yaml").read_text(encoding="utf-8")
PERSONAL = personal_values(RECORDS)
ISSUER = "http://localhost:8000"
CALLBACK = "http://localhost:9001/callback"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "correct horse battery staple"
SECRET = "a-client-secret-for-tests-only"


@dataclass
class SettableClock:
    """A clock that stands still until it is told."""

    at: int = 1_790_000_000

    def now(self) -> Seconds:
        return Seconds(self.at)

    def milliseconds(self) -> int:
        return self.at * 1000

    def advance(self, seconds: int) -> None:
        self.at += seconds


@dataclass
class Provider:
    """A running provider and what a test may look into."""

    app: ASGIApp
    clock: SettableClock
    stores: Stores
    settings: Settings
    folder: Path
    watch: Watch
    transport: httpx.AsyncBaseTransport = field(init=False)

    def __post_init__(self) -> None:
        self.transport = self.watch.around(self.app)

    def browser(self) -> "Browser":
        """A new browser, without cookies."""
        return Browser(self)

    def client(self) -> httpx.AsyncClient:
        """A client application's HTTP client."""
        return httpx.AsyncClient(transport=self.transport, base_url=ISSUER)

    def one_time_code(self, secret: str = TOTP_SECRET) -> str:
        """The code of this moment."""
        return pyotp.TOTP(secret).at(self.clock.at)

    async def lock(self, identifier: str, *, locked: bool = True, at: Seconds | None = None) -> None:
        """Lock or unlock an account, as an operator does."""
        account_id = await self.stores.records.account_of(identifier)
        assert account_id
        event = AccountLocked(origin=Origin(RequestId("lock"), "test"), account_id=account_id, locked=locked, reason="")
        await self.stores.accounts.set_locked(
            account_id, locked=locked, now=at or self.clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=event
        )

    def mails(self) -> list[str]:
        """The text of every message sent, oldest first."""
        return [path.read_text() for path in sorted((self.folder / "mail").glob("*.eml"))]


class Page:
    """An answer, read as a person or a scripted browser reads it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.text
        self.path = response.request.url.raw_path.decode()

    @property
    def location(self) -> str:
        return self.response.headers["location"]

    @property
    def answer(self) -> dict[str, str]:
        """The parameters of a redirect back to the client, or of a `form_post` form."""
        if "location" in self.response.headers:
            parts = urlsplit(self.location)
            return dict(parse_qsl(parts.fragment or parts.query, strict_parsing=True, keep_blank_values=True))
        return {unescape(name): unescape(value) for name, value in re.findall(_HIDDEN, self.text)}

    @property
    def error_code(self) -> str | None:
        """`data-error` of an error page."""
        found = re.search(r'<main[^>]*data-error="([^"]*)"', self.text)
        return found[1] if found else None

    @property
    def refusal(self) -> str | None:
        """The text of `#error`."""
        found = re.search(r'<div id="error" role="alert">(.*?)</div>', self.text, re.DOTALL)
        return re.sub(r"<[^>]*>|\s+", " ", found[1]).strip() if found else None

    def has_form(self, form_id: str) -> bool:
        return f'<form id="{form_id}"' in self.text

    def form(self, form_id: str) -> tuple[str, dict[str, str]]:
        """Action and hidden fields of a form."""
        found = re.search(rf'<form id="{form_id}"([^>]*)>(.*?)</form>', self.text, re.DOTALL)
        assert found, f"no form {form_id} on {self.path}: {self.status} {self.error_code or self.text[:300]}"
        action = re.search(r'action="([^"]*)"', found[1])
        hidden = {name: unescape(value) for name, value in re.findall(_HIDDEN, found[2])}
        return unescape(action[1]) if action else self.path, hidden


_HIDDEN = r'<input type="hidden" name="([^"]*)" value="([^"]*)"'


class Browser:
    """Follows redirects within the provider and stops at those that leave it."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.http = provider.client()

    async def get(self, url: str, **parameters: str) -> Page:
        """GET, then follow redirects within the provider."""
        return await self._follow(await self.http.get(url, params=parameters or None))

    async def submit(self, page: Page, form_id: str, **fields: str) -> Page:
        """Fill in a form of `page` and send it."""
        action, hidden = page.form(form_id)
        return await self._follow(await self.http.post(action, data={**hidden, **fields}))

    async def _follow(self, response: httpx.Response) -> Page:
        for _ in range(10):
            place = response.headers.get("location", "")
            if not place or (place.startswith("http") and not place.startswith(f"{ISSUER}/")):
                break
            response = await self.http.get(place)
        return Page(response)

    async def authorize(self, client_id: str = "portal", **parameters: str | None) -> Page:
        """Open the authorization endpoint as `client_id` does; None leaves a parameter out."""
        request: dict[str, str | None] = {
            "client_id": client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "state": "state-1",
            "nonce": "nonce-1",
        }
        request |= parameters
        return await self.get("/authorize", **{name: value for name, value in request.items() if value is not None})

    async def sign_in(self, page: Page, username: str = "001099000001", password: str = PASSWORD) -> Page:
        """Give user name and password, and the one-time code if it is asked."""
        page = await self.submit(page, "sign-in", username=username, password=password)
        if page.has_form("otp"):
            page = await self.submit(page, "otp", code=self.provider.one_time_code())
        return page

    async def signed_in(self, client_id: str = "portal", **parameters: str | None) -> Page:
        """Authorize and sign in: the answer to the client."""
        return await self.sign_in(await self.authorize(client_id, **parameters))

    async def redeem(
        self, page: Page, client_id: str = "portal", secret: str = SECRET, **parameters: str
    ) -> httpx.Response:
        """Exchange the code of an answer for tokens."""
        fields = {
            "grant_type": "authorization_code",
            "code": page.answer["code"],
            "redirect_uri": CALLBACK,
            **parameters,
        }
        return await self.http.post("/token", data=fields, auth=(client_id, secret))

    async def tokens(self, client_id: str = "portal", **parameters: str | None) -> dict[str, Any]:
        """Sign in and exchange the code: the token response."""
        response = await self.redeem(await self.signed_in(client_id, **parameters), client_id)
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    async def userinfo(self, access_token: str) -> httpx.Response:
        """Ask the userinfo endpoint."""
        return await self.http.get("/userinfo", headers={"authorization": f"Bearer {access_token}"})


def unverified_claims(token: str) -> dict[str, Any]:
    """The claims of a compact JWS, unchecked: signatures are the subject of other tests."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def settings_for(folder: Path, overrides: Mapping[str, Any]) -> Settings:
    """Settings with everything below `folder`, and an argon2 that costs next to nothing."""
    return Settings.model_validate(
        {
            "issuer": ISSUER,
            "database_url": database_url(folder),
            "state_url": state_url(folder),
            "keystore": f"file:{folder}/keys",
            "secret_file": folder / "secret",
            "mail": f"file:{folder}/mail",
            "messages": f"file:{folder}/messages",
            "audit_checkpoints": f"file:{folder}/checkpoints.jsonl",
            "argon2": "m=8,t=1,p=1",
            **overrides,
        }
    )


async def prepare(folder: Path, records: str) -> None:
    """Make what a provider starts from in `folder`: keys, and a database with the records of an import file."""
    settings = settings_for(folder, {})
    if not settings.secret_file.exists():
        shutil.copytree(_first_keys().name, folder, dirs_exist_ok=True)
    _make_database(settings)
    stores = _open_stores(settings, SettableClock())
    await import_records(stores, records, settings)
    await stores.close()


def _make_database(settings: Settings) -> None:
    """Make the schema. On SQLite it is copied: going through all its versions takes longer than most tests."""
    url = settings.database_url
    if not is_postgresql(url) and not (path := sqlite_path(url)).exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_empty_database())
        path.chmod(0o600)
    schema.prepare(url)


@cache
def _empty_database() -> bytes:
    """A file of this release's schema."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "idp.db"
        schema.prepare(f"sqlite:///{path}")
        return path.read_bytes()


@cache
def _first_keys() -> "TemporaryDirectory[str]":
    """A folder with a secret and the keys under it, which take longer to find than most tests."""
    folder = TemporaryDirectory()
    here = Path(folder.name)  # as `settings_for` names them; the engines' notes must not be copied along
    FileKeystore(here / "keys", load_secret(here / "secret", create=True), SettableClock())
    return folder


@asynccontextmanager
async def running_provider(
    folder: Path, records: str = "", *, services: ServicesInProcess | None = None, **overrides: object
) -> AsyncIterator[Provider]:
    """A provider in `folder`, with these records, or with what `prepare` made there; `services` answer its calls."""
    if records:
        await prepare(folder, records)
    settings = settings_for(folder, overrides)
    clock = SettableClock()
    stores = _open_stores(settings, clock)
    # A store that was emptied just now takes no mark for complete; this one has been there for a day.
    clock.advance(-86_400)
    await stores.short_lived.remembers_since(clock.now())
    clock.advance(86_400)
    foundation = open_foundation(settings, numbers=None, hashing_threads=None, clock=clock, entropy=SystemEntropy())
    if services is not None:
        foundation = replace(foundation, services=cast("GuardedHttp", services))
    watch = Watch(PERSONAL, Lines(cast("io.BufferedIOBase", sys.stdout.buffer)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("idp.app.open_log", lambda: open_log(cast("BinaryIO", watch.lines)))
        application = compose(foundation)
    try:
        yield Provider(application, clock, stores, settings, folder, watch)
        await watch.look(stores, application)
    finally:
        await foundation.close()
        await stores.close()


def _open_stores(settings: Settings, clock: SettableClock) -> Stores:
    keystore = FileKeystore(settings.keystore_path, load_secret(settings.secret_file, create=True), clock)
    return open_stores(settings.database_url, keystore.vault(), clock, SystemEntropy(), open_state(settings, clock))


def compile_templates_once(patch: pytest.MonkeyPatch) -> None:
    """Let all providers of a test run share one renderer: it holds no state, and compiling takes longer than a test."""
    renderer = Renderer(StaticFiles())
    patch.setattr(site, "Renderer", lambda _static_files: renderer)


async def _reaches_everybody() -> bool:
    return True


async def import_records(stores: Stores, records: str, settings: Settings) -> None:
    """Load records as `idp import` does."""
    importer = Importer(
        store=stores.records,
        accounts=stores.accounts,
        hasher=Argon2PasswordHasher(settings.argon2),
        origin=Origin(RequestId("import"), "test"),
        algorithms=FIRST_ALGORITHMS,
        reaches_beyond_ascii=_reaches_everybody,
        clock=SettableClock(),
    )
    await importer.load_document("records.yaml", records.encode())
