"""What browsers send (WebAuthn Level 3 section 5.1): read strictly, believed in nothing."""

import msgspec

from idp.adapters.crypto.base64url import decode_base64url
from idp.ports.passkey_ceremonies import CeremonyRefusedError, UnverifiedAssertion, UnverifiedRegistration


class _AttestationResponse(msgspec.Struct, rename={"client_data": "clientDataJSON"}):
    client_data: str


class _AssertionResponse(
    msgspec.Struct,
    rename={"client_data": "clientDataJSON", "authenticator_data": "authenticatorData", "user_handle": "userHandle"},
):
    client_data: str
    authenticator_data: str
    signature: str
    user_handle: str | None = None


class _Registration(msgspec.Struct):
    response: _AttestationResponse


class _Assertion(msgspec.Struct):
    id: str
    response: _AssertionResponse


class ClientData(msgspec.Struct, rename="camel"):
    """What the browser says of the ceremony (section 5.8.1)."""

    type: str
    challenge: str
    origin: str
    cross_origin: bool | None = None
    top_origin: str | None = None


_UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What reading raises at an answer that somebody made up; the last where its JSON nests without end."""

_registration = msgspec.json.Decoder(_Registration)
_assertion = msgspec.json.Decoder(_Assertion)
_client_data = msgspec.json.Decoder(ClientData)


def read_registration(answer: str) -> UnverifiedRegistration:
    """What a browser says of a new passkey. Raises `CeremonyRefusedError`."""
    try:
        told = _registration.decode(answer)
        challenge = _challenge(decode_base64url(told.response.client_data))
    except _UNREADABLE as error:
        raise CeremonyRefusedError("malformed") from error
    return UnverifiedRegistration(challenge, answer)


def read_assertion(answer: str) -> UnverifiedAssertion:
    """What a browser says was signed. Raises `CeremonyRefusedError`."""
    try:
        told = _assertion.decode(answer)
        response = told.response
        client_data = decode_base64url(response.client_data)
        return UnverifiedAssertion(
            challenge=_challenge(client_data),
            credential_id=decode_base64url(told.id),
            user_handle=decode_base64url(response.user_handle) if response.user_handle else None,
            client_data=client_data,
            authenticator_data=decode_base64url(response.authenticator_data),
            signature=decode_base64url(response.signature),
        )
    except _UNREADABLE as error:
        raise CeremonyRefusedError("malformed") from error


def check_client_data(client_data: bytes, kind: str, origin: str) -> None:
    """Sections 7.1 and 7.2: what the browser did has to be `kind`, on a page of `origin`, in no frame of another site.

    Raises `CeremonyRefusedError`.
    """
    told = _client_data.decode(client_data)
    if told.type != kind:
        raise CeremonyRefusedError("type")
    if told.origin != origin:
        raise CeremonyRefusedError("origin")
    if told.cross_origin or told.top_origin is not None:
        raise CeremonyRefusedError("cross_origin")


def _challenge(client_data: bytes) -> bytes:
    return decode_base64url(_client_data.decode(client_data).challenge)
