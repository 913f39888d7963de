"""RFC 7643 section 4.1: an officer as a SCIM User, and what a User says that an officer is to be."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from idp.domain.accounts.account import AccountStatus
from idp.domain.ids import ClientId, Seconds
from idp.domain.moment import check_moment, end_written
from idp.domain.offices.agency_code import parse_agency_code
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.journeys.joining import Joiner, comparable_name
from idp.journeys.provisioned_post import WantedOfficer
from idp.ports.officers import Provisioned
from idp.protocol.scim.errors import immutable, invalid_syntax, invalid_value
from idp.protocol.scim.paths import ENTERPRISE, OFFICER, USER, member, require_schema

PATH: Final = "/scim/v2"
_LONGEST: Final = 320
_TRUTHS: Final[Mapping[object, bool]] = {True: True, False: False, "true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A resource with its version as an entity tag (RFC 7644 section 3.14)."""

    body: dict[str, Any]
    version: str


def user_of(one: Provisioned, agency_name: str, issuer: str, client_id: ClientId, now: Seconds) -> Written:
    """Return the User that a client sees; what another client calls the officer stays with that one."""
    officer = one.officer
    post = officer.post_to_come(now) or officer.post_at(now) or officer.standing_post(now)
    body: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE, OFFICER],
        "id": officer.account_id,
        "userName": officer.username,
        "name": {"formatted": officer.name},
        "displayName": officer.name,
        "active": officer.status is AccountStatus.ACTIVE,
        ENTERPRISE: {"department": agency_name},
    }
    if one.external_id is not None and one.client_id == client_id:
        body["externalId"] = one.external_id
    if post is not None:
        body["title"] = post.position
        body[OFFICER] = {
            "agency": post.agency_code,
            "roles": list(post.roles),
            "heldFrom": _written(post.held_from),
            "officerId": officer.officer_id,
        }
        if post.held_to is not None:
            body[OFFICER]["heldTo"] = _written(post.held_to)
    version = f'W/"{sha256(msgspec.json.encode(body, order="sorted")).hexdigest()[:32]}"'
    body["meta"] = {
        "resourceType": "User",
        "created": _written(officer.created_at),
        "lastModified": _written(one.changed_at),
        "location": f"{issuer}{PATH}/Users/{officer.account_id}",
        "version": version,
    }
    return Written(body=body, version=version)


def read_new(body: dict[str, Any]) -> WantedOfficer:
    """Return the officer that a POST wants. Raises `ScimError`."""
    wanted = _read(body)
    number = _text(_extension(body), "personalNumber")
    name = _formatted(body) or _text(body, "displayName")
    if number is None or name is None:
        raise invalid_value("personalNumber and name.formatted (or displayName) are needed.")
    return replace(wanted, joiner=Joiner(personal_number=number, name=name, username=wanted.username))


def read_changed(body: dict[str, Any], known: Written) -> WantedOfficer:
    """Return how a PUT, or the outcome of a PATCH, wants an officer who is there. Raises `ScimError`.

    Section 3.5.1: "readOnly: Any values provided SHALL be ignored"; "immutable: [...] the values MUST match".
    """
    names = {comparable_name(name) for name in (_formatted(body), _text(body, "displayName")) if name is not None}
    if names - {comparable_name(known.body["displayName"])}:
        raise immutable("name")
    if _text(body, "id") not in {None, known.body["id"]}:
        raise immutable("id")
    return _read(body)


def read_body(raw: bytes) -> dict[str, Any]:
    """Return a request's body. Raises `ScimError` (`invalidSyntax`)."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise invalid_syntax("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise invalid_syntax("The body is not a JSON object.")
    return body


def _read(body: dict[str, Any]) -> WantedOfficer:
    require_schema(body, USER)
    officer = _extension(body)
    username, agency, title = _text(body, "userName"), _text(officer, "agency"), _text(body, "title")
    if username is None or agency is None or title is None:
        raise invalid_value("userName, title and the extension's agency are needed.")
    return WantedOfficer(
        username=username,
        agency_code=_code(agency),
        position=" ".join(title.split()),
        active=_truth(member(body, "active")),
        external_id=_text(body, "externalId"),
        held_from=_moment(_text(officer, "heldFrom")),
        held_to=_end(_text(officer, "heldTo")),
    )


def _extension(body: dict[str, Any]) -> dict[str, Any]:
    extension = member(body, OFFICER)
    if extension is not None and not isinstance(extension, dict):
        raise invalid_syntax("An extension is an object.")
    return extension or {}


def _formatted(body: dict[str, Any]) -> str | None:
    name = member(body, "name")
    return _text(name, "formatted") if isinstance(name, dict) else None


def _text(holder: dict[str, Any], name: str) -> str | None:
    value = member(holder, name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise invalid_value(f"{name} is no text, or too long a one.")
    return value


def _code(agency: str) -> str:
    try:
        return parse_agency_code(agency)
    except RefusedIdentifier:
        raise invalid_value("agency is no agency code.") from None


def _truth(value: object) -> bool | None:
    """What was told, None where nothing was; systems in use write it as a text too."""
    if value is None:
        return None
    told = _TRUTHS.get(value.lower() if isinstance(value, str) else value) if isinstance(value, str | bool) else None
    if told is None:
        raise invalid_value("active is true or false.")
    return told


def _moment(text: str | None) -> Seconds | None:
    """RFC 7643 section 2.3.5: an XML Schema dateTime; one without an offset is in UTC."""
    return None if text is None else _read_moment(text, lambda told: check_moment(int(told.timestamp())))


def _end(text: str | None) -> Seconds | None:
    """The same; personnel systems write 9999-12-31 for no end."""
    return None if text is None else _read_moment(text, end_written)


def _read_moment(text: str, read: Callable[[datetime], Seconds | None]) -> Seconds | None:
    try:
        moment = datetime.fromisoformat(text)
        return read(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except ValueError:
        raise invalid_value("heldFrom and heldTo are moments such as 2026-01-01T00:00:00+07:00.") from None


def _written(moment: Seconds) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
