"""Authentication levels (`acr`): how strongly the person proved to be himself or herself in this sign-in."""

from dataclasses import dataclass

LEVELS = {"urn:vn:loa:1": 1, "urn:vn:loa:2": 2, "urn:vn:loa:3": 3, "urn:vn:loa:4": 4}


@dataclass(frozen=True, slots=True)
class StepUp:
    """What an action demands of the sign-in behind it."""

    acr: str
    max_age: int  # seconds since the person proved it

    def is_met(self, *, acr: str | None, auth_time: int | None, now: int, leeway: int = 0) -> bool:
        """Tell whether a sign-in at `auth_time` with `acr` is strong and recent enough."""
        if acr is None or auth_time is None:
            return False
        return LEVELS.get(acr, 0) >= LEVELS[self.acr] and now - auth_time <= self.max_age + leeway
