"""SoftHSM2, the PKCS #11 module that tests use: from the system's packages, tokens in a folder of the test's own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PIN = "4321"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so")
CONFIGURATION = "SOFTHSM2_CONF"


def module_path() -> str:
    """The library; without it the test is skipped, and fails where CI is set."""
    found = next((path for path in MODULES if Path(path).is_file()), None)
    if found and shutil.which("softhsm2-util"):
        return found
    reason = "SoftHSM2 is not installed: apt-get install softhsm2"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def configure(folder: Path) -> Path:
    """Write the configuration of a module whose tokens lie in `folder`; its path goes into `SOFTHSM2_CONF`."""
    tokens = folder / "tokens"
    tokens.mkdir(parents=True, exist_ok=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    return configuration


def make_token(configuration: Path, label: str = "idp") -> None:
    """Make an empty token."""
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", PIN],
        check=True,
        capture_output=True,
        env={**os.environ, CONFIGURATION: str(configuration)},
    )


def uri(folder: Path, label: str = "idp", pin: str = PIN) -> str:
    """The URI of a token whose PIN lies in a file in `folder`."""
    file = folder / "pin"
    file.touch(0o600)
    file.write_text(f"{pin}\n")
    return f"pkcs11:token={label}?module-path={module_path()}&pin-source=file:{file}"
