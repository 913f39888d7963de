"""The suite's relying party where tokens come through the browser: the provider with the legacy switch on."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from jose import jwt

from tests.conformance.suite import CONTACT_CLAIMS, FIVE_MINUTES, PROFILE_CLAIMS, SignIn, Suite, checked_tokens, entropy
from tests.flows.provider import ISSUER, Page

RECORDS = (Path(__file__).parent / "records.yaml").read_text(encoding="utf-8")
RESPONSE_TYPES = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]


def legacy_records() -> str:
    """The people and clients of the other plans, the clients registered for every response type."""
    records: dict[str, Any] = yaml.safe_load(RECORDS)
    for client in records["clients"]:
        client |= {"profile": "legacy", "response_types": [*RESPONSE_TYPES]}
        client["grant_types"] = [*client.get("grant_types", ["authorization_code"]), "implicit"]
    return yaml.safe_dump(records, allow_unicode=True)


@dataclass
class FrontChannelSuite(Suite):
    """A module's relying party for one response type."""

    response_type: str = "id_token"

    @property
    def words(self) -> set[str]:
        return set(self.response_type.split())

    def parameters(self, **changes: str | None) -> dict[str, str]:
        return super().parameters(**{"response_type": self.response_type, **changes})

    def answer(self, page: Page) -> dict[str, str]:
        if self.response_mode == "form_post":
            return super().answer(page)
        location, registered = urlsplit(page.location), urlsplit(self.client.redirect_uri)
        if not location.fragment:
            # Only a request whose response type cannot be told is answered in the query.
            return super().answer(page)
        assert location._replace(fragment="") == registered
        return dict(parse_qsl(location.fragment, strict_parsing=True, keep_blank_values=True))

    def error(self, page: Page) -> dict[str, str]:
        answer = super().error(page)
        assert answer.keys().isdisjoint({"code", "id_token", "access_token"})
        return answer

    def code(self, page: Page) -> str:
        answer = self.checked(page)
        assert len(answer["code"]) * 6 >= 128
        assert entropy(answer["code"]) > 96
        return answer["code"]

    def checked(self, page: Page) -> dict[str, str]:
        """A successful response: what was asked for, and nothing else."""
        answer = self.answer(page)
        expected = {"iss", "session_state"} | ({"state"} if self.state is not None else set())
        expected |= {"code"} & self.words | {"id_token"} & self.words
        if "token" in self.words:
            expected |= {"access_token", "token_type", "expires_in", "scope"}
            assert answer["token_type"] == "Bearer"
            assert int(answer["expires_in"]) > 0
        assert answer.keys() == expected
        assert (answer.get("state"), answer["iss"]) == (self.state, ISSUER)
        return answer

    async def front_id_token(self, answer: dict[str, str]) -> dict[str, Any]:
        """The claims of the ID token of the authorization response, bound to all that came with it."""
        header = jwt.get_unverified_header(answer["id_token"])
        keys = (await self.browser.http.get("/jwks")).json()["keys"]
        (key,) = [key for key in keys if key["kid"] == header["kid"]]
        options = {"verify_exp": False, "verify_iat": False, "verify_at_hash": "access_token" in answer}
        claims: dict[str, Any] = jwt.decode(
            answer["id_token"],
            key,
            algorithms=[self.client.algorithm],
            audience=self.client.client_id,
            issuer=ISSUER,
            access_token=answer.get("access_token"),
            options=options,
        )
        assert claims["nonce"] == self.nonce
        assert abs(claims["iat"] - self.provider.clock.at) < FIVE_MINUTES
        assert ("at_hash" in claims) is ("access_token" in answer)
        assert ("c_hash" in claims) is ("code" in answer)
        if "code" in answer:
            assert claims["c_hash"] == left_half(answer["code"])
        if self.state is not None:
            assert claims["s_hash"] == left_half(self.state)
        if self.words != {"id_token"}:
            assert claims.keys().isdisjoint(PROFILE_CLAIMS | CONTACT_CLAIMS)
        return claims

    async def sign_in(self, page: Page | None = None, **changes: str | None) -> SignIn:
        page = page or await self.request(**changes)
        asked = page.has_form("sign-in")
        page = await self.interact(page)
        answer = self.checked(page)
        front = await self.front_id_token(answer) if "id_token" in answer else None
        if "code" not in answer:
            assert front is not None
            return SignIn(answer, dict(answer), front, asked)
        tokens = checked_tokens(await self.redeem(answer["code"]))
        id_token = await self.verified(tokens)
        if front is not None:
            # OpenID Connect Core section 3.3.3.6: "The iss and sub Claim Values MUST be identical".
            assert (front["iss"], front["sub"]) == (id_token["iss"], id_token["sub"])
        return SignIn(answer, tokens, id_token, asked)

    async def claims(self, signed_in: SignIn) -> dict[str, Any]:
        """From userinfo, or from the ID token where there is no access token (section 5.4)."""
        if "access_token" in signed_in.tokens:
            return await super().claims(signed_in)
        released = {"sub"} | PROFILE_CLAIMS | CONTACT_CLAIMS
        return {name: value for name, value in signed_in.id_token.items() if name in released}


def left_half(value: str) -> str:
    """The left half of a SHA-256 digest, as the claims `c_hash` and `s_hash` hold it."""
    digest = hashlib.sha256(value.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
