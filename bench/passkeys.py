"""An authenticator with one passkey, and one-time codes (RFC 6238): what a person has, as cheaply as may be."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from html import unescape
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from bench.connection import Answer
from bench.visitor import UnexpectedAnswer

TOTP_SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""Of everybody who makes a passkey; worth nothing elsewhere."""

_OPTIONS: Final = re.compile(rb'data-options="([^"]*)"')
_PRESENT_VERIFIED_SYNCED: Final = 0b0001_1101
_ATTESTED: Final = 0b0100_0000
_STEP: Final = 30
_DIGITS: Final = 6


class Passkey:
    """One synced passkey for the provider at `origin`, made by `register`."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._domain = hashlib.sha256((urlsplit(origin).hostname or "").encode()).digest()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._credential_id = secrets.token_bytes(16)
        self._user_handle = ""

    def register(self, page: Answer) -> str:
        """Return what a browser sends for the options on a page (WebAuthn section 7.1); nobody attests to it."""
        options = _options(page)
        self._user_handle = options["user"]["id"]
        client_data = self._client_data("webauthn.create", options)
        attested = bytes(16) + len(self._credential_id).to_bytes(2) + self._credential_id + self._cose_key()
        data = self._data(_PRESENT_VERIFIED_SYNCED | _ATTESTED) + attested
        # CBOR (RFC 8949) of three members: nobody attests, so the statement is empty.
        statement = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
        return self._answer(client_data, {"attestationObject": _encoded(statement), "transports": ["internal"]})

    def sign_in(self, page: Answer) -> str:
        """Return what a browser sends for the options on a page (WebAuthn section 7.2)."""
        client_data = self._client_data("webauthn.get", _options(page))
        data = self._data(_PRESENT_VERIFIED_SYNCED)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {"authenticatorData": _encoded(data), "signature": _encoded(signature)}
        return self._answer(client_data, {**response, "userHandle": self._user_handle})

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self._origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, flags: int) -> bytes:
        return self._domain + bytes([flags]) + bytes(4)

    def _cose_key(self) -> bytes:
        point = self._key.public_key().public_numbers()
        return (
            b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + point.x.to_bytes(32) + b"\x22\x58\x20" + point.y.to_bytes(32)
        )

    def _answer(self, client_data: bytes, response: dict[str, object]) -> str:
        name = _encoded(self._credential_id)
        said = {"clientDataJSON": _encoded(client_data), **response}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})


def one_time_code(at: float | None = None) -> str:
    """Return the code of `TOTP_SECRET` at a moment, now if none is given."""
    step = int((time.time() if at is None else at) // _STEP)
    digest = hmac.digest(base64.b32decode(TOTP_SECRET), step.to_bytes(8), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 10**_DIGITS:0{_DIGITS}d}"


def _options(page: Answer) -> dict[str, Any]:
    found = _OPTIONS.search(page.body)
    if found is None:
        raise UnexpectedAnswer(f"no passkey is asked for: {page.status}")
    options: dict[str, Any] = json.loads(unescape(found[1].decode()))
    return options


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
