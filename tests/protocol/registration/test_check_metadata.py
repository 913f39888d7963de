import asyncio
import json
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.crypto.signing_keys import FIRST_ALGORITHMS
from idp.adapters.importing.client_metadata import MetadataOfOthers
from idp.adapters.importing.registered_document import RegisteredDocument
from idp.domain.clients.client import Client
from idp.domain.clients.registration import SELF_REGISTERED
from idp.domain.ids import ClientId
from idp.ports.http import OutgoingHttp
from idp.protocol.errors import InvalidClientMetadataError, InvalidRedirectUriError, OAuthError
from idp.protocol.registration.check_metadata import MetadataCheck
from idp.protocol.registration.sector_document import SectorDocuments
from idp.protocol.registration.software_statement import SoftwareStatements
from tests.adapters.turned_clock import TurnedClock
from tests.protocol.registration.registrar import REDIRECT, Registrar, Web, statement
from tests.protocol.registration.test_manage import NOT_SENT, sendable


@pytest.mark.parametrize(
    "uris",
    [
        [f"{REDIRECT}#fragment"],
        ["http://rp.example.vn/callback"],
        ["javascript:alert(1)"],
        ["com.example.app:/callback"],
        ["https://*.example.vn/callback"],
        ["https://user@rp.example.vn/callback"],
        ["relative"],
        [],
        None,
        "https://rp.example.vn/callback",
        [7],
    ],
)
async def test_a_bad_redirection_address_has_an_error_of_its_own(registrar: Registrar, uris: Any) -> None:
    with pytest.raises(InvalidRedirectUriError):
        await registrar.register(redirect_uris=uris)


@pytest.mark.parametrize(
    "sent",
    [
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"id_token_encrypted_response_alg": "RSA1_5", "jwks_uri": "https://rp.example.vn/jwks"},
        {"id_token_encrypted_response_alg": "RSA-OAEP-256"},
        {"userinfo_encrypted_response_enc": "A128GCM", "jwks_uri": "https://rp.example.vn/jwks"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"subject_type": "shared"},
        {"logo_uri": "javascript:alert(1)"},
        {"policy_uri": "http://rp.example.vn/policy"},
        {"initiate_login_uri": "http://rp.example.vn/login"},
        {"initiate_login_uri": "http://localhost:8080/login"},
        {"default_max_age": -1},
        {"default_acr_values": ["foo"]},
        {"request_object_signing_alg": "none"},
        {"client_name": "a\u0000b"},
        {"response_types": ["code id_token"]},
        {"response_types": ["code"], "grant_types": ["refresh_token"]},
        {"tls_client_auth_subject_dn": "CN=x"},
    ],
)
async def test_metadata_that_break_a_rule_are_refused(registrar: Registrar, sent: dict[str, Any]) -> None:
    with pytest.raises(InvalidClientMetadataError) as refused:
        await registrar.register(**sent)
    # RFC 6749 section 5.2: a description is of printable ASCII, without quotes and backslashes.
    assert refused.value.description.isascii()
    assert refused.value.description.isprintable()
    assert not {'"', "\\"} & set(refused.value.description)


@pytest.mark.parametrize("answer", ["id_token", "userinfo", "authorization", "introspection"])
async def test_no_answer_is_promised_that_no_key_signs(registrar: Registrar, answer: str) -> None:
    member = f"{answer}_signed_response_alg"
    with pytest.raises(InvalidClientMetadataError) as refused:
        await registrar.register(**{member: "EdDSA"})
    assert refused.value.description == f"{member}: no key signs with EdDSA here; there is RS256, ES256"
    registrar.world.foundation.keystore.signing_keys.rotate("EdDSA")
    registrar.world.clock.seconds += 1
    assert (await registrar.register(**{member: "EdDSA"}))[member] == "EdDSA"


@pytest.mark.parametrize("extra", ["\ud800", json.loads("[" * 20 + "]" * 20)])
async def test_what_could_not_be_kept_is_refused(registrar: Registrar, extra: Any) -> None:
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "extra": extra}
    with pytest.raises(InvalidClientMetadataError):
        await registrar.register(jwks={"keys": [key]})
    with pytest.raises(InvalidClientMetadataError):
        await registrar.register(client_name=extra)


async def test_metadata_that_are_not_understood_must_be_ignored(registrar: Registrar) -> None:
    members = await registrar.register(example_extension={"a": 1}, client_id="chosen", client_secret="chosen")
    assert "example_extension" not in members
    assert members["client_id"] != "chosen"
    assert members["client_secret"] != "chosen"


@pytest.mark.parametrize("name", sorted(MetadataOfOthers.model_fields))
async def test_metadata_of_others_are_ignored_whatever_they_say(registrar: Registrar, name: str) -> None:
    members = await registrar.register(**{name: [{"any": 7}]})
    assert members.get(name) != [{"any": 7}]
    if name not in NOT_SENT:
        told = sendable(members, **{name: 7})
        assert name not in await registrar.put(members["client_id"], members["registration_access_token"], told)


async def test_null_is_the_same_as_nothing(registrar: Registrar) -> None:
    members = await registrar.register(client_name=None, logo_uri=None, software_statement=None)
    assert "client_name" not in members


async def test_a_statement_takes_precedence_over_plain_members(registrar: Registrar) -> None:
    asserted = {"client_name": "Ví quốc gia", "redirect_uris": [f"{REDIRECT}/asserted"], "unknown": "ignored"}
    shown = statement(registrar.world, **asserted)
    members = await registrar.register(client_name="Kẻ khác", redirect_uris=[REDIRECT], software_statement=shown)
    assert members["client_name"] == "Ví quốc gia"
    assert members["redirect_uris"] == [f"{REDIRECT}/asserted"]


async def test_a_statement_asserts_nothing_beyond_the_policy(registrar: Registrar) -> None:
    for claimed in ({"skip_consent": True}, {"scope": "openid identity"}, {"minimum_acr": "urn:vn:loa:9"}):
        with pytest.raises(InvalidClientMetadataError):
            await registrar.register(software_statement=statement(registrar.world, **claimed))


NAMES = sorted(
    {
        *(
            "redirect_uris",
            "client_name",
            "client_name#vi",
            "grant_types",
            "response_types",
            "scope",
            "profile",
            "jwks",
        ),
        *("token_endpoint_auth_method", "initiate_login_uri", "audience", "skip_consent", "minimum_acr", "contacts"),
        *("default_max_age", "request_uris", "allowed_origins", "logo_uri", "default_acr_values", "subject_type"),
        *(
            "profile",
            "software_statement",
            "id_token_signed_response_alg",
            "post_logout_redirect_uris",
            "unheard_of",
            "",
        ),
        *("unheard_of", ""),
        *("jwks_uri", "tls_client_auth_san_ip", "tls_client_auth_subject_dn", "id_token_encrypted_response_alg"),
    }
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from([REDIRECT, "code", "openid", "none", "\ud800", "\x00", "fapi2", "implicit", "https://[::1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(sent=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6), usual=st.booleans())
def test_whatever_is_sent_is_registered_or_refused(sent: dict[str, Any], *, usual: bool) -> None:
    found = checked({"redirect_uris": [REDIRECT], **sent} if usual else sent, legacy=usual)
    if isinstance(found, OAuthError):
        assert found.description.isascii()
        assert found.description.isprintable()
        assert found.status == 400
        return
    assert found.scopes <= SELF_REGISTERED.scopes
    assert not found.skip_consent
    assert found.audience.value == "citizen"
    assert RegisteredDocument(lambda: FIRST_ALGORITHMS).members(found)["scope"]


def checked(metadata: dict[str, Any], *, legacy: bool) -> Client | OAuthError:
    """What becomes of metadata where nothing can be fetched and nobody vouches."""
    statements = SoftwareStatements(ForeignJws(), {}, TurnedClock(), "http://localhost:8000")
    sectors = SectorDocuments(cast("OutgoingHttp", Web()))
    check = MetadataCheck(RegisteredDocument(lambda: FIRST_ALGORITHMS), statements, sectors, legacy=legacy)
    try:
        return asyncio.run(check.check(ClientId("client-1"), metadata)).client
    except OAuthError as refused:
        return refused
