"""The relying parties of a chaos run: they ask for codes, redeem and refresh, and believe only what they verified."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bench.connection import Answer
from bench.visitor import query_of, with_query
from tests.chaos.ledger import Code, Family, Ledger
from tests.chaos.people import CALLBACK, Client, Person
from tests.chaos.wire import Refused, Wire

_VERIFIER = "a-code-verifier-of-the-chaos-run-of-43-chars"
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
_OK = 200


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client sends the browser away with."""

    client: Client
    prompt: str = ""
    state: str = field(default_factory=lambda: secrets.token_hex(8))
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def path(self) -> str:
        fields = {
            "response_type": "code", "client_id": self.client.client_id, "redirect_uri": CALLBACK,
            "scope": self.client.scope, "state": self.state, "nonce": self.nonce,
            "code_challenge": _CHALLENGE, "code_challenge_method": "S256",
        }  # fmt: skip
        return with_query("/authorize", fields | ({"prompt": self.prompt} if self.prompt else {}))


class RelyingParties:
    """All clients together, behind one wire."""

    def __init__(self, wire: Wire, ledger: Ledger) -> None:
        self.wire = wire
        self.ledger = ledger
        self._keys: KeySet | None = None

    def receive(self, request: AuthorizationRequest, answer: Answer, person: Person) -> Code:
        """The browser is back with an answer: its code. Raises `Refused`."""
        query = query_of(answer)
        if "code" not in query:
            raise Refused(query.get("error") or _told(answer))
        if query.get("state") != request.state:
            self.ledger.wrong_identity.append("an answer with the state of another request")
        code = Code(query["code"], request.client, person, request.nonce)
        self.ledger.codes.append(code)
        return code

    async def redeem(self, code: Code) -> Family:
        """Exchange a code for tokens, verified. Raises `Unanswered`, or `Refused`."""
        return await self.accept(code, await self.present(code))

    async def present(self, code: Code) -> Answer:
        """Send a code to the token endpoint, whatever comes of it; counts how often it was honoured."""
        fields = {"grant_type": "authorization_code", "code": code.value, "redirect_uri": CALLBACK}
        answer = await self.post("/token", {**fields, "code_verifier": _VERIFIER}, code.client)
        if answer.status == _OK:
            code.honoured += 1
            code.redeemed_at = time.monotonic()
            if code.honoured > 1:
                self.ledger.single_use_violated.append("an authorization code was honoured twice")
        return answer

    async def accept(self, code: Code, answer: Answer) -> Family:
        """Read the tokens of an answer to `code`, and note them as acknowledged. Raises `Refused`."""
        tokens = _tokens(answer)
        claims = await self._verified(tokens["id_token"], code.client)
        if claims.get("nonce") != code.nonce:
            self.ledger.wrong_identity.append("an ID token with the nonce of another request")
        if code.client.client_id == "chaos-gateway" and claims.get("acr") != "urn:vn:loa:2":
            self.ledger.wrong_identity.append("less was proved than the client asks for")
        self.ledger.identify(code.client, code.person, claims["sub"])
        family = Family(code.person, code.client, tokens["refresh_token"], tokens["access_token"], code)
        self.ledger.families.append(family)
        self.ledger.token_ids.append(_claims(tokens["access_token"])["jti"])
        return family

    async def refresh(self, family: Family) -> None:
        """Turn a family. Raises `Unanswered` (it may have turned), or `Refused`."""
        family.doubt = family.doubt or "a refresh under way"
        tokens = _tokens(await self.present_turn(family, family.refresh_token))
        family.used.append(family.refresh_token)
        family.refresh_token, family.access_token = tokens["refresh_token"], tokens["access_token"]
        family.turned_at = time.monotonic()
        family.doubt = "" if family.doubt == "a refresh under way" else family.doubt
        self.ledger.token_ids.append(_claims(tokens["access_token"])["jti"])
        claims = await self._verified(tokens["id_token"], family.client)
        self.ledger.identify(family.client, family.person, claims["sub"])

    async def present_turn(self, family: Family, refresh_token: str) -> Answer:
        """Send a refresh token to the token endpoint, whatever comes of it."""
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self.post("/token", fields, family.client)

    def id_token_of(self, answer: Answer) -> str:
        """The ID token of an answer of the token endpoint."""
        return _tokens(answer)["id_token"]

    def claims_of(self, token: str) -> dict[str, Any]:
        """The claims of a token that was verified before."""
        return _claims(token)

    async def ask_who(self, family: Family) -> None:
        """Ask userinfo: it has to be about the person who signed in. Raises `Unanswered`, or `Refused`."""
        head = f"GET /userinfo HTTP/1.1\r\nhost: {self.wire.entrance.authority}\r\n"
        answer = await self.wire.ask(f"{head}authorization: Bearer {family.access_token}\r\n\r\n".encode())
        if answer.status != _OK:
            raise Refused(f"userinfo {answer.status}")
        claims = json.loads(answer.body)
        self.ledger.identify(family.client, family.person, claims["sub"])
        if claims.get("personal_number", family.person.personal_number) != family.person.personal_number:
            self.ledger.wrong_identity.append("userinfo of another person")

    async def post(self, path: str, fields: dict[str, str], client: Client) -> Answer:
        """Send a form, the client authenticated by Basic. Raises `Unanswered`."""
        body = urlencode(fields)
        return await self.wire.ask(
            f"POST {path} HTTP/1.1\r\nhost: {self.wire.entrance.authority}\r\nauthorization: {client.basic}\r\n"
            f"accept: application/json\r\ncontent-type: application/x-www-form-urlencoded\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}".encode()
        )

    async def _verified(self, id_token: str, client: Client) -> dict[str, Any]:
        """The claims of an ID token whose signature, issuer and audience are right; anything else is a wrong identity.

        The provider's clock is not compared: in one of the faults it is wrong on purpose.
        """
        for fresh in (False, True):
            try:
                claims = jwt.decode(id_token, await self._key_set(fresh=fresh), algorithms=["ES256"]).claims
            except (JoseError, ValueError):
                continue
            if claims["iss"] == self.wire.entrance.origin and claims["aud"] == client.client_id:
                return claims
        self.ledger.wrong_identity.append("an ID token that does not verify")
        raise Refused("an ID token that does not verify")

    async def _key_set(self, *, fresh: bool) -> KeySet:
        if self._keys is None or fresh:
            request = f"GET /jwks HTTP/1.1\r\nhost: {self.wire.entrance.authority}\r\n\r\n"
            self._keys = KeySet.import_key_set(json.loads((await self.wire.ask(request.encode())).body))
        return self._keys


def _tokens(answer: Answer) -> dict[str, str]:
    if answer.status != _OK:
        raise Refused(_told(answer))
    tokens: dict[str, str] = json.loads(answer.body)
    return tokens


def _told(answer: Answer) -> str:
    """What an answer says is wrong: the OAuth code, or that of an error page, or the status."""
    if answer.body.startswith(b"{"):
        return str(json.loads(answer.body).get("error", answer.status))
    _, found, rest = answer.body.partition(b'data-error="')
    return rest.partition(b'"')[0].decode() if found else f"page {answer.status}"


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
