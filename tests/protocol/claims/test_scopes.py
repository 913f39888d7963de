import pytest

from idp.protocol.claims.scopes import (
    PROVIDER_SCOPES,
    SCOPE_CLAIMS,
    claims_of,
    parse_scope,
    scopes_of_client,
    without_provider_scopes,
)
from idp.protocol.errors import InvalidScopeError
from tests.protocol.world import MACHINE


def test_scopes_keep_their_order_and_come_once() -> None:
    assert parse_scope("profile openid profile dossier.read") == ("profile", "openid", "dossier.read")


@pytest.mark.parametrize(
    "text", ["", " ", "openid ", " openid", "openid  email", 'a"b', "a\\b", "a\tb", "quê", "a\x00"]
)
def test_a_scope_outside_the_grammar_of_rfc_6749_is_refused(text: str) -> None:
    with pytest.raises(InvalidScopeError):
        parse_scope(text)


def test_the_profile_scope_asks_for_the_fourteen_claims_of_openid_connect() -> None:
    assert len(claims_of(["openid", "profile"])) == 14


def test_no_standard_scope_carries_the_personal_number() -> None:
    assert [scope for scope, claims in SCOPE_CLAIMS.items() if "personal_number" in claims] == ["identity"]


def test_unknown_scopes_ask_for_no_claim() -> None:
    assert claims_of(["dossier.read"]) == frozenset()


def test_scopes_of_resources_are_those_that_are_not_about_a_person_here() -> None:
    assert without_provider_scopes([*PROVIDER_SCOPES, "dossier.write", "dossier.read"]) == (
        "dossier.write",
        "dossier.read",
    )


def test_a_client_alone_has_what_it_asks_for_or_all_that_is_not_about_people() -> None:
    assert scopes_of_client(MACHINE, "report.send dossier.read") == ("report.send", "dossier.read")
    assert scopes_of_client(MACHINE, None) == ("archive.read", "dossier.read", "dossier.write", "report.send")


@pytest.mark.parametrize("requested", ["openid", "dossier.read profile", "dossier.delete", ""])
def test_a_client_alone_has_nothing_about_people_and_nothing_that_is_not_registered(requested: str) -> None:
    with pytest.raises(InvalidScopeError):
        scopes_of_client(MACHINE, requested)
