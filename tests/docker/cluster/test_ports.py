import socket
from pathlib import Path

import pytest

from docker.cluster import ports
from docker.cluster.processes import ClusterError


def test_ports_follow_one_another_behind_the_proxy_s() -> None:
    counted = ports.count_from(9443, 9448, 3)
    assert counted.every == (9443, *range(9448, 9460))
    assert counted.nodes == (9449, 9450, 9451)


def test_free_ports_differ_and_can_be_listened_on() -> None:
    found = ports.find_free(3)
    assert len(set(found.every)) == len(found.every) == 13
    ports.refuse_taken(found)


def test_no_outgoing_connection_is_given_a_free_port() -> None:
    lent_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    found = ports.find_free(3)
    assert max(ports.free_port(), *found.every) < lent_from


def test_a_port_that_is_taken_is_named() -> None:
    found = ports.find_free(1)
    message = f"port {found.sentinels[1]} is in use"
    with socket.create_server(("127.0.0.1", found.sentinels[1])), pytest.raises(ClusterError, match=message):
        ports.refuse_taken(found)


def test_the_data_keeps_its_ports(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    first = ports.kept_in(path, ports.count_from(9443, 9448, 3))
    assert ports.kept_in(path, ports.find_free(3)) == first
