"""Two PostgreSQL servers: one is the primary, the other follows it and holds every commit before it is acknowledged."""

import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docker.cluster.passwords import Passwords
from docker.cluster.processes import ClusterError, Program, await_condition, born, plain_environment, run
from docker.cluster.programs import as_user, postgresql_folder, unprivileged_user

HERE: Final = Path(__file__).parents[1] / "postgresql"
STREAMING: Final = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'quorum'"
CATCH_UP_LIMIT: Final = 120.0


class PostgreSQLServer(Program):
    """One server and its folder; `other_port` is the second one's, which it follows unless it is primary."""

    def __init__(self, name: str, folder: Path, port: int, other_port: int, passwords: Passwords) -> None:
        self.port = port
        self.folder = folder
        self.data = folder / "data"
        self._passwords = passwords
        self._user = unprivileged_user()
        environment = {
            **plain_environment(),
            "PATH": f"{postgresql_folder()}:{os.defpath}",
            "PGDATA": str(self.data),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "idp",
            "PGDATABASE": "idp",
            "PRIMARY_HOST": "127.0.0.1",
            "PRIMARY_PORT": str(other_port),
            "DATABASE_PASSWORD_FILE": str(passwords.database),
            "REPLICATION_PASSWORD_FILE": str(passwords.replication),
        }
        super().__init__(name, self._command(name), folder / "postgresql.log", environment, signal.SIGINT)

    def _command(self, name: str) -> tuple[str, ...]:
        settings = {
            "config_file": HERE / "postgresql.conf",
            "hba_file": HERE / "pg_hba.conf",
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "cluster_name": name,
        }
        arguments = tuple(f"-c{key}={value}" for key, value in settings.items())
        return as_user(self._user, ("/bin/sh", str(HERE / "start.sh"), *arguments))

    @property
    def is_new(self) -> bool:
        """Whether it has no data yet."""
        return not (self.data / "PG_VERSION").exists()

    @property
    def is_fenced(self) -> bool:
        """Whether the other one was promoted in its place: what it holds is out of date."""
        return (self.folder / "fenced").exists()

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes, or would once started."""
        return not (self.is_new or self.is_fenced or (self.data / "standby.signal").exists())

    def launch(self, extra: Mapping[str, str] | None = None) -> None:
        """Start and do not wait; an empty one copies the primary first. Raises `ClusterError` when it is fenced."""
        if self.is_fenced:
            raise ClusterError(f"{self.name} was replaced as primary: let it rejoin")
        self._own_data()
        self._forget_the_dead()
        super().launch(extra)

    def is_ready(self) -> bool:
        """Whether it accepts connections."""
        try:
            run(("pg_isready", "--quiet", "--timeout=2"), self.environment)
        except ClusterError:
            return False
        return True

    def create(self) -> None:
        """Make the first primary, with roles and database, and start it."""
        self._own_data()
        options = ("--username=postgres", f"--pwfile={self._passwords.superuser}", "--auth=scram-sha-256")
        initdb = ("/usr/bin/env", "initdb", *options, "--encoding=UTF8", "--locale=C.UTF-8")
        run(as_user(self._user, initdb), self.environment)
        self.start()
        run(("/bin/sh", str(HERE / "initialise.sh")), self._as_superuser())

    def query(self, statement: str, database: str = "postgres") -> str:
        """Run a statement as the superuser; return what `psql` prints of its rows. Raises `ClusterError`."""
        psql = ("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--username=postgres", f"--dbname={database}")
        return run((*psql, "--command", statement), self._as_superuser()).strip()

    def promote(self) -> None:
        """Make this replica the primary; it waits for no replica until one rejoins. The other one must be gone."""
        run(as_user(self._user, ("/bin/sh", str(HERE / "promote.sh"))), self._as_superuser())

    def fence(self) -> None:
        """End it, and see that it does not start again with what it holds."""
        self.kill()
        (self.folder / "fenced").touch()

    def forget(self) -> None:
        """Throw away what it holds, so that the next start copies the primary."""
        shutil.rmtree(self.data)
        (self.folder / "fenced").unlink(missing_ok=True)

    def _as_superuser(self) -> dict[str, str]:
        return {**self.environment, "PGPASSWORD": self._passwords.superuser.read_text(encoding="ascii").strip()}

    def _forget_the_dead(self) -> None:
        # PostgreSQL takes a killed process that nobody has waited for yet for a living one.
        mark = self.data / "postmaster.pid"
        if mark.exists() and born(int(mark.read_text(encoding="utf-8").split()[0])) is None:
            mark.unlink()

    def _own_data(self) -> None:
        if not self.data.exists():
            self.data.mkdir(parents=True, mode=0o700)
            if self._user is not None:
                os.chown(self.data, self._user.pw_uid, self._user.pw_gid)


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """The pair; who is primary and who is the replica changes when the replica is promoted."""

    servers: tuple[PostgreSQLServer, PostgreSQLServer]

    @property
    def primary(self) -> PostgreSQLServer:
        """The one that takes writes."""
        return self.servers[1] if self.servers[1].is_primary else self.servers[0]

    @property
    def replica(self) -> PostgreSQLServer:
        """The other one, fenced or not."""
        return self.servers[0] if self.servers[1].is_primary else self.servers[1]

    def start(self) -> None:
        """Start both, making and copying what is missing, and wait until commits reach both."""
        if self.primary.is_new:
            self.primary.create()
        else:
            self.primary.start()
        if self.replica.is_fenced:
            self.rejoin()
        else:
            self.replica.start()
            self.await_replica()

    def await_replica(self) -> None:
        """Return once the replica takes part in every commit. Raises `ClusterError`."""
        await_condition(lambda: self.primary.query(STREAMING) == "1", CATCH_UP_LIMIT, "the replica streams")

    def promote(self) -> None:
        """Fail over: the primary is ended for good, then the replica takes its place, alone until `rejoin`."""
        old, new = self.primary, self.replica
        old.fence()
        new.promote()

    def rejoin(self) -> None:
        """Let the fenced server copy the primary and follow it; from then on commits wait for it again."""
        self.replica.forget()
        self.replica.start()
        self.primary.query("ALTER SYSTEM RESET synchronous_standby_names")
        self.primary.query("SELECT pg_reload_conf()")
        self.await_replica()

    def stop(self) -> None:
        """Stop the primary first, so that the replica has everything, then the replica."""
        self.primary.stop()
        self.replica.stop()
