"""The words that `make cluster` takes while it runs: what to kill, pause, start and promote."""

import select
import sys
from collections.abc import Callable, Mapping
from typing import Final

from docker.cluster.cluster import Cluster
from docker.cluster.processes import ClusterError, Program

GLANCE: Final = 0.2
HELP: Final = """\
  status                  who runs, and which nodes get requests
  kill NAME, start NAME   kill -9 a program (node-1, valkey-1, sentinel-1, postgresql-2, …); start it again
  pause NAME, resume NAME SIGSTOP and SIGCONT
  restart NAME            stop as an operator does, and start
  promote, rejoin         make the replica the primary; let the old primary follow it
  codes                   one-time codes now"""


class Console:
    """Reads words and does what they say, on one cluster."""

    def __init__(self, cluster: Cluster, show_codes: Callable[[], None]) -> None:
        self._cluster = cluster
        self._programs = {program.name: program for program in cluster.programs}
        self._whole: Mapping[str, Callable[[], object]] = {
            "status": self.show_status,
            "promote": cluster.postgresql.promote,
            "rejoin": cluster.postgresql.rejoin,
            "codes": show_codes,
        }
        self._each: Mapping[str, Callable[[Program], object]] = {
            "kill": Program.kill,
            "start": lambda program: program.start(),
            "restart": lambda program: program.restart(),
            "pause": Program.pause,
            "resume": Program.resume,
        }

    def carry_out(self, line: str) -> None:
        """Do what one line says, and say what came of it."""
        word, _, name = line.strip().partition(" ")
        try:
            if word in self._whole and not name:
                self._whole[word]()
            elif word in self._each and name in self._programs:
                self._each[word](self._programs[name])
            else:
                print(HELP)
                return
        except ClusterError as error:
            print(f"{line.strip()}: {error}")
        else:
            print(f"{line.strip()}: done")

    def show_status(self) -> None:
        """Print every program with its process id, and the nodes that get requests."""
        for program in self._cluster.programs:
            print(f"  {program.name:<14} {f'pid {program.pid}' if program.runs else 'does not run'}")
        nodes = ", ".join(sorted(self._cluster.proxy.nodes_up())) or "none"
        print(f"  PostgreSQL's primary is {self._cluster.postgresql.primary.name}, ", end="")
        print(f"Valkey's {self._cluster.valkey.primary.name}; requests go to {nodes}")


def typed_line() -> str | None:
    """Return the line typed within a glance, None for nothing; the end of the input counts as nothing."""
    if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], GLANCE)[0]:
        select.select([], [], [], GLANCE)
        return None
    return sys.stdin.readline() or None
