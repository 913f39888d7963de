import pytest

from idp.domain.clients.registration import Registration
from idp.domain.ids import Seconds, TokenHash
from tests.protocol.registration.registrar import REDIRECT, Registrar, statement
from tests.protocol.world import ISSUER


async def test_the_response_has_what_the_client_needs_and_where_it_manages_itself(registrar: Registrar) -> None:
    members = await registrar.register()
    assert members["registration_client_uri"] == f"{ISSUER}/register?client_id={members['client_id']}"
    assert members["client_id_issued_at"] == registrar.world.clock.now() - 1
    assert members.keys() >= {"client_id", "client_secret", "client_secret_expires_at", "registration_access_token"}


async def test_everything_registered_is_echoed_with_its_defaults(registrar: Registrar) -> None:
    members = await registrar.register(
        **{"client_name": "Portal", "client_name#vi": "Cổng", "contacts": ["a@rp.example.vn"]},
        initiate_login_uri="https://rp.example.vn/login",
        request_uris=["https://rp.example.vn/request#hash"],
    )
    expected = {
        "redirect_uris": [REDIRECT],
        "client_name": "Portal",
        "client_name#vi": "Cổng",
        "contacts": ["a@rp.example.vn"],
        "initiate_login_uri": "https://rp.example.vn/login",
        "request_uris": ["https://rp.example.vn/request#hash"],
        "application_type": "web",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "RS256",
        "subject_type": "pairwise",
        "scope": "address email offline_access openid phone profile",
    }
    assert members.items() >= expected.items()


async def test_a_statement_is_returned_unmodified(registrar: Registrar) -> None:
    shown = statement(registrar.world, client_name="Ví")
    members = await registrar.register(software_statement=shown)
    assert members["software_statement"] == shown


@pytest.mark.parametrize("field", ["access_token_hash"])
def test_no_hash_shows_in_what_is_printed(field: str) -> None:
    assert field not in repr(Registration(TokenHash(b"h"), Seconds(1)))
