"""Schemathesis against a real provider: the JSON interfaces answer as they are described, whatever they are sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.target import RECORDS, SECRET, Target, prepare
from tests.relying_party import basic
from tests.server import ProviderProcess, provider_process

__all__ = ["provider_process"]

PROTOCOL = Path(__file__).parents[2] / "docs/openapi/protocol.yaml"
CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_headers_conformance, response_schema_conformance),
]
EXAMPLES = 25
"""Of each operation, by somebody known and by somebody unknown."""

DESCRIPTION: dict[str, Any] = yaml.safe_load(PROTOCOL.read_text(encoding="utf-8"))
OPERATIONS = [(method, path) for path, operations in DESCRIPTION["paths"].items() for method in operations]


@schemathesis.serializer("application/secevent+jwt")
def one_token(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A Security Event Token is the whole body."""
    return str(value).encode()


@pytest.fixture(scope="module")
def target(provider_process: Callable[..., ProviderProcess]) -> Target:
    provider = provider_process()
    provider.load(RECORDS)
    provider.start()
    return prepare(provider)


def credentials(target: Target, path: str, method: str) -> dict[str, str]:
    """What an operation wants to be shown."""
    if "client" in str(DESCRIPTION["paths"][path][method].get("security")):
        return {"authorization": basic(("confidential", SECRET))}
    managing = "initial_access_token" if method == "post" else "registration_access_token"
    token = managing if path == "/register" else "access_token"
    return {"authorization": f"Bearer {target.tokens[token]}"}


def examine(operation: Any, url: str, headers: dict[str, str]) -> None:
    """Ask one operation as hypothesis thinks of it, and hold every answer against its description."""

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        response = case.call(base_url=url, headers=headers)
        case.validate_response(response, checks=CHECKS)

    ask()


@pytest.mark.parametrize("known", [False, True], ids=["unknown", "known"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_the_protocol_answers_as_described(target: Target, method: str, path: str, known: bool) -> None:
    schema = schemathesis.openapi.from_path(PROTOCOL)

    examine(schema[path][method.upper()], target.provider.url, credentials(target, path, method) if known else {})


def test_every_endpoint_of_the_metadata_for_machines_is_described(target: Target) -> None:
    pages = {"op_policy_uri", "op_tos_uri"}
    for_browsers = {"authorization_endpoint", "end_session_endpoint", "check_session_iframe", *pages}
    named = {
        str(place).removeprefix(target.provider.url)
        for name, place in target.metadata.items()
        if name.endswith(("_endpoint", "_uri")) and name not in for_browsers
    }

    assert sorted(named - DESCRIPTION["paths"].keys()) == []


def test_the_interfaces_of_administration_answer_as_described(target: Target) -> None:
    document = httpx.get(f"{target.provider.url}/api/openapi.json").json()
    assert document["openapi"].startswith("3.")
    schema = schemathesis.openapi.from_dict(document)

    for path, operations in document["paths"].items():
        for method in operations:
            examine(schema[path][method.upper()], target.provider.url, {})
