"""RFC 8417 section 2: Security Event Tokens, as registers send them.

Which register it is, a token says itself; nothing of that is believed before a key of that register verified it.
"""

import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any, ClassVar, Final

from idp.domain.accounts.account_lock import ABOUT_ORGANISATIONS, RegisterEvent
from idp.domain.clients.client import Client
from idp.domain.ids import ClientId
from idp.domain.people.personal_number import PersonalNumber, parse_personal_number
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.representation.tax_code import parse_tax_code
from idp.journeys.register_events import RegisterNotice
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens, UnverifiedToken
from idp.ports.keys import UnreadableTokenError
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.errors import OAuthError
from idp.protocol.numeric_date import MalformedNumericDateError, read_numeric_date
from idp.protocol.replay_marks import LONGEST_IDENTIFIER

TOKEN_TYPE: Final = "secevent+jwt"
POPULATION: Final = "urn:vn:register:population"
ENTERPRISES: Final = "urn:vn:register:enterprises"
"""Who assigns the identifiers that events are about."""

_GENDERS: Final = ("male", "female")
_EXPIRES_ON: Final = "expires_on"
_FULL_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class SecurityEventError(OAuthError):
    """RFC 8935 section 2.3: the token is refused for good. `code` is one of section 2.4."""

    code = "invalid_request"
    default = "The request is no security event that is understood here."


class UnknownKeyOfRegisterError(SecurityEventError):
    """No key of the register made the signature."""

    code = "invalid_key"
    default = "No key of the issuer verifies the token."


class UnknownRegisterError(SecurityEventError):
    """The issuer is no client of ours."""

    code = "invalid_issuer"
    default = "The issuer is not known."


class WrongAudienceError(SecurityEventError):
    """The token is for somebody else."""

    code = "invalid_audience"
    default = "The token is meant for another recipient."


class NoRegisterError(SecurityEventError):
    """The issuer may not send events."""

    code: ClassVar[str] = "access_denied"
    default = "The issuer is not registered as a register."


class EventOfAnotherRegisterError(SecurityEventError):
    """The issuer may send events, though not of this type."""

    code: ClassVar[str] = "access_denied"
    default = "The issuer is not registered for events of this type."


class SecurityEvents:
    """Reads and verifies tokens. That each counts once is for who applies them to see to."""

    def __init__(self, issuer: str, tokens: ForeignTokens, keys: ClientKeys, clock: Clock) -> None:
        self._issuer = issuer
        self._tokens = tokens
        self._keys = keys
        self._clock = clock

    def read(self, token: str) -> UnverifiedToken:
        """Return the token taken apart. Raises `SecurityEventError`."""
        try:
            return self._tokens.read(token)
        except UnreadableTokenError as error:
            raise SecurityEventError(reason=f"set: {error}") from error

    async def verify(self, register: Client, unverified: UnverifiedToken) -> RegisterNotice:
        """Return what the register says. Raises `SecurityEventError`."""
        try:
            verified = await self._keys.verify(register, unverified, register.policy.signing_algorithms)
        except UnreadableTokenError as error:
            raise UnknownKeyOfRegisterError(reason=f"set: {error}", client_id=register.client_id) from error
        claims = verified.claims
        # Section 2.3: "typ" is "secevent+jwt", "explicitly typed" so that no other token of the register's passes.
        if verified.header.get("typ") not in {TOKEN_TYPE, f"application/{TOKEN_TYPE}"}:
            raise SecurityEventError(reason="set: another type of token", client_id=register.client_id)
        # Section 2.2: "iss [...] REQUIRED", "aud [...] RECOMMENDED" there, and required here.
        audience = claims.get("aud")
        if self._issuer not in (audience if isinstance(audience, list) else [audience]):
            raise WrongAudienceError(client_id=register.client_id)
        try:
            return self._notice(register.client_id, claims)
        except (SecurityEventError, RefusedIdentifier, MalformedNumericDateError, ValueError) as error:
            raise SecurityEventError(reason=f"set: {type(error).__name__}", client_id=register.client_id) from error

    def _notice(self, register: ClientId, claims: Mapping[str, Any]) -> RegisterNotice:
        issued_at, happened_at = read_numeric_date(claims, "iat"), read_numeric_date(claims, "toe")
        identifier = claims.get("jti")
        # Section 2.2: iat, jti and events are REQUIRED; toe is so here, since events count in its order.
        if issued_at is None or happened_at is None or not isinstance(identifier, str):
            raise SecurityEventError
        latest = self._clock.now() + CLOCK_TOLERANCE
        if not 0 < len(identifier) <= LONGEST_IDENTIFIER or max(issued_at, happened_at) > latest:
            raise SecurityEventError
        event, payload = _event(claims.get("events"))
        return RegisterNotice(
            register=register,
            event=event,
            subject=_subject(event, claims.get("sub_id")),
            event_at=int(happened_at * 1000),
            # What others typed does not go into records of ours.
            event_id=sha256(f"{register}\0{identifier}".encode(errors="surrogatepass")).hexdigest(),
            expires_on=_date(payload, _EXPIRES_ON),
            personal_number=_new_number(event, payload),
            gender=_gender(payload),
            birthdate=_date(payload, "birthdate"),
        )


def _event(events: object) -> tuple[RegisterEvent, Mapping[str, Any]]:
    # Section 2.2: "events [...] is a JSON object"; one of them here, so that an answer is about one.
    if not isinstance(events, Mapping) or len(events) != 1:
        raise SecurityEventError
    ((name, payload),) = events.items()
    if not isinstance(payload, Mapping):
        raise SecurityEventError
    return RegisterEvent(name), payload


def _subject(event: RegisterEvent, identifier: object) -> str:
    """Return the canonical number of an RFC 9493 `iss_sub` identifier of the register that the event belongs to."""
    if not isinstance(identifier, Mapping) or identifier.get("format") != "iss_sub":
        raise SecurityEventError
    number = identifier.get("sub")
    wanted = ENTERPRISES if event in ABOUT_ORGANISATIONS else POPULATION
    if identifier.get("iss") != wanted or not isinstance(number, str):
        raise SecurityEventError
    return parse_tax_code(number) if wanted == ENTERPRISES else parse_personal_number(number)


def _new_number(event: RegisterEvent, payload: Mapping[str, Any]) -> PersonalNumber | None:
    if event is not RegisterEvent.NUMBER_CHANGED:
        return None
    number = payload.get("personal_number")
    if not isinstance(number, str):
        raise SecurityEventError
    return parse_personal_number(number)


def _gender(payload: Mapping[str, Any]) -> str | None:
    gender = payload.get("gender")
    if gender is not None and gender not in _GENDERS:
        raise SecurityEventError
    return gender


def _date(payload: Mapping[str, Any], name: str) -> date | None:
    """Return a day as RFC 3339 section 5.6 writes it (`full-date`); Python would read more of ISO 8601."""
    value = payload.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _FULL_DATE.fullmatch(value):
        raise SecurityEventError
    return date.fromisoformat(value)
