"""Steps of the protocol and of journeys as spans: `TokenEndpoint`, `PasswordStep.submit`."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, Final

from opentelemetry.trace import Span, StatusCode, Tracer, get_current_span, use_span

_CORE: Final = ("idp.protocol.", "idp.journeys.", "idp.domain.")


class WatchedStep:
    """Stands for a step: its coroutine methods are noted, everything else is the step's own."""

    def __init__(self, step: object, tracer: Tracer) -> None:
        self._step = step
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the step has
        attribute = getattr(self._step, name)
        if iscoroutinefunction(attribute):
            attribute = self._noted(attribute, f"{type(self._step).__name__}.{name}")
        # Found by itself from now on.
        self.__dict__[name] = attribute
        return attribute

    async def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- as the step has them
        return await self._called(*arguments, **named)

    @property
    def _called(self) -> Callable[..., Awaitable[Any]]:
        called = self._noted(self._step.__call__, type(self._step).__name__)  # type: ignore[operator] # only endpoints are called
        self.__dict__["_called"] = called
        return called

    def _noted(self, method: Callable[..., Awaitable[Any]], name: str) -> Callable[..., Awaitable[Any]]:
        tracer, attributes = self._tracer, {"code.function.name": f"{type(self._step).__module__}.{name}"}

        async def noted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- as the method has them
            if not get_current_span().is_recording():
                return await method(*arguments, **named)
            span = tracer.start_span(name, attributes=attributes)
            with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
                try:
                    return await method(*arguments, **named)
                except Exception as failure:
                    note_failure(span, failure)
                    raise

        return noted


def note_failure(span: Span, failure: Exception) -> None:
    """Note the type of a failure, never its message. What the core refuses is an outcome, no fault."""
    kind = type(failure)
    span.set_attribute("error.type", kind.__qualname__)
    if not kind.__module__.startswith(_CORE):
        span.set_status(StatusCode.ERROR)
