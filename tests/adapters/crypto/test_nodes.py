"""Several nodes on one keystore, each with a clock of its own: no token is refused while keys rotate."""

import random
from dataclasses import dataclass
from typing import NoReturn

import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import DocumentKeystore
from idp.adapters.crypto.signing_keys import KeyState
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.ports.keys import UnreadableTokenError
from tests.adapters.crypto.keystores import FolderPlace, Place
from tests.adapters.turned_clock import TurnedClock

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
CLAIMS = {"sub": "a"}


@dataclass(frozen=True)
class Node:
    clock: TurnedClock
    keystore: DocumentKeystore
    signer: KeystoreTokenSigner


def start_node(place: Place, skew: int) -> Node:
    clock = TurnedClock()
    clock.seconds += skew
    keystore = place.open(clock)
    return Node(clock, keystore, keystore.token_signer())


def pass_time(nodes: list[Node], seconds: int) -> None:
    for node in nodes:
        node.clock.seconds += seconds


def unplug(node: Node, patched: pytest.MonkeyPatch) -> None:
    """Keep one node from reading the keystore."""

    def unreadable() -> NoReturn:
        raise KeyMaterialError("the folder is stale", "wait")

    patched.setattr(node.keystore.signing_keys, "fingerprint", unreadable)
    patched.setattr(node.keystore.signing_keys, "load", unreadable)


@pytest.mark.parametrize("seed", range(2))
def test_no_token_is_refused_while_nodes_with_wrong_clocks_rotate(place: Place, seed: int) -> None:
    step = 10 * MINUTE if isinstance(place, FolderPlace) else HOUR
    dice = random.Random(seed)
    nodes = [start_node(place, skew) for skew in (0, HOUR, -HOUR)]
    tokens: list[str] = []
    used: set[str] = set()
    for _ in range(12 * DAY // step):
        if dice.random() < 0.3:
            for changed in dice.choice(nodes).keystore.signing_keys.rotate_due(2 * DAY):
                used |= {changed.kid} if changed.state is KeyState.SIGNING else set()
        signing = dice.choice(nodes)
        tokens.append(signing.signer.sign(CLAIMS, algorithm=dice.choice(["ES256", "RS256"]), token_type="at+jwt"))
        for node in nodes:
            for token in (tokens[-1], dice.choice(tokens)):
                assert node.signer.verify(token, token_type="at+jwt") == CLAIMS
        pass_time(nodes, step)
    assert len(used) >= 2 * 4, "they did rotate"


def test_a_node_cut_off_from_the_keystore_refuses_nothing_for_most_of_a_day(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It signs on with the key of a folder; that of a module is the module's, which is cut off just as well."""
    nodes = [start_node(place, skew) for skew in (0, HOUR, -HOUR)]
    cut_off, *others = nodes
    pass_time(nodes, 90 * DAY - 2 * HOUR)
    assert cut_off.signer.jwks()
    unplug(cut_off, monkeypatch)
    rotated = 0
    for _ in range(21):
        rotated += len(others[0].keystore.signing_keys.rotate_due(90 * DAY))
        for signing in nodes if isinstance(place, FolderPlace) else others:
            token = signing.signer.sign(CLAIMS, algorithm="ES256", token_type="at+jwt")
            for node in nodes:
                assert node.signer.verify(token, token_type="at+jwt") == CLAIMS
        pass_time(nodes, HOUR)
    assert rotated


def test_a_key_that_a_node_has_not_heard_of_is_looked_for_at_once(place: Place) -> None:
    one, two = (start_node(place, 0) for _ in range(2))
    for _ in range(3):
        one.keystore.signing_keys.rotate("ES256")
        pass_time([one], 1)
        token = one.signer.sign(CLAIMS, algorithm="ES256", token_type="at+jwt")
        assert two.signer.verify(token, token_type="at+jwt") == CLAIMS, "its second has not changed"


def test_a_clock_that_stands_or_goes_back_keeps_nobody_from_following(place: Place) -> None:
    one, two = (start_node(place, 0) for _ in range(2))
    one.keystore.signing_keys.rotate("ES256")
    two.clock.seconds -= HOUR
    assert two.signer.jwks() == place.open(two.clock).token_signer().jwks()


def test_tokens_with_invented_keys_make_no_node_look_more_than_so_often_in_a_second(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = start_node(place, 0)
    stranger = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im5vYm9keSJ9.e30.AAAA"
    looks = 0
    fingerprint = node.keystore.signing_keys.fingerprint

    def counted() -> object:
        nonlocal looks
        looks += 1
        return fingerprint()

    monkeypatch.setattr(node.keystore.signing_keys, "fingerprint", counted)
    for _ in range(500):
        with pytest.raises(UnreadableTokenError, match="not signed by one"):
            node.signer.verify(stranger, token_type=None)
    assert looks == 20
    pass_time([node], 1)
    with pytest.raises(UnreadableTokenError, match="not signed by one"):
        node.signer.verify(stranger, token_type=None)
    assert looks > 20
