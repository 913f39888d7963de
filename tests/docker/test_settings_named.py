import re
from pathlib import Path

import pytest

from docker.cluster import Cluster
from idp.settings import CONFIG_VARIABLE, PREFIX, Settings
from tests.docker.documents import DOCKER, compose, manifest

KNOWN = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {CONFIG_VARIABLE}
NODE = compose()["services"]["node-1"]["environment"]


FILES = sorted(
    path
    for path in DOCKER.rglob("*")
    if path.suffix in {".yaml", ".sh", ".cfg", ".py", ".conf"} or path.name == "Dockerfile"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(DOCKER).as_posix())
def test_every_setting_that_is_named_exists(path: Path) -> None:
    assert set(re.findall(r"\bIDP_[A-Z_0-9]+\b", path.read_text(encoding="utf-8"))) - KNOWN == set()


def settings_of(environment: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name in KNOWN - {CONFIG_VARIABLE}
    }


def test_what_compose_and_kubernetes_tell_a_node_is_good() -> None:
    for told in (NODE, manifest("ConfigMap", "settings")["data"]):
        settings = Settings.model_validate({**settings_of(told), "database_url": "postgresql://a/b"})
        assert settings.is_https
        assert settings.trusted_proxies


def test_all_three_say_the_same_things(tmp_path: Path) -> None:
    """A setting that one way of running it needs and another forgot shows up here."""
    in_files = {"database_url", "state_url"}
    written = Cluster(tmp_path).configuration.read_text(encoding="utf-8")
    cluster = set(re.findall(r"^(\w+) =", written, flags=re.MULTILINE))
    made = manifest("ExternalSecret", "idp")["spec"]["target"]["template"]["data"]["idp.toml"]
    in_kubernetes = set(re.findall(r"^(\w+) =", made, flags=re.MULTILINE))
    kubernetes = set(settings_of(manifest("ConfigMap", "settings")["data"])) | in_kubernetes
    assert cluster == set(settings_of(NODE)) - {"node"} | in_files == kubernetes
