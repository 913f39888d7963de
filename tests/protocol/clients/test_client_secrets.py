from dataclasses import replace

from idp.domain.clients.client_secret import RetiringSecret
from idp.domain.ids import ClientId, Seconds
from idp.protocol.clients.client_secrets import ClientSecrets
from tests.protocol.world import PORTAL, World


def test_what_is_sealed_is_opened_for_that_client_alone(world: World) -> None:
    secrets = ClientSecrets(world.foundation.keystore.vault())
    sealed = secrets.seal(PORTAL.client_id, "s" * 32)
    assert b"s" * 32 not in sealed.value
    now = world.clock.now()
    assert secrets.in_force(replace(PORTAL, sealed_secret=sealed), now) == (b"s" * 32,)
    assert secrets.in_force(replace(PORTAL, client_id=ClientId("other"), sealed_secret=sealed), now) == ()


def test_a_client_without_a_kept_secret_has_none(world: World) -> None:
    secrets = ClientSecrets(world.foundation.keystore.vault())
    assert secrets.in_force(PORTAL, world.clock.now()) == ()
    hashed = replace(PORTAL, retiring_secrets=(RetiringSecret(b"", Seconds(world.clock.now() + 9)),))
    assert secrets.in_force(hashed, world.clock.now()) == ()


def test_an_old_secret_is_in_force_until_its_time(world: World) -> None:
    secrets = ClientSecrets(world.foundation.keystore.vault())
    old, new = (secrets.seal(PORTAL.client_id, letter * 32) for letter in "on")
    ends = Seconds(world.clock.now() + 9)
    client = replace(PORTAL, sealed_secret=new, retiring_secrets=(RetiringSecret(b"", ends, old),))
    assert secrets.in_force(client, world.clock.now()) == (b"n" * 32, b"o" * 32)
    assert secrets.in_force(client, ends) == (b"n" * 32,)
