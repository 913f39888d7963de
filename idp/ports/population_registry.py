"""The national population register, asked about one person at a time."""

from typing import Protocol

from idp.domain.people.register_entry import RegisterEntry


class PopulationRegistry(Protocol):
    """Looks people up; changes nothing there."""

    async def find(self, personal_number: str) -> RegisterEntry | None:
        """What the register says of whoever has this number now; None when nobody has.

        Raises `RegistryUnavailableError`.
        """
        ...


class RegistryUnavailableError(Exception):
    """The register did not answer, or not in its form: nothing can be said. Ask again in `retry_after` seconds."""

    def __init__(self, retry_after: int = 30) -> None:
        super().__init__("the population register does not answer")
        self.retry_after = retry_after
