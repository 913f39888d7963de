"""Authentication levels (`acr`): how strongly the person proved to be himself or herself in this sign-in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LEVELS = {"urn:vn:loa:1": 1, "urn:vn:loa:2": 2, "urn:vn:loa:3": 3, "urn:vn:loa:4": 4}

UNMET = "insufficient_user_authentication"
_PARAMETER = re.compile(r'([a-z_]+)="([^"]*)"')
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class StepUp:
    """What an action demands of the sign-in behind it."""

    acr: str
    max_age: int  # seconds since the person proved it
    details: str = ""  # what the person has to approve with it (RFC 9396), a JSON array; empty: nothing in particular

    def is_met(self, *, acr: str | None, auth_time: int | None, now: int, leeway: int = 0) -> bool:
        """Tell whether a sign-in at `auth_time` with `acr` is strong and recent enough."""
        if acr is None or auth_time is None:
            return False
        return LEVELS.get(acr, 0) >= LEVELS[self.acr] and now - auth_time <= self.max_age + leeway


def step_up_challenge(demand: StepUp) -> str:
    """Return the parameters by which an API asks for more (RFC 9470 §3)."""
    return f'error="{UNMET}", acr_values="{demand.acr}", max_age="{demand.max_age}"'


def demanded_step_up(challenges: Sequence[str]) -> StepUp | None:
    """Return what the answer of an API asks for; None when it asks for nothing of the kind, or for an unknown level."""
    for challenge in challenges:
        told = dict(_PARAMETER.findall(challenge))
        # The values are those of the request parameters: several levels are several words, any of which will do.
        levels = [level for level in told.get("acr_values", "").split() if level in LEVELS]
        if told.get("error") == UNMET and levels and _SECONDS.fullmatch(told.get("max_age", "0")):
            return StepUp(min(levels, key=LEVELS.__getitem__), int(told.get("max_age", "0")))
    return None
