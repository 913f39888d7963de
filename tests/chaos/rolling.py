"""Nodes restarted one after another: by an operator, and from one release to the next and back."""

import asyncio
import shutil
import subprocess
import tarfile
from functools import partial
from pathlib import Path

from docker.cluster.processes import run
from idp.adapters.sql.revisions import EXPECTED_REVISION
from tests.chaos.cluster_place import COMMAND, ROOT, Clustered, open_cluster
from tests.chaos.people import Population
from tests.chaos.receiver import LogoutReceiver
from tests.chaos.scenario import Scenario, say

_SHORT_LIVED_STORE = "idp/adapters/redis"
_REVISIONS = "idp/adapters/sql/migrations/versions"


_NEXT_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{following}"
down_revision = "{this}"


def upgrade():
    op.add_column("accounts", sa.Column("of_the_next_release", sa.BigInteger(), nullable=True))
    op.execute("UPDATE schema_support SET oldest_revision = '{this}'")
"""


async def restart_each(place: Clustered) -> None:
    """Restart one node after another; the next one when the proxy sends requests to all of them again."""
    for node in place.cluster.nodes:
        await asyncio.to_thread(node.restart)
        await asyncio.to_thread(place.await_nodes)


class TwoReleases(Clustered):
    """A cluster that starts on the release of the folder `before`, to go on with that of the folder `after`."""

    def __init__(self, before: Path, after: Path, folder: Path, receiver: LogoutReceiver) -> None:
        settings = {} if (before / _SHORT_LIVED_STORE).is_dir() else {"state_url": ""}
        if settings:
            say("  the release before knows no Valkey: both keep short-lived state in PostgreSQL")
        super().__init__(folder, receiver, settings=settings)
        self._before, self._after = ({"PYTHONPATH": str(each)} for each in (before, after))

    def start(self, folder: Path, population: Population, receiver: LogoutReceiver) -> None:
        """Start everything and load everybody, all with the release before."""
        cluster = self.cluster
        environment = {**cluster.environment, **self._before}
        cluster.start_stores()
        run((*COMMAND, "migrate"), environment)
        run((*COMMAND, "import", *map(str, population.write(folder, receiver.url))), environment)
        for node in cluster.nodes:
            node.start(self._before)
        cluster.proxy.start()
        self.await_nodes()

    def migrate(self) -> None:
        """Expand the schema with the later release, while the one before serves."""
        run((*COMMAND, "migrate"), {**self.cluster.environment, **self._after})

    def move(self, *, back: bool) -> None:
        """Restart one node after another with the later release, or `back` with the one before."""
        for node in self.cluster.nodes:
            node.restart(self._before if back else self._after)
            self.await_nodes()

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `idp` of the release before, which operators have while nodes are rolled."""
        return self.run((*COMMAND, *arguments), {**self.cluster.environment, **self._before})


async def roll_releases(place: TwoReleases) -> None:
    """Expand, forward, back, and forward again."""
    await asyncio.to_thread(place.migrate)
    for back in (False, True, False):
        say("  back to the release before" if back else "  forward to the later release")
        await asyncio.to_thread(place.move, back=back)


def open_previous(revision: str, folder: Path, population: Population, receiver: LogoutReceiver) -> TwoReleases:
    """A cluster on the release of `revision`, which goes on with this one."""
    previous = folder / "previous"
    _unpack(revision, previous)
    return _started(TwoReleases(previous, ROOT, folder, receiver), folder, population, receiver)


def open_next(folder: Path, population: Population, receiver: LogoutReceiver) -> TwoReleases:
    """A cluster on this release, which goes on with a next one: the same code on an expanded schema."""
    following = folder / "next"
    for part in ("idp", "templates"):
        shutil.copytree(ROOT / part, following / part, ignore=shutil.ignore_patterns("__pycache__"))
    _expand(following)
    return _started(TwoReleases(ROOT, following, folder, receiver), folder, population, receiver)


def _started(place: TwoReleases, folder: Path, population: Population, receiver: LogoutReceiver) -> TwoReleases:
    try:
        place.start(folder, population, receiver)
    except BaseException:
        place.close()
        raise
    return place


def _expand(release: Path) -> None:
    """Give a release one more revision of the schema, on which the code of this one may still run."""
    revisions = release / "idp/adapters/sql/revisions.py"
    known = revisions.read_text(encoding="utf-8")
    following = f"{int(EXPECTED_REVISION) + 1:04}"
    revisions.write_text(known.replace(f'= "{EXPECTED_REVISION}"', f'= "{following}"'), encoding="utf-8")
    module = _NEXT_REVISION.format(following=following, this=EXPECTED_REVISION)
    (release / _REVISIONS / f"v{following}_next.py").write_text(module, encoding="utf-8")


def newest_tag() -> str | None:
    """The release before this one, None while there is none."""
    return next(iter(_git("tag", "--sort=-creatordate").split()), None)


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
    """What nobody may notice; `previous` is the revision of the release before, if there is one."""
    steps = "expand, forward, back, forward"
    restarts = Scenario("rolling", "restart every node, one after another", open_cluster, restart_each, seamless=True)
    following = Scenario(
        "upgrade-next", f"this release and a next one: {steps}", open_next, roll_releases, seamless=True
    )
    if previous is None:
        return restarts, following
    found = partial(open_previous, previous)
    title = f"this release and the one before: {steps}"
    return restarts, following, Scenario("upgrade-previous", title, found, roll_releases, seamless=True)
