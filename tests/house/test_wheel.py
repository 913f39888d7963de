import http.client
import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from docker.cluster.ports import free_port
from tests.house.source import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has the built wheel; what it depends on is lent by this one."""
    folder = tmp_path_factory.mktemp("wheel")
    python = folder / "venv/bin/python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    # A path line lends the packages and not the lender's own .pth files: the working tree stays out.
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


@pytest.fixture
def serving(installed: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    environment = {"PATH": os.defpath, "IDP_ISSUER": f"http://localhost:{port}"}
    with (tmp_path / "output").open("wb") as output:
        (tmp_path / "empty").mkdir()
        server = subprocess.Popen(
            [installed.with_name("idp"), "serve", "--port", str(port)],
            cwd=tmp_path / "empty", env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            wait_until_ready(server, port, tmp_path / "output")
            yield server, port
        finally:
            server.kill()
            server.wait()


def wait_until_ready(server: subprocess.Popen[bytes], port: int, output: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert server.poll() is None, output.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, output.read_text(encoding="utf-8")
        try:
            if get(port, "/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)


def get(port: int, path: str) -> tuple[int, str, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path, headers={"Host": f"localhost:{port}", "Accept": "text/html"})
        answer = connection.getresponse()
        body = answer.read().decode()
    return answer.status, answer.headers.get_content_type(), body


def test_the_wheel_holds_templates_and_catalogues_and_is_not_the_working_tree(installed: Path) -> None:
    script = (
        "import idp, clients, pathlib; root = pathlib.Path(idp.__file__).parent;"
        "assert (root / '_templates/pages/sign_in.html').is_file();"
        "assert list(root.glob('locale/vi/LC_MESSAGES/*.po')); print(root)"
    )
    answer = subprocess.run([installed, "-c", script], check=True, capture_output=True, text=True, cwd="/")
    assert Path(answer.stdout.strip()).is_relative_to(installed.parents[1])


def test_installed_it_serves_from_an_empty_folder_and_stops_on_ctrl_c(
    serving: tuple[subprocess.Popen[bytes], int], tmp_path: Path
) -> None:
    server, port = serving
    status, kind, body = get(port, "/.well-known/openid-configuration")
    assert (status, kind) == (200, "application/json")
    assert f'"http://localhost:{port}"' in body

    status, kind, page = get(port, "/authorize")
    assert (status, kind) == (400, "text/html")
    assert "data-error=" in page
    sheet = re.search(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"', page)
    assert sheet is not None
    status, kind, _ = get(port, sheet.group(1))
    assert (status, kind) == (200, "text/css")

    server.send_signal(signal.SIGINT)
    assert server.wait(15) == 0
    assert (tmp_path / "empty/var/idp.db").is_file()
    assert list((tmp_path / "empty/keys").iterdir())
