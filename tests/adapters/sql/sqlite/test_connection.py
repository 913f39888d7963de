from contextlib import closing
from pathlib import Path

from idp.adapters.sql.sqlite.connection import open_writer

KEY = b"a key that was destroyed, " * 4


def test_what_was_deleted_is_overwritten_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "idp.db"
    path.touch()
    with closing(open_writer(path)) as connection:
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
        connection.execute("CREATE TABLE persons (person_id TEXT PRIMARY KEY, erasable_key BLOB) STRICT")
        connection.execute("INSERT INTO persons VALUES ('p', ?), ('q', ?)", (KEY, KEY))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert KEY in path.read_bytes()
        connection.execute("UPDATE persons SET erasable_key = NULL WHERE person_id = 'p'")
        connection.execute("DELETE FROM persons WHERE person_id = 'q'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert KEY not in path.read_bytes()
