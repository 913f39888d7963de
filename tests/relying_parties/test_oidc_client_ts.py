"""oidc-client-ts (npm) in Chromium against the real provider: a service without a server of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Page

from docker.cluster.ports import free_port
from tests.relying_parties.single_page import SinglePage, served, sign_in
from tests.server import ProviderProcess

SCOPE = "openid profile email offline_access"
USERINFO = """async url => {
  const user = await manager.getUser();
  const headers = { Authorization: `${user.token_type} ${user.access_token}` };
  if (user.token_type === "DPoP") headers.DPoP = await manager.dpopProof(url, user, "GET");
  return (await fetch(url, { headers })).json();
}"""


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def records(port: int) -> str:
    return f"""
people:
  - {{personal_number: "001099000001", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: correct horse battery, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}}
clients:
  - {{client_id: one-page, token_endpoint_auth_method: none, client_name: Một trang, scope: {SCOPE}, skip_consent: true,
      redirect_uris: ["http://localhost:{port}/callback"], grant_types: [authorization_code, refresh_token],
      post_logout_redirect_uris: ["http://localhost:{port}/signed-out"]}}
"""


@pytest.fixture(params=[False, True], ids=["bearer", "dpop"])
def single_page(request: pytest.FixtureRequest, provider: ProviderProcess, port: int) -> Iterator[SinglePage]:
    settings = {"authority": provider.url, "client_id": "one-page", "scope": SCOPE, "proofs": request.param}
    made = SinglePage(port, settings)
    with served(made):
        yield made


def test_a_page_signs_in_renews_and_signs_out(page: Page, single_page: SinglePage, provider: ProviderProcess) -> None:
    user = sign_in(page, single_page)
    told = page.evaluate(USERINFO, f"{provider.url}/userinfo")
    assert (told["name"], told["sub"]) == ("Nguyễn Văn An", user["profile"]["sub"])
    assert user["token_type"] == ("DPoP" if single_page.settings["proofs"] else "Bearer")

    renewed = page.evaluate("manager.signinSilent()")
    assert renewed["profile"]["sub"] == user["profile"]["sub"]
    assert renewed["access_token"] != user["access_token"]
    assert renewed["refresh_token"] != user["refresh_token"]

    page.evaluate("void manager.signoutRedirect()")
    page.wait_for_url(f"{single_page.url}/signed-out*")
    page.evaluate("manager.signoutRedirectCallback()")
    assert page.evaluate("manager.getUser()") is None

    page.evaluate("void manager.signinRedirect({prompt: 'none'})")
    page.wait_for_url(f"{single_page.url}/callback?*")
    assert page.evaluate("manager.signinRedirectCallback().catch(refused => refused.error)") == "login_required"


def test_a_page_of_another_origin_reads_no_token(
    page: Page, single_page: SinglePage, provider: ProviderProcess
) -> None:
    sign_in(page, single_page)
    stranger = SinglePage(free_port(), single_page.settings)
    with served(stranger):
        page.goto(stranger.url)
        with pytest.raises(Error, match="Failed to fetch"):
            page.evaluate(
                "url => fetch(url, {method: 'POST', body: new URLSearchParams({client_id: 'one-page',"
                " grant_type: 'refresh_token', refresh_token: 'x'})}).then(answer => answer.text())",
                f"{provider.url}/token",
            )
