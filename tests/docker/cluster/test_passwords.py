from pathlib import Path

from docker.cluster import passwords


def test_passwords_are_made_once_and_are_their_owner_s(tmp_path: Path) -> None:
    made = passwords.kept_in(tmp_path / "passwords")
    files = (made.superuser, made.replication, made.database, made.valkey)
    first = [path.read_text(encoding="ascii") for path in files]
    assert len(set(first)) == 4
    assert all(len(password) == 48 for password in first)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    passwords.kept_in(tmp_path / "passwords")
    assert [path.read_text(encoding="ascii") for path in files] == first
