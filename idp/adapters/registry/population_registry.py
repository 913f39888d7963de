"""The population register over HTTP: one POST for a person, so that no number stands in an address or a log."""

from typing import Any, Final

import msgspec

from idp.adapters.registry.service_calls import ServiceCalls, ServiceSilentError
from idp.domain.people.register_entry import RegisterEntry
from idp.ports.population_registry import RegistryUnavailableError

FIND: Final = "/people/find"


class _Found(msgspec.Struct, frozen=True):
    """The answer: a person, or null."""

    person: RegisterEntry | None


class HttpPopulationRegistry:
    """Implements `PopulationRegistry` on the service at `url`."""

    def __init__(self, url: str, calls: ServiceCalls) -> None:
        self._url = f"{url}{FIND}"
        self._calls = calls

    async def find(self, personal_number: str) -> RegisterEntry | None:
        try:
            answer = await self._calls.read(self._url, {"personal_number": personal_number})
        except ServiceSilentError as silent:
            raise RegistryUnavailableError(silent.retry_after) from silent
        return _entry(answer)


def _entry(answer: Any) -> RegisterEntry | None:  # noqa: ANN401 - whatever the service sent
    try:
        return msgspec.convert(answer, _Found).person
    except msgspec.ValidationError as error:
        raise RegistryUnavailableError from error
