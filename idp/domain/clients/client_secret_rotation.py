"""How a client's secrets change: a new one takes over, the one before it may live on for a while."""

from collections.abc import Callable
from dataclasses import replace

from idp.domain.clients.client import Client
from idp.domain.clients.client_secret import RetiringSecret, SealedSecret
from idp.domain.ids import Seconds


def with_new_secret(
    client: Client, digest: bytes, sealed: SealedSecret | None, *, now: Seconds, overlap: int
) -> Client:
    """Return the client with a new secret; those in force until now end `overlap` seconds later, or sooner as planned.

    `sealed` is the new secret of a client that signs with it.
    """
    ends = Seconds(now + overlap)
    replaced = [RetiringSecret(each, ends) for each in client.secret_hashes[1:]]
    replaced += [RetiringSecret(each, ends, client.sealed_secret) for each in client.secret_hashes[:1]]
    earlier = [replace(each, expires_at=min(each.expires_at, ends)) for each in client.retiring_secrets]
    alive = tuple(each for each in (*replaced, *earlier) if now < each.expires_at)
    return replace(client, secret_hashes=(digest,), sealed_secret=sealed, retiring_secrets=alive)


def with_sealed_secrets(client: Client, change: Callable[[SealedSecret], SealedSecret]) -> Client:
    """Return the client with every sealed secret changed."""
    return replace(
        client,
        sealed_secret=client.sealed_secret and change(client.sealed_secret),
        retiring_secrets=tuple(
            replace(each, sealed=each.sealed and change(each.sealed)) for each in client.retiring_secrets
        ),
    )
