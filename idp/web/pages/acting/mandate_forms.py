"""The forms of `/account/mandates`: what they offer, and what was typed into them."""

from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from idp.domain.clients.client import Client
from idp.domain.country_time import day_of
from idp.domain.ids import ClientId, Seconds
from idp.domain.representation.guardianship import GuardianshipKind
from idp.domain.representation.mandate import Function, Mandate
from idp.domain.representation.principal import SELF
from idp.domain.typed_day import read_typed_day
from idp.journeys.mandates import Draft
from idp.ports.authorities import Representatives
from idp.web.views.acting import Option
from idp.web.views.common import Locale

MANDATES: Final = "/account/mandates"
WARDS: Final = "/account/wards"
NEW_WARD: Final = {"kind": GuardianshipKind.MINOR.value, "personal_number": "", "name": "", "birthdate": ""}

_SERVICE: Final = "service."
_FUNCTION: Final = "function."
_USUAL: Final = 365
"""Days that a new mandate is proposed for."""

_WORDS: Final = MappingProxyType({function.value: f"function.{function}" for function in Function})


def new_mandate(now: Seconds) -> dict[str, str]:
    """Return what stands in the fields at first."""
    today = day_of(now)
    return {
        "giver": SELF,
        "holder_number": "",
        "holder_name": "",
        "first": today.isoformat(),
        "last": (today + timedelta(days=_USUAL)).isoformat(),
    }


def givers(represented: tuple[Representatives, ...], typed: Mapping[str, str], now: Seconds) -> tuple[Option, ...]:
    """Return in whose name a mandate may be given besides the own: organisations that the person represents."""
    chosen = typed.get("giver", SELF)
    standing = [each.organisation for each in represented if each.organisation.stands(now)]
    return tuple(Option(each.tax_code, each.name, each.tax_code == chosen) for each in standing)


def services(clients: tuple[Client, ...], typed: Mapping[str, str], locale: Locale) -> tuple[Option, ...]:
    """Return the services that a mandate may name."""
    options = [
        Option(f"{_SERVICE}{client.client_id}", client.name_in(locale), f"{_SERVICE}{client.client_id}" in typed)
        for client in clients
    ]
    return tuple(sorted(options, key=lambda option: option.words))


def functions(typed: Mapping[str, str]) -> tuple[Option, ...]:
    """Return what may be allowed; the words are those of `idp.web.wording.acting_words`."""
    return tuple(Option(f"{_FUNCTION}{name}", words, f"{_FUNCTION}{name}" in typed) for name, words in _WORDS.items())


def draft_of(fields: Mapping[str, str]) -> Draft:
    """Return what was typed; what makes no sense is left for the journey to refuse."""
    known = {function.value for function in Function}
    return Draft(
        giver=fields.get("giver", SELF),
        holder_number=fields.get("holder_number", ""),
        holder_name=fields.get("holder_name", ""),
        services=frozenset(ClientId(name.removeprefix(_SERVICE)) for name in fields if name.startswith(_SERVICE)),
        functions=frozenset(
            Function(name.removeprefix(_FUNCTION))
            for name in fields
            if name.startswith(_FUNCTION) and name.removeprefix(_FUNCTION) in known
        ),
        first=read_typed_day(fields.get("first", "")),
        last=read_typed_day(fields.get("last", "")),
    )


def ward_of(fields: Mapping[str, str]) -> tuple[GuardianshipKind, str, str, date | None]:
    """Return what was typed of a ward: kind, personal number, name, birthdate."""
    is_ward = fields.get("kind") == GuardianshipKind.WARD
    kind = GuardianshipKind.WARD if is_ward else GuardianshipKind.MINOR
    return kind, fields.get("personal_number", ""), fields.get("name", ""), read_typed_day(fields.get("birthdate", ""))


def last_moment(mandate: Mandate) -> Seconds:
    """Return the last second of the last day."""
    return Seconds(mandate.valid_to - 1)


def status_of(refusal: str | None) -> int:
    """Return the status of a page that was refused for this reason."""
    if refusal is None:
        return HTTPStatus.OK
    return HTTPStatus.TOO_MANY_REQUESTS if refusal == "slow" else HTTPStatus.BAD_REQUEST
