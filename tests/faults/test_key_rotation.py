"""Processes that rotate keys of one keystore at once, and processes that are killed while they do."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import Keystore, open_keystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.signing_keys import KeyState
from idp.adapters.crypto.system import SystemClock
from idp.settings import Settings
from tests import softhsm2

NODE = Path(__file__).with_name("rotating_node.py")
HOUR = 3600
TOKENS = 120


class Installation:
    """A keystore and its secret; `pkcs11` in a token of its own."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.tokens = folder / "signed"
        self.tokens.mkdir()
        self.secret = folder / "secret"
        load_secret(self.secret, create=True)
        self.environment = dict(os.environ)
        self.keystore = f"file:{folder / 'keys'}"
        if kind == "pkcs11":
            self.keystore = softhsm2.uri(folder)
            configuration = softhsm2.configure(folder)
            softhsm2.make_token(configuration)
            self.environment[softhsm2.CONFIGURATION] = str(configuration)

    def start_node(self, name: str, skew: int, tokens: int) -> "subprocess.Popen[str]":
        arguments = [self.keystore, self.secret, self.tokens, name, skew, tokens]
        return subprocess.Popen(
            [sys.executable, NODE, *map(str, arguments)], stdout=subprocess.PIPE, text=True, env=self.environment
        )

    def told(self, node: "subprocess.Popen[str]") -> Counter[str]:
        output, _ = node.communicate(timeout=300)
        assert node.returncode == 0
        return Counter(json.loads(output.splitlines()[-1]))

    def look(self) -> Counter[str]:
        """Have a fresh process verify everything that was ever signed, and sign itself."""
        return self.told(self.start_node("late", 0, 1))


@pytest.fixture(params=["file", "pkcs11"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    return Installation(request.param, tmp_path)


def test_no_token_is_refused_while_three_processes_with_wrong_clocks_rotate(installation: Installation) -> None:
    nodes = [
        installation.start_node(name, skew, TOKENS) for name, skew in (("one", 0), ("two", HOUR), ("three", -HOUR))
    ]
    told = sum((installation.told(node) for node in nodes), Counter())
    assert told["refused"] == 0
    assert told["verified"] >= 3 * TOKENS
    assert told["rotated"] == 3 * TOKENS // 20
    assert installation.look()["verified"] == 3 * TOKENS + 1


def test_processes_killed_while_they_rotate_leave_a_keystore_that_signs_and_knows_every_token(
    installation: Installation,
) -> None:
    dice = random.Random(7)
    installation.told(installation.start_node("first", 0, 1))
    for number in range(8):
        node = installation.start_node(f"killed-{number}", 0, 100_000)
        assert node.stdout is not None
        node.stdout.readline()
        time.sleep(0.1 + dice.random() * 0.4)
        node.kill()
        node.wait()
        node.stdout.close()
    told = installation.look()
    written = sum(file.read_bytes().count(b"\n") for file in installation.tokens.iterdir())
    assert told["refused"] == 0
    assert told["verified"] == written
    assert written > 8


def test_a_file_keystore_killed_while_rotating_has_one_signing_key_for_each_algorithm(tmp_path: Path) -> None:
    installation = Installation("file", tmp_path)
    node = installation.start_node("killed", 0, 100_000)
    assert node.stdout is not None
    node.stdout.readline()
    time.sleep(0.3)
    node.kill()
    node.wait()
    node.stdout.close()
    keystore: Keystore = open_keystore(
        Settings(keystore=installation.keystore, secret_file=installation.secret), SystemClock()
    )
    keystore.signing_keys.rotate("ES256")
    states = Counter((key.algorithm, key.state) for key in keystore.signing_keys.load())
    assert states["ES256", KeyState.SIGNING] == states["RS256", KeyState.SIGNING] == 1
    assert states["ES256", KeyState.NEXT] == 1
