"""Which sign-in is enough for what: one policy, frozen and dated, and one resolver.

Source: `Step-up defaults` of the administration (version 1, below); levels of Decree 69/2024. A policy is never edited:
a change is a new version with a date from which it counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from functools import reduce
from types import MappingProxyType
from typing import Final

from idp.domain.accounts.account import AccountKind
from idp.domain.grants.detail_outline import DetailOutline
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, Reach, Resistance
from idp.domain.levels.requirement import Requirement
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class LevelMapping:
    """What one level is called elsewhere, by rank only: none of these schemes recognises another's by itself.

    `decree` is the rule of Decree 69/2024 in Vietnamese.
    """

    level: Level
    decree: str
    iso_29115: str
    eidas: str
    nist_800_63_4: str


LEVELS: Final = (
    LevelMapping(Level.ONE, "Một yếu tố xác thực, không phải sinh trắc học", "LoA1", "low", "AAL1"),
    LevelMapping(Level.TWO, "Hai yếu tố xác thực khác nhau, không có sinh trắc học", "LoA2", "substantial", "AAL2"),
    LevelMapping(
        Level.THREE, "Từ hai yếu tố xác thực khác nhau, trong đó có một yếu tố sinh trắc học", "LoA3", "high", "AAL3"
    ),
    LevelMapping(
        Level.FOUR,
        "Ít nhất một yếu tố sinh trắc học, một yếu tố sở hữu và một yếu tố hiểu biết",
        "LoA4",
        "high",
        "AAL3",
    ),
)


class Act(StrEnum):
    """What somebody does on the provider's own pages."""

    DELEGATE = "delegate"
    """Give somebody else power to act."""
    ADMINISTER = "administer"
    """Enter the administrators' console."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule asks. Where it cannot be proved, a request is refused.

    Not so `where_possible`: then the level counts as far as this installation's methods reach
    (`AssurancePolicy.within`), and resistance is asked of whoever has enrolled a method that proves it.
    """

    level: Level = Level.ONE
    fresh_within: int | None = None
    resistance: Resistance = Resistance.NONE
    where_possible: bool = False

    def requirement(self) -> Requirement:
        """Return what has to be proved."""
        if not self.where_possible:
            return Requirement(self.level, self.fresh_within, self.resistance)
        return Requirement(self.level, self.fresh_within, wished=self.resistance)

    def within(self, reach: Reach) -> "Rule":
        """Return the rule as far as it can be carried out."""
        return replace(self, level=min(self.level, reach.level)) if self.where_possible else self


@dataclass(frozen=True, slots=True)
class DetailRule:
    """A rule for authorization details of one type: with `action` (any when empty), from an `amount` of money on.

    The amount is that of all payments of a request together (`outlines_of`).
    """

    type: str
    rule: Rule
    action: str = ""
    currency: str = ""
    amount: int = 0

    def applies_to(self, detail: DetailOutline) -> bool:
        """Return whether a detail falls under it; an amount in another currency cannot be compared, and does."""
        if detail.type != self.type or (self.action and self.action not in detail.actions):
            return False
        return not self.amount or detail.currency != self.currency or detail.amount >= self.amount


@dataclass(frozen=True, slots=True)
class Asked:
    """What a service asks for, as far as it decides how much has to be proved.

    `minimum` is registered with the client, `level` and `resistance` are what the request itself asks (`acr`).
    """

    client_id: str
    minimum: Level = Level.ONE
    scopes: tuple[str, ...] = ()
    details: tuple[DetailOutline, ...] = ()
    level: Level = Level.ONE
    resistance: Resistance = Resistance.NONE


@dataclass(frozen=True, slots=True)
class AssurancePolicy:
    """One version. It counts from `effective_from` on, until a later version's date has come.

    Rules stand by kind of account, client, scope, type of authorization detail, and act on the provider's own pages.
    """

    version: int
    effective_from: Seconds
    accounts: Mapping[AccountKind, Rule] = field(default_factory=dict)
    clients: Mapping[str, Rule] = field(default_factory=dict)
    scopes: Mapping[str, Rule] = field(default_factory=dict)
    details: tuple[DetailRule, ...] = ()
    acts: Mapping[Act, Rule] = field(default_factory=dict)
    levels: tuple[LevelMapping, ...] = LEVELS

    def within(self, reach: Reach) -> "AssurancePolicy":
        """Return the policy as an installation whose methods reach so far carries it out."""
        return replace(
            self,
            accounts={kind: rule.within(reach) for kind, rule in self.accounts.items()},
            clients={client_id: rule.within(reach) for client_id, rule in self.clients.items()},
            scopes={scope: rule.within(reach) for scope, rule in self.scopes.items()},
            details=tuple(replace(each, rule=each.rule.within(reach)) for each in self.details),
            acts={act: rule.within(reach) for act, rule in self.acts.items()},
        )

    def of_kind(self, kind: AccountKind) -> Requirement:
        """Return what every sign-in of such an account has to prove."""
        return _required(self.accounts.get(kind))

    def of_act(self, act: Act, kind: AccountKind) -> Requirement:
        """Return what has to be proved before an act on the provider's own pages."""
        return _required(self.acts.get(act)).joined(self.of_kind(kind))


def resolve(policy: AssurancePolicy, asked: Asked, kind: AccountKind | None = None) -> Requirement:
    """Return what has to be proved: everything that applies together, the strictest of each.

    Who signs in is not known at first (`kind` None); `policy.of_kind`, joined later, makes the same of it.
    """
    return reduce(Requirement.joined, _applying(policy, asked, kind), Requirement(asked.level, None, asked.resistance))


def _applying(policy: AssurancePolicy, asked: Asked, kind: AccountKind | None) -> Iterable[Requirement]:
    yield Requirement(asked.minimum)
    if kind is not None:
        yield policy.of_kind(kind)
    if asked.client_id in policy.clients:
        yield policy.clients[asked.client_id].requirement()
    for scope in asked.scopes:
        if scope in policy.scopes:
            yield policy.scopes[scope].requirement()
    for detail in asked.details:
        for each in policy.details:
            if each.applies_to(detail):
                yield each.rule.requirement()


def _required(rule: Rule | None) -> Requirement:
    return Requirement() if rule is None else rule.requirement()


FIVE_MINUTES: Final = 300

FIRST_POLICY: Final = AssurancePolicy(
    version=1,
    effective_from=Seconds(0),
    accounts=MappingProxyType(
        {AccountKind.OFFICER: Rule(Level.TWO, resistance=Resistance.PHISHING_RESISTANT, where_possible=True)}
    ),
    scopes=MappingProxyType({"dossier.write": Rule(Level.TWO)}),
    details=(
        DetailRule("dossier_access", Rule(Level.TWO), action="write"),
        DetailRule("payment_initiation", Rule(Level.THREE, FIVE_MINUTES), currency="VND", amount=10_000_000),
    ),
    acts=MappingProxyType(
        {
            Act.DELEGATE: Rule(Level.THREE, FIVE_MINUTES, where_possible=True),
            Act.ADMINISTER: Rule(Level.TWO, resistance=Resistance.HARDWARE_PROTECTED, where_possible=True),
        }
    ),
)
"""What every installation begins with. Ten million dong is where the State Bank asks for a biometric factor (Decision
2345/QĐ-NHNN of 2023)."""


@dataclass(frozen=True, slots=True)
class RecordedPolicy:
    """A version and when it was recorded: nothing counted before it was there, whatever date it has."""

    policy: AssurancePolicy
    recorded_at: Seconds

    @property
    def counts_from(self) -> Seconds:
        """When it began or begins to count."""
        return max(self.policy.effective_from, self.recorded_at)


def in_force(recorded: Iterable[RecordedPolicy], now: Seconds) -> AssurancePolicy:
    """Return the newest version whose time has come: one that a newer one overtook never counts."""
    come = [each.policy for each in recorded if each.counts_from <= now]
    return max((FIRST_POLICY, *come), key=lambda policy: policy.version)
