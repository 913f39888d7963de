import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pkcs11
import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from idp.adapters.crypto.pkcs11.uri import parse_pkcs11_uri
from tests import softhsm2
from tests.adapters.crypto.keystores import TokenPlace
from tests.adapters.turned_clock import TurnedClock

CLAIMS = {"sub": "a"}


def reach(token: Pkcs11Token) -> str:
    return token.look(lambda session: session.token.label)


def token_at(uri: str) -> Pkcs11Token:
    return Pkcs11Token(parse_pkcs11_uri(uri))


def test_a_token_is_found_by_its_label_and_what_else_is_said_of_it(token_place: TokenPlace) -> None:
    uri = token_place.setting
    assert reach(token_at(uri)) == "idp"
    assert reach(token_at(uri.replace("token=idp", "token=idp;model=SoftHSM%20v2"))) == "idp"
    for other in ("token=other", "token=idp;model=other", "token=idp;serial=1"):
        with pytest.raises(KeyMaterialError, match="has no token of that label"):
            reach(token_at(uri.replace("token=idp", other)))


def test_a_wrong_pin_is_refused_without_showing_it_and_never_tried_twice(token_place: TokenPlace) -> None:
    uri = softhsm2.uri(token_place.folder, pin="9999")
    token = token_at(uri)
    for _ in range(20):
        with pytest.raises(KeyMaterialError, match="refused the PIN") as refused:
            reach(token)
        assert "9999" not in str(refused.value)
    softhsm2.uri(token_place.folder)
    assert reach(token) == "idp", "the file has the right one now, and the token was not locked"


def test_a_library_that_is_not_there_is_refused(token_place: TokenPlace) -> None:
    for path in ("/nowhere/lib.so", "/etc/passwd"):
        with pytest.raises(KeyMaterialError, match=f"module {path} cannot be loaded"):
            reach(token_at(token_place.setting.replace(softhsm2.module_path(), path)))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_module_that_forgot_its_sessions_is_gone_on_with(token_place: TokenPlace, clock: TurnedClock) -> None:
    signer = token_place.open(clock).token_signer()
    for _ in range(3):
        signer.sign(CLAIMS, algorithm="ES256", token_type="JWT")
        pkcs11.lib(softhsm2.module_path()).reinitialize()
    token = signer.sign(CLAIMS, algorithm="ES256", token_type="JWT")
    assert signer.verify(token, token_type="JWT") == CLAIMS


def test_a_module_that_fails_twice_is_left_alone_for_a_moment(token_place: TokenPlace) -> None:
    token = token_place.token()
    asked = 0

    def fail(_session: pkcs11.Session) -> None:
        nonlocal asked
        asked += 1
        raise pkcs11.DeviceError

    for _ in range(10):
        with pytest.raises(KeyMaterialError):
            token.use(fail)
    assert asked == 2


def test_an_answer_that_is_no_failure_is_not_asked_for_again(token_place: TokenPlace) -> None:
    token = token_place.token()
    asked = 0

    def missing(_session: pkcs11.Session) -> None:
        nonlocal asked
        asked += 1
        raise pkcs11.NoSuchKey

    with pytest.raises(KeyMaterialError, match="NoSuchKey"):
        token.use(missing)
    assert asked == 1
    assert reach(token) == "idp"


class CountedToken:
    """A token that notes each session: whether it was opened by logging in."""

    def __init__(self, token: Any, opened: list[bool]) -> None:
        self._token = token
        self._opened = opened

    def open(self, **how: Any) -> pkcs11.Session:
        session: pkcs11.Session = self._token.open(**how)
        self._opened.append("user_pin" in how)
        return session


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_two_keystores_in_one_process_share_the_log_in(
    token_place: TokenPlace, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pkcs11.lib(softhsm2.module_path()).reinitialize()
    opened: list[bool] = []
    find = Pkcs11Token._find
    monkeypatch.setattr(Pkcs11Token, "_find", lambda token: CountedToken(find(token), opened))
    signers = [token_place.open(clock).token_signer() for _ in range(2)]
    for signer in (*signers, *signers):
        signer.sign(CLAIMS, algorithm="ES256", token_type="JWT")
    assert opened == [True, False]


FORKING = """
import os, sys
from pathlib import Path
from idp.adapters.crypto.keystore import open_keystore
from idp.adapters.crypto.system import SystemClock
from idp.settings import Settings
signer = open_keystore(Settings(keystore=sys.argv[1], secret_file=Path(sys.argv[2])), SystemClock()).token_signer()
def sign(): return signer.verify(signer.sign({"sub": "a"}, algorithm="ES256", token_type="JWT"), token_type="JWT")
sign()
children = []
for _ in range(3):
    child = os.fork()
    if not child:
        os._exit(0 if sign() == {"sub": "a"} else 1)
    children.append(child)
assert sign() == {"sub": "a"}
sys.exit(sum(os.waitpid(child, 0)[1] for child in children))
"""


def test_a_forked_process_opens_the_module_for_itself(token_place: TokenPlace, tmp_path: Path) -> None:
    import base64

    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_bytes(base64.b64encode(bytes(range(32))))
    environment = {**os.environ, softhsm2.CONFIGURATION: str(token_place.configuration)}
    forking = [sys.executable, "-c", FORKING, token_place.setting, str(secret)]
    assert subprocess.run(forking, env=environment, check=False, timeout=60).returncode == 0
