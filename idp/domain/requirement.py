"""What a request asks of a person's authentication, and whether a session meets it."""

from collections.abc import Iterable
from dataclasses import dataclass

from idp.domain.assurance import Level, Proof, level_of


@dataclass(frozen=True, slots=True)
class Requirement:
    """`level` to be reached. How fresh it has to be is asked before (`prompt=login`, `max_age`)."""

    level: Level = Level.ONE

    def is_met_by(self, proofs: Iterable[Proof]) -> bool:
        """Whether `proofs` reach the level; none at all never do."""
        reached = level_of(proofs)
        return reached is not Level.NONE and reached >= self.level
