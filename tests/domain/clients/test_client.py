"""What a registered client answers about itself."""

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import Client, ClientAudience
from idp.domain.ids import ClientId


@pytest.mark.parametrize(
    ("audience", "citizens", "officers"),
    [(ClientAudience.CITIZEN, True, False), (ClientAudience.OFFICER, False, True), (ClientAudience.BOTH, True, True)],
)
def test_an_audience_admits_its_own_kind_of_account(audience: ClientAudience, citizens: bool, officers: bool) -> None:
    assert audience.admits(AccountKind.CITIZEN) is citizens
    assert audience.admits(AccountKind.OFFICER) is officers


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"vi": "Cổng", "en": "Portal"}, "Cổng"),
        ({"": "Portal"}, "Portal"),
        ({"en": "Portal"}, "Portal"),
        ({}, "portal"),
    ],
)
def test_a_client_always_has_a_name_to_show(names: dict[str, str], shown: str) -> None:
    assert Client(ClientId("portal"), names=names).name_in("vi") == shown


def test_a_client_without_a_secret_is_public() -> None:
    assert Client(ClientId("spa"), token_endpoint_auth_method="none").is_public
    assert not Client(ClientId("portal")).is_public
