"""Nodes restarted one after another: by an operator, and from one release to the next and back."""

import asyncio
import subprocess
import tarfile
from functools import partial
from pathlib import Path

from docker.cluster.nodes import IDP
from docker.cluster.processes import run
from tests.chaos.cluster_place import ROOT, Clustered, open_cluster
from tests.chaos.people import Population
from tests.chaos.receiver import LogoutReceiver
from tests.chaos.scenario import Scenario, say

_SHORT_LIVED_STORE = "idp/adapters/redis"
_REVISIONS = "idp/adapters/sql/migrations/versions"


async def restart_each(place: Clustered) -> None:
    """Restart one node after another; the next one when the proxy sends requests to all of them again."""
    for node in place.cluster.nodes:
        await asyncio.to_thread(node.restart)
        await asyncio.to_thread(place.await_nodes)


class TwoReleases(Clustered):
    """A cluster that starts on the release before, whose code lies in `previous`."""

    def __init__(self, previous: Path, folder: Path, receiver: LogoutReceiver) -> None:
        settings = {} if (previous / _SHORT_LIVED_STORE).is_dir() else {"state_url": ""}
        if settings:
            say("the release before knows no Valkey: both keep short-lived state in PostgreSQL")
        super().__init__(folder, receiver, settings=settings)
        self._before = {"PYTHONPATH": str(previous)}

    def start(self, folder: Path, population: Population, receiver: LogoutReceiver) -> None:
        """Start everything and load everybody, all with the release before."""
        cluster = self.cluster
        environment = {**cluster.environment, **self._before}
        cluster.start_stores()
        run((*IDP, "migrate"), environment)
        run((*IDP, "import", *map(str, population.write(folder, receiver.url))), environment)
        for node in cluster.nodes:
            node.start(self._before)
        cluster.proxy.start()
        self.await_nodes()

    def migrate(self) -> None:
        """Expand the schema with this release, while the one before serves."""
        self.cluster.idp("migrate")

    def move(self, *, back: bool) -> None:
        """Restart one node after another with this release, or `back` with the one before."""
        for node in self.cluster.nodes:
            node.restart(self._before if back else None)
            self.await_nodes()


async def roll_releases(place: TwoReleases) -> None:
    """Expand, forward, back, and forward again."""
    await asyncio.to_thread(place.migrate)
    for back in (False, True, False):
        say("  back to the release before" if back else "  forward to this release")
        await asyncio.to_thread(place.move, back=back)


def open_two_releases(
    revision: str | None, folder: Path, population: Population, receiver: LogoutReceiver
) -> TwoReleases:
    """A cluster on the release of `revision`: the last one before the newest migration when None."""
    previous = folder / "previous"
    _unpack(revision or previous_release(), previous)
    place = TwoReleases(previous, folder, receiver)
    try:
        place.start(folder, population, receiver)
    except BaseException:
        place.close()
        raise
    return place


def previous_release() -> str:
    """The newest tag, or the commit before the one that brought the newest migration."""
    tags = _git("tag", "--sort=-creatordate").split()
    if tags:
        return tags[0]
    newest = max((ROOT / _REVISIONS).glob("v*.py")).name
    added = _git("log", "--diff-filter=A", "--format=%H", "--", f"{_REVISIONS}/{newest}").split()[-1]
    return _git("rev-parse", f"{added}^").strip()


def _unpack(revision: str, folder: Path) -> None:
    """Write the files of a revision into a new folder."""
    archive = folder.with_suffix(".tar")
    _git("archive", "--format=tar", f"--output={archive}", revision)
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def scenarios(previous: str | None) -> "tuple[Scenario[Clustered] | Scenario[TwoReleases], ...]":
    """What nobody may notice; `previous` is the revision of the release before."""
    return (
        Scenario("rolling", "restart every node, one after another", open_cluster, restart_each, seamless=True),
        Scenario(
            "upgrade",
            "this release and the one before: expand, forward, back, forward",
            partial(open_two_releases, previous),
            roll_releases,
            seamless=True,
        ),
    )
