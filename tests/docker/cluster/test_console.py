from pathlib import Path

import pytest

from docker.cluster import Cluster, ClusterError
from docker.cluster.console import HELP, Console


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(Cluster(tmp_path), lambda: print("codes"))


@pytest.mark.parametrize("line", ["", "help", "kill", "kill node-9", "promote node-1"])
def test_whatever_it_does_not_know_is_answered_with_what_it_knows(
    console: Console, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    console.carry_out(line)
    assert capsys.readouterr().out == f"{HELP}\n"


def test_words_are_carried_out(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.carry_out("codes\n")
    assert capsys.readouterr().out == "codes\ncodes: done\n"


def test_what_cannot_be_done_is_said_and_not_raised(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.carry_out("pause node-1\n")
    assert capsys.readouterr().out == "pause node-1: node-1 does not run\n"


def test_a_cluster_has_as_many_nodes_as_the_proxy_has_room_for(tmp_path: Path) -> None:
    assert len(Cluster(tmp_path / "one", nodes=1).nodes) == 1
    with pytest.raises(ClusterError, match="1 to 3"):
        Cluster(tmp_path / "four", nodes=4)
