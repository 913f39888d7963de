import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.crypto.client_certificates import X509ClientCertificates
from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.domain.clients.client import Client
from idp.domain.ids import ClientId
from idp.ports.http import Answer
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.clients.mutual_tls import CertificateAuthentication
from idp.protocol.errors import InvalidClientError, InvalidRequestError
from idp.protocol.senders.sender_constraint import certificate_thumbprint
from tests.protocol.certificates import START, Identity, alternative_names, authority, issued, self_signed
from tests.protocol.clients.test_client_keys import URI, Publisher
from tests.protocol.world import PORTAL, World, basic

AUTHORITY = authority()
SUBJECT = "CN=portal,O=Cổng Dịch vụ công,C=VN"
WITH_NAMES = issued(
    AUTHORITY, names=alternative_names("Portal.example.vn", "https://portal.example.vn/id", "10.0.0.7", "it@Portal.vn")
)
MUTUAL = replace(
    PORTAL,
    client_id=ClientId("mutual"),
    secret_hashes=(),
    token_endpoint_auth_method="tls_client_auth",
    metadata={"tls_client_auth_subject_dn": SUBJECT},
)


@pytest.fixture
async def trusting(world: World, tmp_path: Path) -> World:
    """Return the world where one authority is trusted, with a client under it."""
    folder = tmp_path / "world" / "client-ca"
    folder.mkdir()
    (folder / "portal.pem").write_bytes(AUTHORITY.pem)
    await world.save(MUTUAL)
    return world


async def authenticate(world: World, identity: Identity | None, client_id: str = "mutual") -> str:
    """Authenticate by a certificate."""
    shown = None if identity is None else identity.der
    return (await world.authentication.authenticate({"client_id": client_id}, None, shown)).client_id


async def test_a_client_proves_itself_by_a_certificate_of_its_subject(trusting: World) -> None:
    assert await authenticate(trusting, issued(AUTHORITY)) == "mutual"


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param(None, id="none"),
        pytest.param(issued(AUTHORITY, "other"), id="another subject"),
        pytest.param(issued(authority()), id="an authority of the same name"),
        pytest.param(issued(authority("Another")), id="another authority"),
        pytest.param(self_signed("portal"), id="nobody's but its own"),
        pytest.param(issued(AUTHORITY, ends=START - 1), id="expired"),
        pytest.param(issued(AUTHORITY, starts=START + 60), id="not valid yet"),
        pytest.param(issued(AUTHORITY, for_clients=False), id="for servers"),
        pytest.param(issued(issued(AUTHORITY, "portal"), "portal"), id="issued by one that is no authority"),
        pytest.param(AUTHORITY, id="that of the authority"),
    ],
)
async def test_every_other_certificate_is_refused(trusting: World, identity: Identity | None) -> None:
    with pytest.raises(InvalidClientError) as refused:
        await authenticate(trusting, identity)
    assert refused.value.description == InvalidClientError.default
    assert refused.value.client_id == "mutual"


async def test_what_is_no_certificate_is_refused(trusting: World) -> None:
    with pytest.raises(InvalidClientError):
        await trusting.authentication.authenticate({"client_id": "mutual"}, None, b"\x30\x00")


async def test_an_authority_that_expired_vouches_for_nobody(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "world" / "client-ca"
    folder.mkdir()
    short = authority("Short", lasts=60)
    (folder / "short.pem").write_bytes(short.pem)
    await world.save(MUTUAL)
    identity = issued(short)
    await authenticate(world, identity)
    world.clock.seconds = START + 60
    await authenticate(world, identity)
    world.clock.seconds = START + 61
    with pytest.raises(InvalidClientError):
        await authenticate(world, identity)


async def test_authorities_come_and_go_without_a_restart(trusting: World, tmp_path: Path) -> None:
    file = tmp_path / "world" / "client-ca" / "portal.pem"
    identity = issued(AUTHORITY)
    await authenticate(trusting, identity)
    file.unlink()
    trusting.clock.seconds += 1
    with pytest.raises(InvalidClientError):
        await authenticate(trusting, identity)


@pytest.mark.parametrize(
    ("kind", "value", "wrong"),
    [
        ("subject_dn", "cn=PORTAL, o=cổng dịch vụ công, c=vn", "C=VN,O=Cổng Dịch vụ công,CN=portal"),
        ("san_dns", "portal.example.vn", "evil.portal.example.vn"),
        ("san_uri", "https://portal.example.vn/id", "https://portal.example.vn/ID"),
        ("san_ip", "10.0.0.7", "10.0.0.70"),
        ("san_email", "it@portal.vn", "IT@portal.vn"),
    ],
)
async def test_a_subject_is_told_in_one_of_five_ways(trusting: World, kind: str, value: str, wrong: str) -> None:
    await trusting.save(replace(MUTUAL, metadata={f"tls_client_auth_{kind}": value}))
    await authenticate(trusting, WITH_NAMES)
    await trusting.save(replace(MUTUAL, metadata={f"tls_client_auth_{kind}": wrong}))
    with pytest.raises(InvalidClientError):
        await authenticate(trusting, WITH_NAMES)
    with pytest.raises(InvalidClientError):
        await authenticate(trusting, issued(AUTHORITY, "nobody"))


async def test_a_name_registered_in_a_form_that_cannot_be_read_matches_nothing(trusting: World) -> None:
    for metadata in ({"tls_client_auth_subject_dn": "portal"}, {"tls_client_auth_san_ip": "portal"}, {}):
        await trusting.save(replace(MUTUAL, metadata=metadata))
        with pytest.raises(InvalidClientError):
            await authenticate(trusting, WITH_NAMES)


async def test_a_certificate_is_no_proof_for_clients_of_another_method(trusting: World) -> None:
    for client_id in ("portal", "other"):
        with pytest.raises(InvalidClientError):
            await authenticate(trusting, issued(AUTHORITY), client_id)
    with pytest.raises(InvalidClientError):
        await trusting.authentication.authenticate({}, basic("mutual"), issued(AUTHORITY).der)


async def test_a_certificate_that_comes_along_is_no_second_method(trusting: World) -> None:
    assert (await trusting.authentication.authenticate({}, basic(), issued(AUTHORITY).der)).client_id == "portal"
    with pytest.raises(InvalidRequestError):
        await trusting.authentication.authenticate(
            {"client_id": "mutual", "client_secret": "x", "client_assertion": "y"}, None, issued(AUTHORITY).der
        )


OWN, NEXT = self_signed(), self_signed("next")


def key_of(identity: Identity, **members: Any) -> dict[str, Any]:
    """Return the key of a certificate as a client registers it."""
    content = X509ClientCertificates(Path("nowhere")).read(identity.der)
    return {**content.key, "kid": "tls", **members}


def registered(*keys: dict[str, Any]) -> Client:
    """Return a client with a certificate of its own making."""
    return replace(MUTUAL, token_endpoint_auth_method="self_signed_tls_client_auth", metadata={"jwks": {"keys": keys}})


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="by its key"),
        pytest.param({"x5c": [b64encode(OWN.der).decode()]}, id="by itself"),
        pytest.param({"x5t#S256": certificate_thumbprint(OWN.der)}, id="by its thumbprint"),
    ],
)
async def test_a_self_signed_certificate_is_known_from_the_client_s_keys(world: World, members: dict[str, Any]) -> None:
    await world.save(registered(key_of(NEXT), key_of(OWN, **members)))
    assert await authenticate(world, OWN) == "mutual"


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(key_of(NEXT), id="another key"),
        pytest.param(key_of(OWN, x5c=[b64encode(NEXT.der).decode()]), id="another certificate for the key"),
        pytest.param(key_of(OWN, x5c=[]), id="an empty chain"),
        pytest.param(key_of(OWN, x5c="text"), id="a chain that is text"),
        pytest.param(key_of(NEXT, x5c=[b64encode(OWN.der).decode()]), id="the certificate beside another key"),
        pytest.param({**key_of(OWN), "x5t#S256": certificate_thumbprint(NEXT.der)}, id="another thumbprint"),
    ],
)
async def test_a_self_signed_certificate_that_is_not_registered_is_refused(world: World, key: dict[str, Any]) -> None:
    await world.save(registered(key))
    with pytest.raises(InvalidClientError):
        await authenticate(world, OWN)


async def test_a_self_signed_certificate_ends_too(world: World) -> None:
    short = self_signed(ends=START + 60)
    await world.save(registered(key_of(short)))
    world.clock.seconds = START + 60
    await authenticate(world, short)
    world.clock.seconds = START + 61
    with pytest.raises(InvalidClientError):
        await authenticate(world, short)


async def test_an_unseen_certificate_has_the_published_keys_fetched_again(world: World) -> None:
    publisher = Publisher()
    publisher.answer = Answer(200, json.dumps({"keys": [key_of(OWN)]}).encode())
    keys = ClientKeys(ForeignJws(), publisher, world.clock)
    authentication = CertificateAuthentication(X509ClientCertificates(Path("nowhere")), keys, world.clock)
    client = replace(registered(), metadata={"jwks_uri": URI})
    await authentication.verify(client, OWN.der)
    publisher.answer = Answer(200, json.dumps({"keys": [key_of(NEXT)]}).encode())
    world.clock.seconds += 60
    await authentication.verify(client, NEXT.der)
    assert publisher.fetched == 2
    with pytest.raises(InvalidClientError):
        await authentication.verify(client, self_signed().der)
    # Whoever shows anything at all does not have the keys fetched each time.
    assert publisher.fetched == 2
