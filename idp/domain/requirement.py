"""What a request asks of a person's authentication, and whether a session meets it."""

from collections.abc import Iterable
from dataclasses import dataclass

from idp.domain.assurance import Level, Proof, authentication_time, level_of
from idp.domain.ids import Seconds


@dataclass(frozen=True, slots=True)
class Requirement:
    """`level` to be reached; `fresh_since`: proofs older than this moment do not count (`prompt=login`, `max_age`)."""

    level: Level = Level.ONE
    fresh_since: Seconds | None = None

    def is_met_by(self, proofs: Iterable[Proof]) -> bool:
        """Whether `proofs` reach the level, every counted one of them fresh enough."""
        done = tuple(proofs)
        if not done or level_of(done) < self.level:
            return False
        return self.fresh_since is None or authentication_time(done) >= self.fresh_since
