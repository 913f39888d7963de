"""OpenID Connect Authority Claims 1.0 sections 3.2 to 3.5 (draft): on whose behalf somebody acts.

The claim has the same shape wherever it stands. An organisation is named by its tax code; a human by the `sub` that he
or she has at this very client, so that two clients cannot join what they know of a child.
"""

from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.country_time import day_of
from idp.domain.grants.authorization_detail_types import DOSSIER_ACCESS, PAYMENT_INITIATION
from idp.domain.ids import Seconds
from idp.domain.representation.authority import Authority, Basis, Permission
from idp.domain.representation.mandate import Function
from idp.domain.representation.principal import PrincipalKind
from idp.ports.keys import SubjectKeys
from idp.protocol.claims.scopes import claims_allowed
from idp.protocol.claims.subject import subject_identifier

CLAIM: Final = "authority"
SCOPE: Final = "authority"

METHODS: Final = {
    Basis.REPRESENTATIVE: "appointed",
    Basis.MANDATE: "delegated",
    Basis.GUARDIAN: "appointed",
}
"""`granted_by.method`: a holder passed the authority on, or an office registered it."""

REGISTRATION_AUTHORITY: Final = "VN-TAX"
"""Whose number `registration_number` is: the tax code of the General Department of Taxation."""


def authority_claim(keys: SubjectKeys, client: Client, authority: Authority, *, named: bool) -> dict[str, Any]:
    """Return the claim as `client` is told it; `named` adds what a human principal is called.

    `applies_to` and `permission` are REQUIRED; the draft asks for an object or an array of them, and there is one.
    """
    return {
        "applies_to": _applies_to(keys, client, authority, named=named),
        "permission": [_permission(authority.basis, permission) for permission in authority.permissions],
        # granted_by: OPTIONAL, its method REQUIRED.
        "granted_by": {"method": METHODS[authority.basis]},
    }


def may_be_told(client: Client) -> bool:
    """Whether `client` may know on whose behalf: its allow-list has the claim, or it registered that it always asks."""
    return client.serves_organisations or CLAIM in claims_allowed(client.scopes, client.claims_policy)


def metadata() -> dict[str, object]:
    """Return what the discovery document says of the extension, section "OP Metadata"."""
    return {
        "authority_claims_supported": True,
        "authority_permissions_supported": [basis.value for basis in Basis],
        "authority_granted_methods_supported": sorted(set(METHODS.values())),
    }


def _applies_to(keys: SubjectKeys, client: Client, authority: Authority, *, named: bool) -> dict[str, Any]:
    if authority.principal.kind is PrincipalKind.ORGANISATION:
        return {
            "organization_name": authority.name,
            "registration_number": authority.principal.reference,
            "registration_authority_code": REGISTRATION_AUTHORITY,
        }
    told: dict[str, Any] = {}
    if authority.account_id is not None:
        told["sub"] = subject_identifier(keys, client, authority.account_id)
    return {**told, "name": authority.name} if named and authority.name else told


def _permission(basis: Basis, permission: Permission) -> dict[str, Any]:
    told: dict[str, Any] = {"role": basis.value}
    # A guardian's authority ends on a birthday, which nobody asked for: only mandates tell their days.
    if basis is Basis.MANDATE and permission.start is not None and permission.end is not None:
        last = Seconds(permission.end - 1)
        told["validity"] = {"start": day_of(permission.start).isoformat(), "end": day_of(last).isoformat()}
    if permission.functions:
        told["function"] = sorted(function.value for function in permission.functions)
    # may_delegate: whoever represents an organisation may give mandates, their holders may not pass them on.
    told["may_delegate"] = basis is Basis.REPRESENTATIVE
    return told


def functions_needed(authorization_details: tuple[dict[str, Any], ...]) -> frozenset[Function]:
    """Return what a principal must have allowed for these details (RFC 9396) to be asked in its name."""
    needed = set[Function]()
    for detail in authorization_details:
        if detail["type"] == PAYMENT_INITIATION.name:
            needed.add(Function.PAY)
        if detail["type"] == DOSSIER_ACCESS.name:
            needed.add(Function.SUBMIT if "write" in detail["actions"] else Function.VIEW)
    return frozenset(needed)
