"""Dashboard, alert rules and scrape configuration use what the provider tells, and every alert has its page."""

import json
import re
from itertools import combinations
from typing import Any

import pytest
import yaml

from idp.adapters.observability.exposition import Exposition
from idp.adapters.observability.families import BY_NAME, Histogram
from idp.adapters.observability.metrics import Metrics
from tests.docker.documents import DOCKER, compose
from tests.docker.promql import groupings, is_balanced, matchers, metrics

RULES: dict[str, Any] = yaml.safe_load((DOCKER / "prometheus/alerts.yml").read_text(encoding="utf-8"))
TRIALS: dict[str, Any] = yaml.safe_load((DOCKER / "prometheus/alerts.test.yml").read_text(encoding="utf-8"))
SCRAPING: dict[str, Any] = yaml.safe_load((DOCKER / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
DASHBOARD: dict[str, Any] = json.loads((DOCKER / "grafana/idp-overview.json").read_text(encoding="utf-8"))
OPERATIONS = (DOCKER.parent / "docs/operations.md").read_text(encoding="utf-8")

EVERY_RULE = [rule for group in RULES["groups"] for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in EVERY_RULE if "alert" in rule}
RECORDED = {rule["record"] for rule in EVERY_RULE if "record" in rule}
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
SHOWN = [target["expr"] for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = [*(rule["expr"] for rule in EVERY_RULE), *SHOWN, DASHBOARD["annotations"]["list"][0]["expr"]]

# What Prometheus says of itself, and the blackbox exporter of the way from outside.
OF_OTHERS = {"up", "ALERTS", "probe_success", "probe_ssl_earliest_cert_expiry"}
OF_TARGETS = {"instance", "job"}


def family_of(name: str) -> str:
    stem = re.sub(r"_(bucket|count|sum)$", "", name)
    return stem if isinstance(BY_NAME.get(stem), Histogram) else name


@pytest.mark.parametrize("expression", EXPRESSIONS)
async def test_every_number_is_one_that_the_provider_tells(expression: str) -> None:
    told = {
        line.split()[2] for line in (await Exposition(Metrics())()).decode().splitlines() if line.startswith("# TYPE ")
    }
    assert is_balanced(expression)
    assert metrics(expression)
    assert {family_of(name) for name in metrics(expression)} - told - RECORDED - OF_OTHERS == set()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_label_is_one_that_the_number_has(expression: str) -> None:
    for matcher in matchers(expression):
        if matcher.metric in OF_OTHERS:
            continue
        family = BY_NAME[family_of(matcher.metric)]
        known = {*family.labels, *OF_TARGETS, *({"le"} if isinstance(family, Histogram) else ())}
        assert matcher.label in known, matcher
    of_all = {
        label for name in metrics(expression) if family_of(name) in BY_NAME for label in BY_NAME[family_of(name)].labels
    }
    assert groupings(expression) <= {*of_all, *OF_TARGETS, "le"}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_bound_is_one_of_the_histogram_s_buckets(expression: str) -> None:
    for matcher in matchers(expression):
        if matcher.label == "le":
            family = BY_NAME[family_of(matcher.metric)]
            assert isinstance(family, Histogram)
            assert matcher.value in {str(bound) for bound in family.buckets}


def test_tasks_and_routes_are_called_as_the_code_calls_them() -> None:
    idp = DOCKER.parent / "idp"
    jobs = (idp / "jobs.py").read_text(encoding="utf-8")
    routes = "".join(
        (idp / path).read_text(encoding="utf-8") for path in ("app.py", "web/oauth.py", "web/edge/health.py")
    )
    for matcher in (matcher for expression in EXPRESSIONS for matcher in matchers(expression)):
        if matcher.label == "task":
            assert f'"{matcher.value}"' in jobs
        if matcher.label == "route":
            assert [each for each in matcher.value.split("|") if f'"{each}"' not in routes] == []


@pytest.mark.parametrize("name", list(ALERTS))
def test_an_alert_says_how_bad_it_is_and_where_to_read_on(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["for"]
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["runbook_url"] == f"docs/operations.md#{name.lower()}"


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    assert set(re.findall(r"^### (\w+)$", OPERATIONS, flags=re.MULTILINE)) == set(ALERTS)


@pytest.mark.parametrize("name", list(ALERTS))
def test_a_section_says_what_it_means_for_people(name: str) -> None:
    section = OPERATIONS.partition(f"\n### {name}\n")[2].partition("\n#")[0]
    assert section.strip().startswith("**People**")
    assert len(section) > 80


def test_links_inside_the_page_lead_to_a_heading() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^##+ (.+)$", OPERATIONS, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", OPERATIONS)) - headings == set()


def test_every_alert_is_tried_with_numbers_that_raise_it() -> None:
    raised = {
        trial["alertname"] for test in TRIALS["tests"] for trial in test["alert_rule_test"] if trial["exp_alerts"]
    }
    assert raised == set(ALERTS)
    assert TRIALS["rule_files"] == ["alerts.yml"]


def test_numbers_named_in_the_page_are_told() -> None:
    named = set(re.findall(r"`((?:idp|process)_[a-z0-9_]+)", OPERATIONS))
    assert {name for name in named if family_of(name) not in BY_NAME} == set()
    assert set(re.findall(r"`(idp:[a-z_0-9:]+\w)`", OPERATIONS)) - RECORDED == set()


def test_prometheus_asks_every_node_and_the_proxy_of_the_cluster() -> None:
    assert SCRAPING["rule_files"] == ["alerts.yml"]
    targets = {
        job["job_name"]: [target for group in job["static_configs"] for target in group["targets"]]
        for job in SCRAPING["scrape_configs"]
    }
    services = compose()["services"]
    assert targets["idp"] == [f"{name}:8000" for name in services if name.startswith("node-")]
    assert targets["haproxy"] == ["proxy:8404"]
    assert services["proxy"]["environment"]["PROXY_STATISTICS"].endswith(":8404")
    jobs = {matcher.value for expression in EXPRESSIONS for matcher in matchers(expression) if matcher.label == "job"}
    assert jobs <= set(targets)


def test_panels_have_a_title_a_place_and_a_source() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in PANELS:
        assert panel["title"]
        assert panel["targets"]
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
        assert 0 <= panel["gridPos"]["x"] <= 24 - panel["gridPos"]["w"]
    for one, other in combinations([panel["gridPos"] for panel in DASHBOARD["panels"]], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below


def test_the_dashboard_shows_every_number_that_an_alert_looks_at() -> None:
    shown = {family_of(name) for expression in SHOWN for name in metrics(expression)}
    alerted = {family_of(name) for alert in ALERTS.values() for name in metrics(alert["expr"])}
    recorded = {rule["record"]: metrics(rule["expr"]) for rule in EVERY_RULE if "record" in rule}
    alerted = {family_of(each) for name in alerted for each in recorded.get(name, {name})}
    assert alerted - shown - OF_OTHERS == set()
