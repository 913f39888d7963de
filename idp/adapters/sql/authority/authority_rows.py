"""Rows of mandates and guardianships, and what they are read as."""

import msgspec

from idp.adapters.sql.tables.authority import guardianships, mandates
from idp.adapters.sql.unit_of_work import Row
from idp.domain.ids import ClientId, PersonId, Seconds
from idp.domain.representation.guardianship import Guardianship, GuardianshipEnd, GuardianshipKind
from idp.domain.representation.mandate import Function, Mandate, MandateEnd
from idp.domain.representation.principal import PrincipalKind

MANDATE = (
    mandates.c.mandate_id,
    mandates.c.giver_kind,
    mandates.c.giver,
    mandates.c.holder,
    mandates.c.services,
    mandates.c.functions,
    mandates.c.valid_from,
    mandates.c.valid_to,
    mandates.c.created_by,
    mandates.c.created_at,
    mandates.c.agreed_at,
    mandates.c.accepted_at,
    mandates.c.ended_at,
    mandates.c.ended_because,
)
GUARDIANSHIP = (
    guardianships.c.guardianship_id,
    guardianships.c.kind,
    guardianships.c.guardian,
    guardianships.c.ward,
    guardianships.c.asked_at,
    guardianships.c.confirmed_at,
    guardianships.c.ended_at,
    guardianships.c.ended_because,
    guardianships.c.reviewed_age,
)

_names = msgspec.json.Decoder(frozenset[str])


def mandate_values(mandate: Mandate) -> dict[str, object]:
    """The row of a new mandate."""
    return {
        "mandate_id": mandate.mandate_id,
        "giver_kind": mandate.giver_kind.value,
        "giver": mandate.giver,
        "holder": mandate.holder,
        "services": _listed(mandate.services),
        "functions": _listed(mandate.functions),
        "valid_from": mandate.valid_from,
        "valid_to": mandate.valid_to,
        "created_by": mandate.created_by,
        "created_at": mandate.created_at,
        "agreed_at": mandate.agreed_at,
        "accepted_at": None,
        "ended_at": None,
        "ended_because": None,
    }


def read_mandate(row: Row) -> Mandate:
    """The mandate in a row of `MANDATE`."""
    mandate_id, giver_kind, giver, holder, services, functions, valid_from, valid_to, created_by, created_at, *rest = (
        row
    )
    agreed_at, accepted_at, ended_at, end = rest
    return Mandate(
        mandate_id=mandate_id,
        giver_kind=PrincipalKind(giver_kind),
        giver=giver,
        holder=PersonId(holder),
        services=frozenset(ClientId(name) for name in _names.decode(services)),
        functions=frozenset(Function(name) for name in _names.decode(functions)),
        valid_from=Seconds(valid_from),
        valid_to=Seconds(valid_to),
        created_by=PersonId(created_by),
        created_at=Seconds(created_at),
        agreed_at=_moment(agreed_at),
        accepted_at=_moment(accepted_at),
        ended_at=_moment(ended_at),
        end=None if end is None else MandateEnd(end),
    )


def read_guardianship(row: Row) -> Guardianship:
    """The guardianship in a row of `GUARDIANSHIP`."""
    guardianship_id, kind, guardian, ward, asked_at, confirmed_at, ended_at, end, reviewed_age = row
    return Guardianship(
        guardianship_id=guardianship_id,
        kind=GuardianshipKind(kind),
        guardian=PersonId(guardian),
        asked_at=Seconds(asked_at),
        ward=None if ward is None else PersonId(ward),
        confirmed_at=_moment(confirmed_at),
        ended_at=_moment(ended_at),
        end=None if end is None else GuardianshipEnd(end),
        reviewed_age=reviewed_age,
    )


def _listed(names: frozenset[ClientId] | frozenset[Function]) -> str:
    return msgspec.json.encode(sorted(str(name) for name in names)).decode()


def _moment(value: int | None) -> Seconds | None:
    return None if value is None else Seconds(value)
