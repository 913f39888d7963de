"""Time that passes when a test says so, and identifiers that count."""

from idp.domain.ids import Seconds

START = 1_800_000_000


class TurnedClock:
    """A clock that stands until a test turns it."""

    def __init__(self) -> None:
        self.seconds = START

    def now(self) -> Seconds:
        return Seconds(self.seconds)

    def milliseconds(self) -> int:
        return self.seconds * 1000


class CountedEntropy:
    """Identifiers in order."""

    def __init__(self) -> None:
        self._count = 0

    def token(self, size: int = 32) -> str:
        return self.identifier()

    def identifier(self) -> str:
        self._count += 1
        return f"{self._count:032x}"

    def digits(self, length: int) -> str:
        return "1" * length
