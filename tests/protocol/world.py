"""The token side on real stores and real keys: one SQLite file, one keystore, a clock that tests turn."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote_plus

import msgspec

from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.foundation import Foundation, open_foundation
from idp.adapters.http.outgoing import GuardedHttp
from idp.adapters.sql.loading.records import SqlRecordStore
from idp.assembly.endpoints import oauth_endpoints
from idp.assembly.protocol_parts import protocol_parts
from idp.assembly.token_endpoint import refresh_token_grant
from idp.domain.clients.client import Client, Resource
from idp.domain.events import ClientChanged, Event, Origin, RecordsImported, SessionEnded
from idp.domain.grants.grant import Grant, RevocationReason
from idp.domain.ids import AccountId, ClientId, GrantId, RequestId, Seconds, SessionId
from idp.domain.records import AgencyRecord, OfficerRecord, PersonRecord, Records
from idp.journeys.floods import Floods
from idp.ports.http import OutgoingHttp
from idp.protocol.authorize.pkce import s256
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.logout.rp_initiated_logout import RpInitiatedLogout
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.resources.userinfo import UserinfoRequest
from idp.protocol.tokens.authorization_code import AuthorizationCode
from idp.protocol.tokens.introspection import IntrospectionRequest
from idp.protocol.tokens.token import TokenRequest, TokenResponse
from idp.setting_forms import Argon2Parameters
from idp.settings import Settings
from tests.adapters.turned_clock import TurnedClock

ISSUER = "http://localhost:8000"
API = "http://localhost:8002/api"
ARCHIVE = "https://archive.example.vn"
REDIRECT = "http://localhost:8001/callback"
SECRET = "a secret: with+signs%and more"
VERIFIER = "v" * 43
ORIGIN = Origin(request_id=RequestId("request-1"), source="source-1")
SESSION = SessionId("session-1")

PORTAL = Client(
    client_id=ClientId("portal"),
    secret_hashes=(sha256(SECRET.encode()).digest(),),
    redirect_uris=(REDIRECT,),
    post_logout_redirect_uris=("http://localhost:8001/signed-out", "http://localhost:8001/signed-out?of=portal"),
    backchannel_logout_uri="http://localhost:8001/backchannel-logout",
    id_token_signed_response_alg="ES256",
    grant_types=frozenset({"authorization_code", "refresh_token"}),
    scopes=frozenset(
        {"openid", "profile", "email", "offline_access", "identity", "dossier.read", "dossier.write", "archive.read"}
    ),
    sector="localhost:8001",
)
OTHER = replace(
    PORTAL,
    client_id=ClientId("other"),
    redirect_uris=("http://localhost:8002/callback",),
    token_endpoint_auth_method="client_secret_post",
    sector="localhost:8002",
    id_token_signed_response_alg="RS256",
    backchannel_logout_uri=None,
)
PHONE_APP = Client(
    client_id=ClientId("phone-app"),
    token_endpoint_auth_method="none",
    redirect_uris=(REDIRECT,),
    grant_types=frozenset({"authorization_code", "refresh_token"}),
    scopes=frozenset({"openid", "profile"}),
    require_pkce=True,
    sector="localhost:8001",
)
MACHINE = Client(
    client_id=ClientId("machine"),
    secret_hashes=PORTAL.secret_hashes,
    grant_types=frozenset({"client_credentials"}),
    scopes=frozenset({"openid", "profile", "dossier.read", "dossier.write", "archive.read", "report.send"}),
)
CLIENTS = (PORTAL, OTHER, PHONE_APP, MACHINE)

CITIZEN = PersonRecord(
    personal_number="001099000001",
    claims={
        "name": "Nguyễn Thị Ánh",
        "family_name": "Nguyễn",
        "given_name": "Ánh",
        "birthdate": "1999-01-02",
        "gender": "female",
        "nickname": "Ánh",
    },
    level=2,
    email="anh@example.vn",
)
RECORDS = Records(
    agencies=(AgencyRecord("G10.01", "Vụ Pháp chế", "department"),),
    people=(CITIZEN, PersonRecord("001085000002", {"name": "Trần Văn Bình"}, level=2)),
    officers=(OfficerRecord("001085000002", "G10.01", "Chuyên viên", ("auditor",), "binh@g10.example.vn"),),
    resources=(
        Resource(API, frozenset({"dossier.read", "dossier.write"})),
        Resource(ARCHIVE, frozenset({"archive.read"})),
    ),
    clients=CLIENTS,
)

CLIENT_LIMIT = 100
"""Requests that one client may have in progress."""


def basic(client_id: str = "portal", secret: str = SECRET) -> str:
    """Return an Authorization header as RFC 6749 section 2.3.1 says."""
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


class World:
    """Everything wired by the composition root itself, without the edge; what goes out is `http`, if it is given."""

    def __init__(self, foundation: Foundation, clock: TurnedClock, citizen: AccountId, officer: AccountId) -> None:
        self.foundation = foundation
        self.clock = clock
        self.citizen = citizen
        self.officer = officer
        self.stores = foundation.stores
        self.entropy = foundation.entropy
        self.signer = foundation.signer
        self.keys = foundation.keys
        self.floods = Floods(self.stores.audit_trail, clock)
        self.refusals = RefusalCounter(self.stores.audit_trail, self.floods)
        self.shed: list[str] = []
        self.limit = ClientLimit(CLIENT_LIMIT, self.shed.append)
        self.parts = parts = protocol_parts(foundation, self.limit, self.refusals)
        self.authentication = parts.authentication
        self.access_tokens = parts.access_tokens
        self.id_tokens = parts.id_tokens
        self.resources = parts.resources
        self.refresh_tokens = parts.refresh_tokens
        self.codes = parts.codes
        self.user_tokens = parts.user_tokens
        self.state = parts.token_state
        self.refresh_grant = refresh_token_grant(parts)
        endpoints = oauth_endpoints(parts)
        self.token_endpoint = endpoints.token
        self.userinfo_endpoint = endpoints.userinfo
        self.introspection_endpoint = endpoints.introspection
        self.revocation_endpoint = endpoints.revocation
        self.metadata = endpoints.metadata
        self.logout = RpInitiatedLogout(self.id_tokens, self.stores.clients, self.keys)

    def grant(
        self,
        client: Client = PORTAL,
        scopes: tuple[str, ...] = ("openid",),
        **changes: Any,
    ) -> Grant:
        """Return what the authorization endpoint would have put into a code."""
        now = self.clock.now()
        grant = Grant(
            grant_id=GrantId(self.entropy.identifier()),
            client_id=client.client_id,
            account_id=self.citizen,
            session_id=SESSION,
            scopes=scopes,
            created_at=now,
            expires_at=Seconds(now + 8 * 3600),
            authenticated_at=Seconds(now - 10),
            acr="urn:vn:loa:2",
            amr=("mfa", "otp", "pwd"),
        )
        return replace(grant, **changes)

    async def code(
        self,
        grant: Grant | None = None,
        **changes: Any,
    ) -> str:
        """Return a code, with a code challenge for `VERIFIER` unless told otherwise."""
        content = AuthorizationCode(
            grant=grant or self.grant(),
            redirect_uri=REDIRECT,
            code_challenge=s256(VERIFIER),
            nonce="n-0S6",
        )
        return await self.codes.issue(replace(content, **changes), self.clock.now())

    async def token(
        self, parameters: Mapping[str, str], *resources: str, authorization: str | None = None
    ) -> TokenResponse:
        """Ask the token endpoint, as the portal unless told otherwise."""
        if authorization is None and "client_id" not in parameters:
            authorization = basic()
        return await self.token_endpoint(TokenRequest(parameters, resources, authorization, ORIGIN))

    async def redeem(self, code: str, *resources: str, **changes: str) -> TokenResponse:
        """Redeem a code."""
        return await self.token(redemption(code) | changes, *resources)

    async def sign_in(self, *resources: str, grant: Grant | None = None, **changes: str) -> TokenResponse:
        """Issue a code and redeem it."""
        return await self.redeem(await self.code(grant), *resources, **changes)

    async def refresh(self, token: str | None, *resources: str, **changes: str) -> TokenResponse:
        """Use a refresh token."""
        assert token is not None
        return await self.token({"grant_type": "refresh_token", "refresh_token": token} | changes, *resources)

    async def userinfo(self, token: str) -> dict[str, Any]:
        """Ask userinfo with a header; a signed answer is verified."""
        claims = await self.userinfo_answer(token)
        return self.claims(claims, "JWT") if isinstance(claims, str) else claims

    async def userinfo_answer(self, token: str) -> dict[str, Any] | str:
        """Ask userinfo with a header; what it answers, as it is."""
        return (await self.userinfo_endpoint(UserinfoRequest(f"Bearer {token}", {}, {}, ORIGIN))).claims

    async def introspect(self, token: str, client_id: str = "portal", **changes: str) -> dict[str, Any]:
        """Introspect as a confidential client."""
        parameters = {"token": token} | changes
        request = IntrospectionRequest(parameters, basic(client_id), ORIGIN)
        return (await self.introspection_endpoint(request)).members

    async def revoke(self, token: str, client_id: str = "portal", **changes: str) -> None:
        """Revoke as a confidential client."""
        await self.revocation_endpoint(ClientRequest({"token": token} | changes, basic(client_id), ORIGIN))

    async def save(self, client: Client) -> None:
        """Register or change a client; seen from the next second on."""
        event = ClientChanged(origin=ORIGIN, client_id=client.client_id, change="changed")
        await self.stores.client_registry.save(client, event)
        self.clock.seconds += 1

    async def end_session(self, session_id: SessionId = SESSION) -> None:
        """Sign out."""
        event = SessionEnded(origin=ORIGIN, account_id=self.citizen, session_id=session_id, reason="test")
        await self.stores.grants.end_session(session_id, self.clock.now(), event)

    async def lock(self) -> None:
        """Lock the citizen's account."""
        await self.stores.accounts.set_locked(
            self.citizen, locked=True, now=self.clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=_any_event()
        )

    def claims(self, token: str | None, token_type: str | None = None) -> dict[str, Any]:
        """Return the claims of a token, verified."""
        assert token is not None
        return self.signer.verify(token, token_type=token_type)

    async def audited(self, name: str = "") -> list[dict[str, Any]]:
        """Return audit events by name (all of them: an empty name), oldest first."""
        records = [record async for record in self.stores.audit_log.records()]
        return [
            {"name": record.name, **msgspec.json.decode(record.payload)["event"]}
            for record in records
            if name in {"", record.name}
        ]


def redemption(code: str) -> dict[str, str]:
    """Return the parameters that redeem a code."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }


async def open_world(folder: Path, *, http: OutgoingHttp | None = None) -> World:
    """Return the world on the database and keys in a folder, which holds `RECORDS` (or gets them now)."""
    clock = TurnedClock()
    settings = Settings(
        issuer=ISSUER,
        database_url=f"sqlite:///{folder / 'idp.db'}",
        keystore=f"file:{folder / 'keys'}",
        secret_file=folder / "secret",
        client_ca=folder / "client-ca",
        mail=f"file:{folder / 'mail'}",
        argon2=Argon2Parameters(8, 1, 1),
        audit_checkpoints=f"file:{folder / 'checkpoints.jsonl'}",
    )
    load_secret(settings.secret_file, create=True)
    foundation = open_foundation(settings, numbers=None, hashing_threads=1, clock=clock, entropy=SystemEntropy())
    if http is not None:
        foundation = replace(foundation, outgoing=cast("GuardedHttp", http))
    stores, vault = foundation.stores, foundation.vault
    records = SqlRecordStore(stores.database, vault, clock, foundation.entropy)
    if await records.account_of(CITIZEN.personal_number) is None:
        await records.load(RECORDS, _any_event())
        clock.seconds += 1
    citizen = await records.account_of(CITIZEN.personal_number)
    officer = await records.account_of("binh@g10.example.vn")
    assert citizen is not None
    assert officer is not None
    return World(foundation, clock, citizen, officer)


def _any_event() -> Event:
    return RecordsImported(origin=ORIGIN, digest="", counts={})
