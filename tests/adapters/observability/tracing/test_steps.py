from collections.abc import Awaitable, Callable

import pytest
from opentelemetry.trace import StatusCode

from idp.protocol.errors import InvalidGrantError
from tests.adapters.observability.tracing.memory import Noted


class Step:
    """Something that a request goes through."""

    limit = 3

    async def submit(self, value: str, *, twice: bool = False) -> str:
        return value * 2 if twice else value

    async def __call__(self, value: str) -> str:
        return value

    async def refuse(self) -> None:
        raise InvalidGrantError(reason="001099000001")

    async def fail(self) -> None:
        raise ValueError("001099000001")

    def plain(self) -> str:
        return "plain"


async def test_calls_are_spans_below_that_of_the_request() -> None:
    noted = Noted()
    step = noted.traces.watch(Step())
    request = noted.traces.begin(None)
    assert await step.submit("a", twice=True) == "aa"
    assert await step("b") == "b"
    request.end("POST token", {}, failed=False)
    below = [span for span in noted.spans() if span.parent]
    assert [span.name for span in below] == ["Step.submit", "Step"]
    (top,) = [span for span in noted.spans() if not span.parent]
    assert {span.parent.span_id for span in below if span.parent} == {top.context.span_id if top.context else 0}


async def test_what_is_no_coroutine_is_the_steps_own() -> None:
    noted = Noted()
    step = noted.traces.watch(Step())
    assert (step.plain(), step.limit) == ("plain", 3)
    with pytest.raises(AttributeError):
        step.nothing  # type: ignore[attr-defined] # noqa: B018 -- it is not there
    assert noted.names() == []


@pytest.mark.parametrize(("call", "kind", "status"), [
    (Step.refuse, "InvalidGrantError", StatusCode.UNSET), (Step.fail, "ValueError", StatusCode.ERROR),
])  # fmt: skip
async def test_a_refusal_is_an_outcome_and_a_failure_a_fault_without_its_message(
    call: Callable[[Step], Awaitable[None]], kind: str, status: StatusCode
) -> None:
    noted = Noted()
    step = noted.traces.watch(Step())
    request = noted.traces.begin(None)
    with pytest.raises((InvalidGrantError, ValueError)):
        await getattr(step, call.__name__)()
    request.end("POST token", {}, failed=False)
    span = noted.spans()[0]
    assert (span.attributes or {})["error.type"] == kind
    assert span.status.status_code is status
    assert "001099000001" not in span.to_json()


async def test_outside_of_a_traced_request_nothing_is_noted() -> None:
    noted, unsampled = Noted(), Noted(sampled=False)
    for each in (noted, unsampled):
        step = each.traces.watch(Step())
        assert await step.submit("a") == "a"
    request = unsampled.traces.begin(None)
    assert await unsampled.traces.watch(Step()).submit("a") == "a"
    request.end("POST token", {}, failed=False)
    assert noted.names() == unsampled.names() == []
