"""What an examination says of one thing."""

from enum import StrEnum

from idp.domain.values import dataclass


class Level(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    check: str
    level: Level
    says: str
    remedy: str = ""


def well(check: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Level.OK, says)


def warning(check: str, says: str, remedy: str) -> Finding:
    """It works, and will not for ever."""
    return Finding(check, Level.WARN, says, remedy)


def failure(check: str, says: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, Level.FAIL, says, remedy)
