from pathlib import Path

import pytest

from docker.cluster.__main__ import PORT, settle_ports
from docker.cluster.processes import ClusterError


def test_the_first_start_settles_the_ports(tmp_path: Path) -> None:
    assert settle_ports(tmp_path, 9543).proxy == 9543
    assert settle_ports(tmp_path, None).proxy == 9543
    with pytest.raises(ClusterError, match="was made for port 9543"):
        settle_ports(tmp_path, 9643)


def test_without_a_wish_the_port_is_the_usual_one(tmp_path: Path) -> None:
    settled = settle_ports(tmp_path, None)
    assert settled.proxy == PORT
    # The relying parties take the four behind the proxy's.
    assert min(port for port in settled.every if port != PORT) == PORT + 5
