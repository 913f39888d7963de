import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from idp.adapters.crypto.documents import Document
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import DocumentKeystore
from idp.adapters.crypto.signing_keys import PUBLISHED_FOR, KeyState, SigningKey, SigningKeys
from tests.adapters.crypto.keystores import FolderPlace, Place, lose, spoil
from tests.adapters.turned_clock import START, TurnedClock

NEXT, SIGNING, PUBLISHED, GONE = KeyState.NEXT, KeyState.SIGNING, KeyState.PUBLISHED, KeyState.GONE


def states(keys: SigningKeys, algorithm: str = "ES256") -> Counter[KeyState]:
    return Counter(key.state for key in keys.load() if key.algorithm == algorithm)


def kid(keys: SigningKeys, state: KeyState, algorithm: str = "ES256") -> str:
    return next(key.kid for key in keys.load() if (key.algorithm, key.state) == (algorithm, state))


def test_first_start_makes_a_signing_and_a_next_key_for_rs256_and_es256(signing_keys: SigningKeys) -> None:
    assert Counter((key.algorithm, key.state) for key in signing_keys.load()) == Counter(
        [("RS256", SIGNING), ("RS256", NEXT), ("ES256", SIGNING), ("ES256", NEXT)]
    )
    assert len({key.kid for key in signing_keys.load()}) == 4
    assert {(key.created_at, key.state_since) for key in signing_keys.load()} == {(START, START)}


def test_a_second_start_changes_nothing(signing_keys: SigningKeys) -> None:
    before = signing_keys.fingerprint()
    signing_keys.ensure()
    assert signing_keys.fingerprint() == before


def test_processes_that_start_at_once_make_the_keys_once(empty: Place, clock: TurnedClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: empty.open(clock), range(8)))
    assert len({tuple(store.signing_keys.load()[0].public.items()) for store in stores}) == 1
    assert len(stores[0].signing_keys.load()) == 4


@pytest.mark.parametrize("algorithm", ["PS256", "EdDSA"])
def test_other_algorithms_get_their_keys_when_asked_for(signing_keys: SigningKeys, algorithm: str) -> None:
    made = signing_keys.rotate(algorithm)
    assert [key.state for key in made] == [SIGNING, NEXT]
    assert states(signing_keys, algorithm) == Counter([SIGNING, NEXT])


@pytest.mark.parametrize("algorithm", ["none", "HS256", "es256", "", "../x"])
def test_an_algorithm_that_we_do_not_sign_with_is_refused(signing_keys: SigningKeys, algorithm: str) -> None:
    with pytest.raises(KeyMaterialError, match="use one of RS256, ES256, PS256, EdDSA"):
        signing_keys.rotate(algorithm)


def test_rotation_puts_the_next_key_to_work_and_keeps_the_former_published(
    signing_keys: SigningKeys, clock: TurnedClock
) -> None:
    former, upcoming = kid(signing_keys, SIGNING), kid(signing_keys, NEXT)
    clock.seconds += 100
    changed = {key.kid: key.state for key in signing_keys.rotate("ES256")}
    assert kid(signing_keys, SIGNING) == upcoming
    assert kid(signing_keys, PUBLISHED) == former
    assert changed == {upcoming: SIGNING, former: PUBLISHED, kid(signing_keys, NEXT): NEXT}
    assert states(signing_keys) == Counter([SIGNING, NEXT, PUBLISHED])
    assert states(signing_keys, "RS256") == Counter([SIGNING, NEXT])
    assert {key.state_since for key in signing_keys.load() if key.kid in changed} == {START + 100}


def test_a_key_that_signs_no_more_has_lost_its_private_part(signing_keys: SigningKeys) -> None:
    former = kid(signing_keys, SIGNING)
    signing_keys.rotate("ES256")
    private = {key.kid: key.private for key in signing_keys.load() if key.algorithm == "ES256"}
    assert private.pop(former) == b""
    assert all(private.values())


def test_a_published_key_is_retired_and_stays_retired(signing_keys: SigningKeys) -> None:
    former = kid(signing_keys, SIGNING)
    signing_keys.rotate("ES256")
    assert signing_keys.retire(former).state is GONE
    assert signing_keys.retire(former).state is GONE
    assert states(signing_keys) == Counter([SIGNING, NEXT, GONE])


@pytest.mark.parametrize("state", [SIGNING, NEXT])
def test_a_key_that_signs_or_will_sign_is_not_retired(signing_keys: SigningKeys, state: KeyState) -> None:
    with pytest.raises(KeyMaterialError, match="rotate first"):
        signing_keys.retire(kid(signing_keys, state))


@pytest.mark.parametrize("unknown", ["", "nobody", "../keystore", "\0", "x" * 5000])
def test_an_unknown_key_is_not_retired(signing_keys: SigningKeys, unknown: str) -> None:
    with pytest.raises(KeyMaterialError, match="idp keys list"):
        signing_keys.retire(unknown)


def test_a_published_key_is_gone_once_it_outlived_every_token(signing_keys: SigningKeys, clock: TurnedClock) -> None:
    former = kid(signing_keys, SIGNING)
    signing_keys.rotate("ES256")
    clock.seconds += PUBLISHED_FOR - 1
    assert kid(signing_keys, PUBLISHED) == former
    clock.seconds += 1
    assert kid(signing_keys, GONE) == former
    signing_keys.rotate("ES256")
    clock.seconds -= PUBLISHED_FOR
    assert kid(signing_keys, GONE) == former, "the end was written down with the next change"


class Died(BaseException):
    """Stands for kill -9 in the middle of a change."""


def die_after(patched: pytest.MonkeyPatch, place: Place, steps: int) -> None:
    """Let so many documents be written, and no more."""
    written = 0
    kind = type(place.documents())
    write = kind.write

    def write_until_death(documents: Any, document: Document) -> None:
        nonlocal written
        if written == steps:
            raise Died
        written += 1
        write(documents, document)

    patched.setattr(kind, "write", write_until_death)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
@pytest.mark.parametrize("steps", range(4))
def test_dying_between_any_two_steps_of_a_rotation_leaves_a_usable_keystore(
    keystore: DocumentKeystore,
    place: Place,
    clock: TurnedClock,
    monkeypatch: pytest.MonkeyPatch,
    steps: int,
    algorithm: str,
) -> None:
    signing_keys = keystore.signing_keys
    before = {key.kid for key in signing_keys.load()}
    clock.seconds += 10
    with monkeypatch.context() as patched:
        die_after(patched, place, steps)
        if steps < (3 if algorithm == "ES256" else 2):
            with pytest.raises(Died):
                signing_keys.rotate(algorithm)
        else:
            signing_keys.rotate(algorithm)

    restarted = place.open(clock)
    signer = restarted.token_signer()
    used = {"RS256", "ES256"} | ({algorithm} if steps else set())
    assert set(signer.algorithms()) == used
    for name in used:
        assert states(restarted.signing_keys, name)[SIGNING] == 1
        assert states(restarted.signing_keys, name)[NEXT] >= 1
        token = signer.sign({"sub": "a"}, algorithm=name, token_type="at+jwt")
        assert signer.verify(token, token_type="at+jwt") == {"sub": "a"}
    published = {jwk["kid"] for jwk in json.loads(signer.jwks())["keys"]}
    assert before <= published

    clock.seconds += 10
    restarted.signing_keys.rotate(algorithm)
    assert states(restarted.signing_keys, algorithm)[SIGNING] == 1
    assert states(restarted.signing_keys, algorithm)[NEXT] == 1
    stored = [
        document.fields["state"]
        for name, document in place.documents().read().items()
        if name.startswith(f"signing-{algorithm.lower()}")
    ]
    assert stored.count("signing") == 1


@pytest.mark.parametrize("steps", range(12))
def test_dying_anywhere_in_the_first_start_leaves_what_the_next_start_completes(
    empty: Place, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    with monkeypatch.context() as patched:
        die_after(patched, empty, steps)
        with pytest.raises(Died):
            empty.open(clock)
    keystore = empty.open(clock)
    assert Counter((key.algorithm, key.state) for key in keystore.signing_keys.load()) == Counter(
        [("RS256", SIGNING), ("RS256", NEXT), ("ES256", SIGNING), ("ES256", NEXT)]
    )


def test_a_missing_signing_key_is_replaced_by_the_next_one_at_start(
    place: Place, clock: TurnedClock, signing_keys: SigningKeys
) -> None:
    lost, upcoming = kid(signing_keys, SIGNING), kid(signing_keys, NEXT)
    lose(place, f"signing-{lost}")
    assert kid(place.open(clock).signing_keys, SIGNING) == upcoming
    assert states(signing_keys) == Counter([SIGNING, NEXT])


def test_nothing_private_stands_in_clear_or_shows_in_a_representation(signing_keys: SigningKeys, place: Place) -> None:
    documents = place.documents().read()
    for key in signing_keys.load():
        fields = documents[f"signing-{key.kid}"].fields
        assert fields["public"].keys() <= {"kty", "crv", "x", "y", "n", "e"}
        assert fields.keys() - {"revision", "copy", "module_key"} == {
            "version",
            "kid",
            "alg",
            "state",
            "created_at",
            "state_since",
            "public",
        }
        assert "private" not in repr(key)
        assert repr(key.private) not in repr(key)
    if isinstance(place, FolderPlace):
        content = json.loads(next(place.path.glob("signing-*")).read_text())
        assert content.keys() == {"version", "kid", "alg", "state", "created_at", "state_since", "public", "sealed"}


def test_a_consistent_view_is_read_again_when_the_folder_changed_meanwhile(
    signing_keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = signing_keys.load
    loads = 0

    def load_during_rotation() -> tuple[SigningKey, ...]:
        nonlocal loads
        loads += 1
        keys = load()
        if loads == 1:
            signing_keys.rotate("ES256")
        return keys

    monkeypatch.setattr(signing_keys, "load", load_during_rotation)
    keys, fingerprint = signing_keys.load_consistent()
    assert loads >= 2
    assert fingerprint == signing_keys.fingerprint()
    assert PUBLISHED in {key.state for key in keys}


DAY = 24 * 3600


def test_the_schedule_rotates_what_is_due_once_however_many_ask(
    place: Place, signing_keys: SigningKeys, clock: TurnedClock
) -> None:
    before = {name: (kid(signing_keys, SIGNING, name), kid(signing_keys, NEXT, name)) for name in ("RS256", "ES256")}
    clock.seconds += 90 * DAY
    with ThreadPoolExecutor(8) as pool:
        changes = list(pool.map(lambda _: place.open(clock).signing_keys.rotate_due(90 * DAY), range(8)))
    assert sorted(len(changed) for changed in changes) == [0] * 7 + [6]
    for name, (former, upcoming) in before.items():
        assert kid(signing_keys, SIGNING, name) == upcoming
        assert kid(signing_keys, PUBLISHED, name) == former
        assert states(signing_keys, name) == Counter([SIGNING, NEXT, PUBLISHED])


def test_the_schedule_leaves_alone_what_is_not_due(signing_keys: SigningKeys, clock: TurnedClock) -> None:
    before = signing_keys.fingerprint()
    clock.seconds += 90 * DAY - 1
    assert signing_keys.rotate_due(90 * DAY) == ()
    clock.seconds += 1000 * DAY
    assert signing_keys.rotate_due(0) == (), "by hand only"
    assert signing_keys.fingerprint() == before


def test_the_schedule_waits_until_the_next_key_was_published_for_a_day(
    signing_keys: SigningKeys, clock: TurnedClock
) -> None:
    clock.seconds += 10 * DAY
    signing_keys.rotate("ES256")
    upcoming = kid(signing_keys, NEXT)
    assert not [key for key in signing_keys.rotate_due(60) if key.algorithm == "ES256"]
    clock.seconds += DAY - 1
    assert signing_keys.rotate_due(60) == ()
    clock.seconds += 1
    assert upcoming in {key.kid for key in signing_keys.rotate_due(60) if key.state is SIGNING}


def test_the_schedule_ends_published_keys_and_tells(signing_keys: SigningKeys, clock: TurnedClock) -> None:
    former = kid(signing_keys, SIGNING)
    signing_keys.rotate("ES256")
    clock.seconds += PUBLISHED_FOR
    assert [(key.kid, key.state) for key in signing_keys.rotate_due(0)] == [(former, GONE)]
    assert signing_keys.rotate_due(0) == ()


def test_the_schedule_replaces_a_next_key_that_was_lost(
    place: Place, signing_keys: SigningKeys, clock: TurnedClock
) -> None:
    lose(place, f"signing-{kid(signing_keys, NEXT)}")
    clock.seconds += 90 * DAY
    made = [key for key in signing_keys.rotate_due(90 * DAY) if key.algorithm == "ES256"]
    assert [key.state for key in made] == [NEXT], "nobody knows it yet, so it does not sign"


def test_fifty_rotations_at_once_leave_one_signing_and_one_next_key(
    place: Place, signing_keys: SigningKeys, clock: TurnedClock
) -> None:
    stores = [place.open(clock).signing_keys for _ in range(5)]
    with ThreadPoolExecutor(10) as pool:
        changes = list(pool.map(lambda number: stores[number % 5].rotate("ES256"), range(50)))
    assert all(len(changed) == 3 for changed in changes)
    assert states(signing_keys) == Counter({SIGNING: 1, NEXT: 1, PUBLISHED: 50})


def test_a_damaged_document_is_named_and_stops_every_change(place: Place, signing_keys: SigningKeys) -> None:
    damaged = kid(signing_keys, NEXT)
    spoil(place, f"signing-{damaged}")
    with pytest.raises(KeyMaterialError, match=damaged):
        signing_keys.load()
    with pytest.raises(KeyMaterialError, match=damaged):
        signing_keys.rotate("ES256")
    with pytest.raises(KeyMaterialError, match=damaged):
        signing_keys.rotate_due(1)
