import re
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from docker.compose_secrets import MOUNTED, SENTINELS
from tests.docker.documents import DOCKER, compose

COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NODES = ("node-1", "node-2", "node-3")
EVERY = pytest.mark.parametrize("name", list(SERVICES))

# What the specification knows and this project uses: a name that is mistyped is ignored by nobody.
KEYS = {
    "cap_drop", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image", "logging", "mem_limit",
    "networks", "pids_limit", "ports", "profiles", "read_only", "restart", "secrets", "security_opt", "shm_size",
    "stop_grace_period", "stop_signal", "tmpfs", "user", "volumes",
}  # fmt: skip
IMAGES_WITH_A_USER_OF_THEIR_OWN = {"idp", "haproxy", "prom/prometheus", "grafana/grafana"}


def address(service: str, network: str) -> str:
    return str(SERVICES[service]["networks"][network]["ipv4_address"])


def test_the_document_has_the_specification_s_parts_only() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == {
        "name",
        "services",
        "networks",
        "volumes",
        "secrets",
    }


@EVERY
def test_a_service_has_known_keys_only(name: str) -> None:
    assert set(SERVICES[name]) - KEYS == set()


@EVERY
def test_a_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert "privileged" not in service


@EVERY
def test_nobody_is_root(name: str) -> None:
    service = SERVICES[name]
    image = service["image"].rpartition(":")[0]
    assert image in IMAGES_WITH_A_USER_OF_THEIR_OWN or re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])


@EVERY
def test_an_image_is_pinned_to_one_version(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.]+)?", SERVICES[name]["image"])


@EVERY
def test_a_service_is_watched(name: str) -> None:
    """The image of the provider brings its own check; a job ends."""
    service = SERVICES[name]
    assert service.get("healthcheck") or service["image"].startswith("idp:")


@EVERY
def test_what_a_service_names_exists(name: str) -> None:
    service = SERVICES[name]
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (DOCKER / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], volume


def test_a_health_that_is_waited_for_is_told() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            awaited = SERVICES[name]
            if wanted["condition"] == "service_healthy":
                assert awaited.get("healthcheck") or awaited["image"].startswith("idp:")


def test_the_secrets_are_the_ones_that_are_made() -> None:
    assert set(COMPOSE["secrets"]) == set(MOUNTED)
    assert all(each["file"] == f"./secrets/{name}" for name, each in COMPOSE["secrets"].items())


def test_no_secret_is_written_down() -> None:
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    assert not re.search(r"(?i)password:|://[^/\s]*:[^/\s]+@", text)


def test_fixed_addresses_lie_in_their_networks_and_are_given_once() -> None:
    given = [
        (network, ip_address(each["ipv4_address"]))
        for service in SERVICES.values() if isinstance(service["networks"], dict)
        for network, each in service["networks"].items() if each
    ]  # fmt: skip
    assert len(given) == len(set(given))
    for network, where in given:
        assert where in ip_network(COMPOSE["networks"][network]["ipam"]["config"][0]["subnet"])


def test_the_proxy_sends_to_the_nodes_and_is_the_one_they_believe() -> None:
    proxy = SERVICES["proxy"]["environment"]
    for number, name in enumerate(NODES, start=1):
        assert proxy[f"NODE_{number}"] == f"{address(name, 'edge')}:8000"
        believed = SERVICES[name]["environment"]["IDP_TRUSTED_PROXIES"].split(",")
        assert believed == [address("proxy", "edge"), address("prometheus", "edge")]
        assert believed[0] == proxy["PROXY_SOURCE"]


def test_only_the_proxy_listens_outside_and_stores_have_no_way_out() -> None:
    exposed = {name for name, service in SERVICES.items() if "ports" in service and "profiles" not in service}
    assert exposed == {"proxy"}
    assert COMPOSE["networks"]["data"]["internal"] is True
    for name, service in SERVICES.items():
        if name.startswith(("postgresql", "valkey", "sentinel")):
            assert set(service["networks"]) == {"data"}
    assert "data" not in SERVICES["proxy"]["networks"]


def test_sentinels_and_servers_know_each_other_by_where_they_are() -> None:
    for name, service in SERVICES.items():
        if name.startswith(("valkey", "sentinel")):
            told = service["environment"]
            assert told["VALKEY_ADDRESS"] == address(name, "data")
            assert told["VALKEY_PRIMARY"] == f"{address('valkey-1', 'data')} 6379"
    assert ",".join(f"{address(f'sentinel-{n}', 'data')}:26379" for n in (1, 2, 3)) == SENTINELS


def test_nodes_wait_for_the_schema_and_have_time_to_stop() -> None:
    for name in NODES:
        node = SERVICES[name]
        assert node["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert int(node["stop_grace_period"].removesuffix("s")) > int(node["environment"]["IDP_SHUTDOWN_DELAY"]) + 25
