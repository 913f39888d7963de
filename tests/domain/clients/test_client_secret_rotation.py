from dataclasses import replace

from idp.domain.clients.client import Client
from idp.domain.clients.client_secret import RetiringSecret, SealedSecret
from idp.domain.clients.client_secret_rotation import with_new_secret, with_sealed_secrets
from idp.domain.ids import ClientId, Seconds

NOW = Seconds(1000)
SEALED = SealedSecret(b"key", b"old")
CLIENT = Client(ClientId("portal"), secret_hashes=(b"old",), sealed_secret=SEALED)


def test_the_old_secret_lives_on_for_the_overlap() -> None:
    changed = with_new_secret(CLIENT, b"new", None, now=NOW, overlap=60)
    assert changed.secret_hashes == (b"new",)
    assert changed.retiring_secrets == (RetiringSecret(b"old", Seconds(1060), SEALED),)


def test_without_an_overlap_it_ends_at_once() -> None:
    changed = with_new_secret(CLIENT, b"new", None, now=NOW, overlap=0)
    assert (changed.secret_hashes, changed.retiring_secrets, changed.sealed_secret) == ((b"new",), (), None)


def test_no_overlap_makes_an_earlier_secret_live_longer_and_the_dead_are_forgotten() -> None:
    retiring = (RetiringSecret(b"soon", Seconds(1010)), RetiringSecret(b"late", Seconds(9000)))
    gone = RetiringSecret(b"gone", NOW)
    changed = with_new_secret(replace(CLIENT, retiring_secrets=(*retiring, gone)), b"new", None, now=NOW, overlap=60)
    ends = {each.digest: each.expires_at for each in changed.retiring_secrets}
    assert ends == {b"old": 1060, b"soon": 1010, b"late": 1060}


def test_every_sealed_secret_is_changed() -> None:
    client = replace(CLIENT, retiring_secrets=(RetiringSecret(b"a", NOW, SEALED), RetiringSecret(b"b", NOW)))
    moved = SealedSecret(b"other key", b"old")
    changed = with_sealed_secrets(client, lambda _: moved)
    assert (changed.sealed_secret, [each.sealed for each in changed.retiring_secrets]) == (moved, [moved, None])
    assert with_sealed_secrets(replace(CLIENT, sealed_secret=None), lambda _: moved).sealed_secret is None
