from dataclasses import replace
from typing import Any

import pytest

from idp.domain.ids import AccountId, Seconds
from idp.domain.representation.authority import Authority, Basis, Permission
from idp.domain.representation.mandate import Function
from idp.domain.representation.principal import Principal, PrincipalKind
from idp.protocol.claims.authority_claims import METHODS, authority_claim, functions_needed, metadata
from tests.protocol.world import OTHER, PORTAL, World

ORGANISATION = Authority(Principal(PrincipalKind.ORGANISATION, "0100109106"), "Công ty", Basis.REPRESENTATIVE)
DAYS = Permission(frozenset({Function.PAY, Function.VIEW}), Seconds(1_790_000_000), Seconds(1_790_442_000))
PERSON = Authority(
    Principal(PrincipalKind.PERSON, "m"), "Nguyễn Thị Ánh", Basis.MANDATE, (DAYS,), account_id=AccountId("account-1")
)
WARD = replace(
    PERSON,
    principal=Principal(PrincipalKind.WARD, "g"),
    basis=Basis.GUARDIAN,
    permissions=(Permission(start=Seconds(1), end=Seconds(2)),),
)


def test_an_organisation_is_named_by_name_and_tax_code(world: World) -> None:
    assert authority_claim(world.keys, PORTAL, ORGANISATION, named=False) == {
        "applies_to": {
            "organization_name": "Công ty",
            "registration_number": "0100109106",
            "registration_authority_code": "VN-TAX",
        },
        "permission": [{"role": "legal_representative", "may_delegate": True}],
        "granted_by": {"method": "appointed"},
    }


def test_a_human_is_named_by_the_subject_that_he_or_she_has_at_the_client(world: World) -> None:
    told = [authority_claim(world.keys, client, PERSON, named=False)["applies_to"] for client in (PORTAL, OTHER)]
    assert [each.keys() for each in told] == [{"sub"}, {"sub"}]
    assert told[0] != told[1]
    named = authority_claim(world.keys, PORTAL, PERSON, named=True)["applies_to"]
    assert named == {**told[0], "name": "Nguyễn Thị Ánh"}


def test_a_mandate_tells_its_first_and_last_day_and_what_may_be_done(world: World) -> None:
    (permission,) = authority_claim(world.keys, PORTAL, PERSON, named=False)["permission"]
    assert permission == {
        "role": "mandate_holder",
        "validity": {"start": "2026-09-21", "end": "2026-09-26"},
        "function": ["pay", "view"],
        "may_delegate": False,
    }


def test_when_a_guardianship_ends_is_a_birthday_and_not_told(world: World) -> None:
    (permission,) = authority_claim(world.keys, PORTAL, WARD, named=False)["permission"]
    assert permission == {"role": "guardian", "may_delegate": False}


@pytest.mark.parametrize(
    ("detail", "needed"),
    [
        ({"type": "payment_initiation"}, {Function.PAY}),
        ({"type": "dossier_access", "actions": ["read"]}, {Function.VIEW}),
        ({"type": "dossier_access", "actions": ["read", "write"]}, {Function.SUBMIT}),
    ],
)
def test_what_details_need_is_what_the_principal_must_have_allowed(
    detail: dict[str, Any], needed: set[Function]
) -> None:
    assert functions_needed((detail,)) == needed
    assert functions_needed(()) == frozenset()


def test_the_metadata_names_every_role_and_method() -> None:
    told = metadata()
    assert told["authority_permissions_supported"] == [basis.value for basis in Basis]
    assert told["authority_granted_methods_supported"] == sorted(set(METHODS.values()))
