from typing import Any

import pytest

from idp.protocol.errors import InvalidSoftwareStatementError, UnapprovedSoftwareStatementError
from idp.protocol.registration.software_statement import SoftwareStatements
from tests.protocol.client_signer import ClientSigner
from tests.protocol.registration.registrar import SIGNER, STATEMENT_ISSUER, statement
from tests.protocol.world import ISSUER, World


@pytest.fixture
def statements(world: World) -> SoftwareStatements:
    return SoftwareStatements(world.parts.foreign, {STATEMENT_ISSUER: (SIGNER.jwk,)}, world.clock, ISSUER)


def test_what_a_trusted_issuer_asserts_is_returned_without_the_claims_about_the_statement(
    world: World, statements: SoftwareStatements
) -> None:
    now = world.clock.now()
    shown = statement(world, client_name="Ví", exp=now + 60, iat=now, nbf=now, jti="1", aud=ISSUER, sub="x")
    found = statements.verify(shown)
    assert found.issuer == STATEMENT_ISSUER
    assert found.metadata == {"client_name": "Ví", "software_id": "wallet"}
    assert found.encoded == shown


def test_an_issuer_that_nobody_approved_is_refused(statements: SoftwareStatements) -> None:
    for signer in (SIGNER, ClientSigner("other")):
        with pytest.raises(UnapprovedSoftwareStatementError):
            statements.verify(signer.sign({"iss": "https://elsewhere.example", "software_id": "x"}))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iss": 7},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 10**400},
        {"nbf": -(10**400)},
        {"iat": False},
        {"nbf": 2**40},
        {"iat": 2**40},
        {"aud": "https://elsewhere.example"},
        {"aud": ["https://elsewhere.example"]},
        {"aud": 7},
    ],
)
def test_a_statement_that_does_not_hold_is_refused(
    world: World, statements: SoftwareStatements, claims: dict[str, Any]
) -> None:
    with pytest.raises(InvalidSoftwareStatementError):
        statements.verify(statement(world, **claims))


def test_a_statement_ends_within_a_year(world: World, statements: SoftwareStatements) -> None:
    now = world.clock.now()
    assert statements.verify(statement(world, exp=now + 366 * 86_400)).issuer == STATEMENT_ISSUER
    for claimed in ({"exp": now + 367 * 86_400}, {"exp": None}):
        with pytest.raises(InvalidSoftwareStatementError, match="within a year"):
            statements.verify(statement(world, **claimed))
    with pytest.raises(InvalidSoftwareStatementError, match="within a year"):
        statements.verify(SIGNER.sign({"iss": STATEMENT_ISSUER}))


def test_a_statement_under_another_key_is_refused(statements: SoftwareStatements) -> None:
    for forger in (ClientSigner("registry-1"), ClientSigner("registry-2"), ClientSigner("registry-1", "RS256")):
        with pytest.raises(InvalidSoftwareStatementError):
            statements.verify(forger.sign({"iss": STATEMENT_ISSUER}))


@pytest.mark.parametrize("garbage", ["", "a.b.c", "a.b.c.d.e", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0."])
def test_garbage_is_refused(statements: SoftwareStatements, garbage: str) -> None:
    with pytest.raises((InvalidSoftwareStatementError, UnapprovedSoftwareStatementError)):
        statements.verify(garbage)


def test_an_unsigned_statement_is_refused(world: World, statements: SoftwareStatements) -> None:
    header, payload, _ = statement(world).split(".")
    unsigned = SIGNER.sign({"iss": STATEMENT_ISSUER}, alg="none").rpartition(".")[0] + "."
    for forged in (f"{header}.{payload}.", unsigned):
        with pytest.raises(InvalidSoftwareStatementError):
            statements.verify(forged)
