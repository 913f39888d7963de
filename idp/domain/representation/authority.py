"""Whom a person may act for, decided from what is recorded at the moment of asking, and from nothing else."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum

from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.people.ageing import Proof, standing
from idp.domain.representation.guardianship import GUARDIAN_LEVEL, Guardianship
from idp.domain.representation.mandate import Function, Mandate, MandateState
from idp.domain.representation.principal import Principal, PrincipalKind
from idp.domain.values import dataclass


class Basis(StrEnum):
    """Why somebody may act for another; the `role` of the authority claims."""

    REPRESENTATIVE = "legal_representative"
    MANDATE = "mandate_holder"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be done: all of it when there are no `functions`; from `start` until before `end`, where known."""

    functions: frozenset[Function] = frozenset()
    start: Seconds | None = None
    end: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """That a person may act for `principal`. `name` is its name; `account_id` that of a human principal."""

    principal: Principal
    name: str
    basis: Basis
    permissions: tuple[Permission, ...] = (Permission(),)
    account_id: AccountId | None = None

    def allows(self, functions: frozenset[Function]) -> bool:
        """Whether everything among `functions` may be done."""
        if any(not permission.functions for permission in self.permissions):
            return True
        allowed = frozenset[Function]().union(*(permission.functions for permission in self.permissions))
        return functions <= allowed


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as registered; after `dissolved_at` nobody acts for it."""

    tax_code: str
    name: str
    dissolved_at: Seconds | None = None

    def stands(self, now: Seconds) -> bool:
        """Whether it exists at `now`."""
        return self.dissolved_at is None or now < self.dissolved_at


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """A human whom somebody may act for. While the account is locked (`stands` is false) nobody does."""

    account_id: AccountId
    name: str
    birthdate: date | None
    stands: bool


@dataclass(frozen=True, slots=True)
class AuthorityRecord:
    """What is recorded about one account: nothing of it is decided yet.

    `acts` is true for an active citizen's account: officers act for their agency alone. `proof` is what the person's
    identity level stands on. `people` are the givers of mandates and the wards, by mandate or guardianship.
    """

    acts: bool
    proof: Proof
    represented: tuple[Organisation, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    guardianships: tuple[Guardianship, ...] = ()
    organisations: Mapping[str, Organisation] | None = None
    people: Mapping[str, OtherPerson] | None = None


NOBODY = AuthorityRecord(acts=False, proof=Proof(0))
"""Of an account that is gone."""


def authorities(record: AuthorityRecord, client_id: ClientId, now: Seconds) -> tuple[Authority, ...]:
    """Return whom the person may act for at `client_id`, at `now`: organisations, then people, by name.

    Representatives and guardians are proved at `GUARDIAN_LEVEL`, and act for nobody once that proof is too old.
    """
    if not record.acts:
        return ()
    found = [*_organisations(record, client_id, now), *_people(record, client_id, now)]
    return tuple(sorted(found, key=lambda each: (each.principal.kind, each.name, str(each.principal))))


def authority_for(record: AuthorityRecord, principal: Principal, client_id: ClientId, now: Seconds) -> Authority | None:
    """Return the authority to act for `principal`, or None when the record supports none at `now`."""
    return next((each for each in authorities(record, client_id, now) if each.principal == principal), None)


def _organisations(record: AuthorityRecord, client_id: ClientId, now: Seconds) -> Iterator[Authority]:
    represented = [each for each in record.represented if each.stands(now)] if _is_proved(record, now) else []
    for organisation in represented:
        yield Authority(
            Principal(PrincipalKind.ORGANISATION, organisation.tax_code), organisation.name, Basis.REPRESENTATIVE
        )
    by_code: dict[str, list[Permission]] = {}
    for mandate in _in_force(record, PrincipalKind.ORGANISATION, client_id, now):
        by_code.setdefault(mandate.giver, []).append(_permission(mandate))
    for tax_code in by_code.keys() - {organisation.tax_code for organisation in represented}:
        giver = (record.organisations or {}).get(tax_code)
        if giver is not None and giver.stands(now):
            principal = Principal(PrincipalKind.ORGANISATION, tax_code)
            yield Authority(principal, giver.name, Basis.MANDATE, tuple(by_code[tax_code]))


def _people(record: AuthorityRecord, client_id: ClientId, now: Seconds) -> Iterator[Authority]:
    people = record.people or {}
    for mandate in _in_force(record, PrincipalKind.PERSON, client_id, now):
        giver = people.get(mandate.mandate_id)
        if giver is not None and giver.stands:
            yield Authority(
                mandate.principal, giver.name, Basis.MANDATE, (_permission(mandate),), account_id=giver.account_id
            )
    for guardianship in record.guardianships if _is_proved(record, now) else ():
        ward = people.get(guardianship.guardianship_id)
        if ward is not None and ward.stands and guardianship.is_in_force(ward.birthdate, now):
            permission = Permission(start=guardianship.confirmed_at, end=guardianship.ends_by_itself_at(ward.birthdate))
            yield Authority(
                guardianship.principal, ward.name, Basis.GUARDIAN, (permission,), account_id=ward.account_id
            )


def _is_proved(record: AuthorityRecord, now: Seconds) -> bool:
    return standing(record.proof, now).identity_level >= GUARDIAN_LEVEL


def _in_force(record: AuthorityRecord, kind: PrincipalKind, client_id: ClientId, now: Seconds) -> Iterator[Mandate]:
    for mandate in record.mandates:
        if mandate.giver_kind is kind and mandate.covers(client_id) and mandate.state(now) is MandateState.IN_FORCE:
            yield mandate


def _permission(mandate: Mandate) -> Permission:
    return Permission(mandate.functions, mandate.valid_from, mandate.valid_to)
