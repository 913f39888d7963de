import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.secret_file import Secret, load_secret


def test_a_missing_secret_is_created_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret"
    secret = load_secret(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(path.read_bytes())) == 32
    assert load_secret(path, create=True).derive("a") == secret.derive("a")
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_secret_is_refused_where_copies_must_share_one(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError, match="cannot be read"):
        load_secret(tmp_path / "secret", create=False)
    assert not (tmp_path / "secret").exists()


def test_everybody_who_races_to_create_the_secret_gets_the_same_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        secrets = list(pool.map(lambda _: load_secret(tmp_path / "secret", create=True).derive("a"), range(64)))
    assert len(set(secrets)) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "secret"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o666])
def test_a_secret_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    load_secret(path, create=True)
    path.chmod(mode)
    with pytest.raises(KeyMaterialError, match="chmod 600"):
        load_secret(path, create=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"short",
        base64.b64encode(bytes(31)),
        base64.b64encode(bytes(33)),
        b"\xff" * 44,
        b"a" * 1000,
        base64.b64encode(bytes(32)) + b" " * 300,
        base64.urlsafe_b64encode(b"\xff" * 32),
    ],
)
def test_a_file_that_is_no_secret_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyMaterialError, match="32 bytes in base64") as refused:
        load_secret(path, create=True)
    assert "short" not in str(refused.value)


def test_a_folder_and_a_pipe_are_no_secret_files(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError, match="is not a file"):
        load_secret(tmp_path, create=True)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(KeyMaterialError, match="is not a file"):
        load_secret(tmp_path / "pipe", create=True)


def test_a_process_that_died_while_creating_leaves_no_secret_behind_and_the_next_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", die)
        with pytest.raises(KeyboardInterrupt):
            load_secret(tmp_path / "secret", create=True)
    assert not (tmp_path / "secret").exists()
    load_secret(tmp_path / "secret", create=True)


def test_keys_for_different_purposes_and_secrets_differ() -> None:
    secret = Secret(bytes(32))
    assert secret.derive("keystore") == Secret(bytes(32)).derive("keystore")
    assert len({secret.derive("keystore"), secret.derive("other"), Secret(b"\1" * 32).derive("keystore")}) == 3
    assert len(secret.derive("keystore")) == 32


def test_a_secret_has_32_bytes_and_shows_none_of_them() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Secret(b"short")
    assert "AAAA" not in repr(Secret(b"A" * 32))
