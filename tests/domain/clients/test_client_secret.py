from dataclasses import replace

from idp.domain.clients.client_secret import RetiringSecret
from idp.domain.ids import Seconds
from tests.protocol.world import PORTAL


def test_a_secret_that_was_replaced_is_good_until_its_time() -> None:
    client = replace(PORTAL, secret_hashes=(b"new",), retiring_secrets=(RetiringSecret(b"old", Seconds(100)),))
    assert client.secrets_in_force(Seconds(99)) == (b"new", b"old")
    assert client.secrets_in_force(Seconds(100)) == (b"new",)
