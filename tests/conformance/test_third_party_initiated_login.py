"""The modules of the OpenID Foundation's Third-Party-Initiated Login OP plan, each under its own name."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.dynamic_suite import DynamicSuite, dynamic_suite
from tests.flows.provider import ISSUER

LOGIN = "https://suite.example/test/a/idp/initiatelogin"


@pytest.fixture
async def suite(prepared: Path, tmp_path: Path) -> AsyncIterator[DynamicSuite]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with dynamic_suite(tmp_path) as suite:
        yield suite


async def test_oidcc_3rd_party_init_login(suite: DynamicSuite) -> None:
    members = await suite.register(initiate_login_uri=LOGIN)

    assert members["initiate_login_uri"] == LOGIN
    assert (await suite.manage("GET")).json()["initiate_login_uri"] == LOGIN
    # A third party sends the browser to that address with `iss`; what the client then does is an ordinary sign-in.
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()
    assert metadata["issuer"] == ISSUER
    await suite.sign_in(login_hint="001099000001")


async def test_oidcc_3rd_party_init_login_nohttps(suite: DynamicSuite) -> None:
    refused = await suite.register(status=400, initiate_login_uri=LOGIN.replace("https", "http"))

    assert refused["error"] == "invalid_client_metadata"
    loopback = await suite.register(status=400, initiate_login_uri="http://localhost:8443/initiatelogin")
    assert loopback["error"] == "invalid_client_metadata"
