from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.docker.documents import KUBERNETES, manifest, manifests

VERSIONS = ("1.30", "1.33", "1.37")
# Kinds that an operator brings; the linter has no schema of theirs.
FOREIGN = {"ExternalSecret": "external-secrets.io/v1", "ServiceMonitor": "monitoring.coreos.com/v1"}
KUSTOMIZE = {"Kustomization", "Component"}
DEPLOYMENT = manifest("Deployment", "idp")
JOB = manifest("Job", "migrate")
PODS = pytest.mark.parametrize("workload", [DEPLOYMENT, JOB], ids=["nodes", "migrate"])


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod(workload)["containers"]
    described: dict[str, Any] = only
    return described


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid(version: str) -> None:
    checked = 0
    for _, document in manifests():
        if document["kind"] in KUSTOMIZE:
            continue
        if document["kind"] in FOREIGN:
            assert document["apiVersion"] == FOREIGN[document["kind"]]
            continue
        kubernetes_validate.validate(document, version, strict=True)
        checked += 1
    assert checked >= 12


def test_kustomize_is_told_of_every_file() -> None:
    for path in KUBERNETES.glob("*/kustomization.yaml"):
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))["resources"]
        beside = sorted(each.name for each in path.parent.glob("*.yaml") if each != path)
        assert sorted(listed) == beside
        assert len(listed) == len(set(listed))


def test_the_namespace_takes_restricted_pods_only() -> None:
    labels = manifest("Namespace", "idp")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@PODS
def test_a_pod_is_what_a_restricted_namespace_takes(workload: dict[str, Any]) -> None:
    security, own = pod(workload)["securityContext"], container(workload)["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] == 10001
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own["allowPrivilegeEscalation"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert own["capabilities"] == {"drop": ["ALL"]}


@PODS
def test_a_pod_has_no_token_for_kubernetes(workload: dict[str, Any]) -> None:
    assert pod(workload)["automountServiceAccountToken"] is False
    assert pod(workload)["serviceAccountName"] == "idp"
    assert manifest("ServiceAccount", "idp")["automountServiceAccountToken"] is False


@PODS
def test_a_container_has_room_and_no_more(workload: dict[str, Any]) -> None:
    resources = container(workload)["resources"]
    assert set(resources["requests"]) == {"cpu", "memory"}
    assert "memory" in resources["limits"]


@PODS
def test_secrets_come_as_files_that_others_cannot_read(workload: dict[str, Any]) -> None:
    (secrets,) = [volume["secret"] for volume in pod(workload)["volumes"] if "secret" in volume]
    assert secrets == {"secretName": manifest("ExternalSecret", "idp")["spec"]["target"]["name"], "defaultMode": 0o440}
    assert not [each for each in container(workload).get("env", []) if "secretKeyRef" in each.get("valueFrom", {})]


def test_the_files_that_the_settings_name_are_mounted() -> None:
    told = manifest("ConfigMap", "settings")["data"]
    made = manifest("ExternalSecret", "idp")["spec"]["target"]["template"]["data"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container(DEPLOYMENT)["volumeMounts"]}
    assert {told["IDP_CONFIG"], told["SECRET_MOUNT"]} == {f"{mounts['secrets']}/{name}" for name in made}
    assert told["IDP_SECRET_FILE"].startswith(f"{mounts['memory']}/")
    assert told["IDP_KEYSTORE"].startswith(f"file:{mounts['provider']}/")
    assert told["IDP_AUDIT_CHECKPOINTS"].startswith(f"file:{mounts['provider']}/")


def test_every_key_of_the_secret_is_fetched() -> None:
    spec = manifest("ExternalSecret", "idp")["spec"]
    used = {
        name for name in ("secret", "database", "valkey", "mail") if f".{name} }}}}" in str(spec["target"]["template"])
    }
    assert used == {each["secretKey"] for each in spec["data"]}


def test_probes_tell_starting_living_and_being_ready_apart() -> None:
    node = container(DEPLOYMENT)
    paths = {name: node[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}


def test_a_pod_answers_until_balancers_know_that_it_leaves() -> None:
    delay = int(manifest("ConfigMap", "settings")["data"]["IDP_SHUTDOWN_DELAY"])
    readiness = container(DEPLOYMENT)["readinessProbe"]
    assert delay > readiness["periodSeconds"] * readiness["failureThreshold"]
    assert pod(DEPLOYMENT)["terminationGracePeriodSeconds"] > delay + 25


def test_nodes_are_spread_and_never_all_taken_away() -> None:
    assert pod(DEPLOYMENT)["topologySpreadConstraints"]
    assert pod(DEPLOYMENT)["affinity"]["podAntiAffinity"]
    assert manifest("PodDisruptionBudget", "idp")["spec"]["maxUnavailable"] == 1
    assert manifest("HorizontalPodAutoscaler", "idp")["spec"]["minReplicas"] >= 3
    assert DEPLOYMENT["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_nothing_comes_in_or_goes_out_unless_a_policy_says_so() -> None:
    denied = manifest("NetworkPolicy", "nothing-by-default")["spec"]
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for _, document in manifests():
        if document["kind"] == "NetworkPolicy":
            for rule in document["spec"].get("ingress", []) + document["spec"].get("egress", []):
                assert rule["ports"]
                assert rule.get("from") or rule.get("to")


def test_calls_to_the_outside_never_reach_private_networks() -> None:
    blocks = [
        each["ipBlock"]
        for rule in manifest("NetworkPolicy", "nodes")["spec"]["egress"] for each in rule["to"] if "ipBlock" in each
    ]  # fmt: skip
    excepted = {network for block in blocks for network in block["except"]}
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7"} <= excepted


def test_the_ingress_says_what_the_proxy_s_configuration_says() -> None:
    snippet = manifest("Ingress", "idp")["metadata"]["annotations"]["haproxy-ingress.github.io/config-backend"]
    configuration = (KUBERNETES.parent / "haproxy/haproxy.cfg").read_text(encoding="utf-8")
    said = {line.strip() for line in configuration.splitlines()}
    for line in snippet.splitlines():
        assert line in said, line
    headers = {line for line in said if line.startswith(("http-request del-header", "http-request set-header"))}
    assert headers <= set(snippet.splitlines())


def test_the_selectors_find_the_pods() -> None:
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"].items()
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"].items() <= labels
    assert manifest("Service", "idp")["spec"]["selector"].items() <= labels
    assert (
        manifest("ServiceMonitor", "idp")["spec"]["selector"]["matchLabels"].items()
        <= manifest("Service", "idp")["metadata"]["labels"].items()
    )
