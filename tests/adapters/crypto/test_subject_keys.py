import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.long_lived_keys import PURPOSES
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.subject_keys import KeystoreSubjectKeys
from idp.domain.ids import AccountId, ClientId, SessionId
from tests.adapters.turned_clock import TurnedClock

KEYS = KeystoreSubjectKeys({purpose: purpose.encode().ljust(32) for purpose in PURPOSES})
ALICE, BOB = AccountId("alice"), AccountId("bob")


def test_a_pairwise_subject_is_the_same_within_a_sector_and_another_in_each_other() -> None:
    """OpenID Connect Core section 8.1: not reversible, another for each sector, always the same."""
    assert KEYS.pairwise_subject("a.vn", ALICE) == KEYS.pairwise_subject("a.vn", ALICE)
    subjects = {KEYS.pairwise_subject(sector, person) for sector in ("a.vn", "b.vn") for person in (ALICE, BOB)}
    assert len(subjects) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", subject) for subject in subjects)
    assert not any("alice" in subject for subject in subjects)


def test_every_kind_of_identifier_is_derived_apart() -> None:
    client, session = ClientId("a"), SessionId("b")
    derived = {
        KEYS.pairwise_subject("a", AccountId("b")),
        KEYS.public_subject(AccountId("b")),
        KEYS.client_session_id(client, session),
        KEYS.tag("a", "b"),
        KEYS.pseudonym("b"),
    }
    assert len(derived) == 5


def test_two_clients_cannot_join_people_by_session() -> None:
    session = SessionId("s")
    assert KEYS.client_session_id(ClientId("a"), session) != KEYS.client_session_id(ClientId("b"), session)
    assert KEYS.client_session_id(ClientId("a"), session) == KEYS.client_session_id(ClientId("a"), session)


@given(st.lists(st.text(max_size=8), min_size=4, max_size=4))
def test_parts_never_run_into_each_other(parts: list[str]) -> None:
    first, second = tuple(parts[:2]), tuple(parts[2:])
    assert (KEYS.tag(*first) == KEYS.tag(*second)) == (first == second)
    assert KEYS.tag("ab", "c") != KEYS.tag("a", "bc")
    assert KEYS.tag("1:a", "") != KEYS.tag("", "1:a")


def test_text_that_is_not_unicode_has_a_tag_too() -> None:
    assert KEYS.tag("a", "\ud800") != KEYS.tag("a", "\ud801")


def test_identifiers_outlive_rotations_and_restarts(path: Path, secret: Secret, clock: TurnedClock) -> None:
    keystore = FileKeystore(path, secret, clock)
    before = keystore.subject_keys().pairwise_subject("a.vn", ALICE)
    keystore.signing_keys.rotate("ES256")
    assert FileKeystore(path, secret, clock).subject_keys().pairwise_subject("a.vn", ALICE) == before


def test_no_key_shows_in_a_representation() -> None:
    assert "pairwise" not in repr(KEYS)
