import pytest

from idp.adapters.crypto.documents import Document
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import DocumentKeystore
from idp.adapters.crypto.wrapping_keys import KEPT_FOR, WrappingKeys, WrappingState
from tests.adapters.crypto.keystores import Place, lose
from tests.adapters.turned_clock import TurnedClock

NEXT, WRAPPING, FORMER, GONE = WrappingState.NEXT, WrappingState.WRAPPING, WrappingState.FORMER, WrappingState.GONE


@pytest.fixture
def keys(keystore: DocumentKeystore) -> WrappingKeys:
    return keystore.wrapping_keys


def states(keys: WrappingKeys) -> list[tuple[int, WrappingState]]:
    return [(key.version, key.state) for key in keys.load()]


def test_a_new_keystore_has_one_that_wraps(keys: WrappingKeys) -> None:
    assert states(keys) == [(1, WRAPPING)]


def test_a_next_one_is_announced_once_and_then_promoted(keys: WrappingKeys) -> None:
    assert keys.announce().version == keys.announce().version == 2
    assert states(keys) == [(1, WRAPPING), (2, NEXT)]
    assert [(key.version, key.state) for key in keys.promote(2)] == [(2, WRAPPING), (1, FORMER)]
    assert keys.promote(2) == ()
    assert states(keys) == [(1, FORMER), (2, WRAPPING)]


@pytest.mark.parametrize("version", [0, 1, 3, 99])
def test_what_was_not_announced_is_not_promoted(keys: WrappingKeys, version: int) -> None:
    keys.announce()
    keys.promote(2)
    with pytest.raises(KeyMaterialError, match="no next wrapping key"):
        keys.promote(version)


def test_a_former_key_goes_when_two_counts_a_day_apart_find_nothing_under_it(
    keys: WrappingKeys, clock: TurnedClock
) -> None:
    keys.announce()
    keys.promote(2)
    assert keys.found_in_use({1: 5, 2: 1}) == ()
    assert [key.unused_since for key in keys.found_in_use({2: 6})] == [clock.now()]
    clock.seconds += KEPT_FOR - 1
    assert keys.found_in_use({2: 6}) == ()
    clock.seconds += 1
    assert [(key.version, key.state, key.secret) for key in keys.found_in_use({2: 6})] == [(1, GONE, b"")]
    assert states(keys) == [(1, GONE), (2, WRAPPING)]
    assert keys.announce().version == 3, "a number is never used again"


def test_something_that_comes_in_late_keeps_a_former_key(keys: WrappingKeys, clock: TurnedClock) -> None:
    keys.announce()
    keys.promote(2)
    keys.found_in_use({})
    clock.seconds += 10 * KEPT_FOR
    keys.found_in_use({1: 1})
    assert keys.load()[0].unused_since is None
    keys.found_in_use({})
    assert states(keys) == [(1, FORMER), (2, WRAPPING)]


def test_the_key_that_wraps_is_never_taken_away(keys: WrappingKeys, clock: TurnedClock) -> None:
    for _ in range(3):
        keys.found_in_use({})
        clock.seconds += 2 * KEPT_FOR
    assert states(keys) == [(1, WRAPPING)]


def test_dying_in_the_middle_of_a_promotion_leaves_the_newer_key_wrapping(
    keys: WrappingKeys, place: Place, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    keys.announce()
    kind = type(place.documents())
    write = kind.write

    def write_until_death(documents: object, document: Document) -> None:
        if document.name.endswith("wrapping-1"):
            raise Died
        write(documents, document)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(kind, "write", write_until_death)
        with pytest.raises(Died):
            keys.promote(2)
    restarted = place.open(clock)
    assert states(restarted.wrapping_keys) == [(1, FORMER), (2, WRAPPING)]
    assert restarted.vault().wrapping_version() == 2


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_was_lost_is_refused_and_never_made_anew(
    place: Place, keys: WrappingKeys, clock: TurnedClock, version: int
) -> None:
    keys.announce()
    keys.promote(2)
    lose(place, f"long-lived-wrapping-{version}")
    with pytest.raises(KeyMaterialError, match=f"lost its wrapping-{version} key"):
        place.open(clock).vault()


def test_there_is_an_end_of_versions(keys: WrappingKeys, place: Place) -> None:
    known = place.documents().read()["long-lived-wrapping-1"]
    place.documents().write(Document("long-lived-wrapping-255", {"created_at": 1, "state": "wrapping"}, known.secret))
    with pytest.raises(KeyMaterialError, match="255"):
        keys.announce()


def test_no_key_shows_in_a_representation(keys: WrappingKeys) -> None:
    (key,) = keys.load()
    assert repr(key.secret) not in repr(key)


def test_every_node_follows_and_opens_what_another_wrapped(place: Place, clock: TurnedClock) -> None:
    one, two = place.open(clock), place.open(clock)
    vault = two.vault()
    before = vault.new_key()
    sealed = vault.seal(before, "row", b"value")
    one.wrapping_keys.announce()
    one.wrapping_keys.promote(2)
    assert vault.new_key()[0] == 1, "its second has not changed"
    moved = one.vault().rewrap(before)
    assert moved[0] == 2
    assert vault.open(moved, "row", sealed) == b"value", "an unknown version is looked for at once"
    clock.seconds += 1
    assert vault.new_key()[0] == 2
    assert vault.open(before, "row", sealed) == b"value"


def test_a_node_that_cannot_read_the_keystore_goes_on_with_what_it_has(
    place: Place, clock: TurnedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    node = place.open(clock)
    node.wrapping_keys.announce()
    vault = node.vault()
    key = vault.new_key()
    sealed = vault.seal(key, "row", b"value")
    place.hide()
    clock.seconds += 1
    fresh = vault.new_key()
    assert vault.open(fresh, "row", vault.seal(fresh, "row", b"value")) == b"value"
    assert vault.open(key, "row", sealed) == b"value"
    assert "keystore.not_reread" in capsys.readouterr().out
