import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.relying_party import pending_store
from clients.relying_party.database import Database
from clients.relying_party.pending_store import LIFETIME, SCHEMA, PendingSignIn, PendingStore

PENDING = PendingSignIn("portal", "nonce", "verifier", "/", None)
TABLES = ("pending_sign_ins", "pending_sign_outs")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with contextlib.closing(Database(tmp_path / "party.db")) as opened:
        opened.migrate("pending", SCHEMA)
        yield opened


def counted(database: Database) -> list[int]:
    rows = [database.row(f"SELECT count(*) AS n FROM {table}", ()) for table in TABLES]  # noqa: S608 -- our own names
    return [row["n"] for row in rows if row]


def begin_both(store: PendingStore, state: str, *, now: int) -> None:
    store.begin_sign_in(state, "browser", PENDING, now=now)
    store.begin_sign_out(state, "browser", now=now)


def test_of_too_many_the_oldest_give_way_and_the_newest_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_store, "MOST", 10)
    store = PendingStore(database)
    for number in range(100):
        begin_both(store, f"state-{number}", now=1_000)
    assert counted(database) == [10, 10]
    assert store.claim_sign_in("state-89", "browser", now=1_000) is None
    assert store.claim_sign_in("state-90", "browser", now=1_000) == PENDING
    assert store.claim_sign_in("state-99", "browser", now=1_000) == PENDING
    assert not store.is_sign_out("state-89", "browser", now=1_000)
    assert store.is_sign_out("state-90", "browser", now=1_000)


def test_what_was_not_finished_in_time_is_of_no_use_and_swept(database: Database) -> None:
    store = PendingStore(database)
    begin_both(store, "old", now=1_000)
    begin_both(store, "young", now=1_001)
    later = 1_000 + LIFETIME
    assert store.claim_sign_in("old", "browser", now=later) is None
    assert not store.is_sign_out("old", "browser", now=later)
    store.purge(now=later)
    assert counted(database) == [1, 1]
    assert store.claim_sign_in("young", "browser", now=later) == PENDING
