"""Assurance that ages: what of an identity record may still be asserted at a moment, and when the next thing ends.

A proof counts until the end that is recorded with it, and at most for as long as its source counts by the rules in
force at that moment. What an operator's file told without facts has no age and does not end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from idp.domain.country_time import day_of, end_of
from idp.domain.ids import Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard, IdentityRecord
from idp.domain.values import dataclass

_DAY: Final = 24 * 3600
_YEAR: Final = 365 * _DAY + _DAY // 4
_CARD_LEVEL: Final = 2

LEVEL: Final = "level"
CARD: Final = "card"
"""Names of ends that are no claim's."""

_WHAT_A_LEVEL_STANDS_ON: Final = frozenset({LEVEL, CARD})

CORE: Final = frozenset({"name", "birthdate", "personal_number"})
"""Without these nobody is identified: once one of them is not verified any more, no level holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingRules:
    """How long proofs count, from a day on. `lasts` is by source, in seconds; other sources count for `others`.

    `notice` is for how many seconds ahead a person is told that something ends.
    """

    effective_from: date
    lasts: Mapping[str, int]
    others: int
    notice: int


AGEING_RULES: Final = (
    AgeingRules(
        effective_from=date(2024, 7, 1),
        lasts=MappingProxyType({POPULATION_REGISTER: 5 * _YEAR}),
        others=10 * _YEAR,
        notice=30 * _DAY,
    ),
)
"""Every version, the oldest first; the first one counts for whatever was before it (Decree 69/2024; the terms ours)."""


def rules_at(moment: int, versions: tuple[AgeingRules, ...] = AGEING_RULES) -> AgeingRules:
    """Return the rules in force at a moment."""
    if len(versions) == 1:
        return versions[0]
    today = day_of(moment)
    return next((each for each in reversed(versions) if each.effective_from <= today), versions[0])


@dataclass(frozen=True, slots=True)
class Proof:
    """The parts of an identity record that age."""

    identity_level: int
    level_expires_at: Seconds | None = None
    attributes: Mapping[str, AttributeFacts] = field(default_factory=dict)
    card: IdentityCard | None = None


def proof_of(record: IdentityRecord) -> Proof:
    """Return the parts of a record that age."""
    return Proof(record.identity_level, record.level_expires_at, record.attributes, record.card)


@dataclass(frozen=True, slots=True)
class End:
    """Something ends: a claim, `LEVEL` or `CARD`. At `at` it does not count any more."""

    at: Seconds
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be asserted: the identity level, and every claim as verified but those whose proof `ended`.

    `next_end` is the first moment after which less may be, None when nothing ends.
    """

    identity_level: int
    ended: frozenset[str] = frozenset()
    next_end: Seconds | None = None


def card_ends_at(card: IdentityCard | None) -> Seconds | None:
    """Return the moment from which a card is not valid any more; None without an end, or one that can be read."""
    return None if card is None or card.expires is None else _end_of_day(card.expires)


def ends_of(proof: Proof, rules: AgeingRules) -> tuple[End, ...]:
    """Return everything of a proof that ends, past and to come, the earliest first."""
    return tuple(sorted((End(at, name) for name, at in _ends(proof, rules)), key=lambda end: (end.at, end.name)))


def standing(proof: Proof, moment: int, versions: tuple[AgeingRules, ...] = AGEING_RULES) -> Standing:
    """Return what may be asserted of somebody at a moment."""
    if not proof.attributes and proof.level_expires_at is None and proof.card is None:
        return Standing(proof.identity_level)
    over, next_end = set[str](), None
    for name, at in _ends(proof, rules_at(moment, versions)):
        if at <= moment:
            over.add(name)
        elif next_end is None or at < next_end:
            next_end = at
    if not over:
        return Standing(proof.identity_level, next_end=next_end)
    level = proof.identity_level
    if over & CORE:
        level = 0
    elif over & _WHAT_A_LEVEL_STANDS_ON:
        # The card is what the higher level stands on; what the register matched is a proof of its own.
        level = min(level, _CARD_LEVEL - 1)
    return Standing(level, frozenset(over - _WHAT_A_LEVEL_STANDS_ON), next_end)


def asserted(proof: Proof, moment: int, versions: tuple[AgeingRules, ...] = AGEING_RULES) -> tuple[int, frozenset[str]]:
    """Return the identity level of a moment, and the claims that it does not verify any more."""
    stands = standing(proof, moment, versions)
    return stands.identity_level, stands.ended if stands.identity_level else frozenset()


def fell_at(proof: Proof, moment: int, versions: tuple[AgeingRules, ...] = AGEING_RULES) -> Seconds | None:
    """Return the last moment until then from which less is asserted than before, None when nothing ended."""
    stands = standing(proof, moment, versions)
    if not stands.ended and stands.identity_level == proof.identity_level:
        return None
    passed = (end.at for end in reversed(ends_of(proof, rules_at(moment, versions))) if end.at <= moment)
    return next((at for at in passed if asserted(proof, at, versions) != asserted(proof, at - 1, versions)), None)


def level_at(record: IdentityRecord, moment: int) -> int:
    """Return the identity level that holds at a moment, which the one on record may not do any more."""
    return standing(proof_of(record), moment).identity_level


def level_ends_at(proof: Proof, moment: int, versions: tuple[AgeingRules, ...] = AGEING_RULES) -> Seconds | None:
    """Return when the identity level of a moment will be lower, None when that is not known."""
    level = standing(proof, moment, versions).identity_level
    names = CORE if level < _CARD_LEVEL else CORE | _WHAT_A_LEVEL_STANDS_ON
    rules = rules_at(moment, versions)
    return min((at for name, at in _ends(proof, rules) if level and name in names and at > moment), default=None)


def _ends(proof: Proof, rules: AgeingRules) -> Iterator[tuple[str, Seconds]]:
    lasts, others = rules.lasts, rules.others
    for name, facts in proof.attributes.items():
        counts_until = facts.verified_at + lasts.get(facts.source, others)
        known = facts.expires_at
        yield name, Seconds(counts_until) if known is None or counts_until < known else known
    if proof.identity_level and proof.level_expires_at is not None:
        yield LEVEL, proof.level_expires_at
    card = card_ends_at(proof.card)
    if card is not None:
        yield CARD, card


@lru_cache(4096)
def _end_of_day(text: str) -> Seconds | None:
    try:
        return end_of(date.fromisoformat(text))
    except ValueError:
        return None
