"""The types of authorization details (RFC 9396 section 2.1) that this provider knows: for each, what it may hold.

A member of a type is a `Text`, a `Choices` list or a group of members. Nothing else may stand in a detail, so whoever
is asked to agree sees everything there is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Final

from idp.domain.grants.currencies import minor_units
from idp.domain.invisible_characters import has_invisible
from idp.domain.values import dataclass


class DetailError(ValueError):
    """A detail that is not as its type says; the message names the member, never its value."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of at most `longest` characters, each of which is seen, of the form of `pattern` if there is one."""

    longest: int
    pattern: str = ""

    def check(self, name: str, value: object) -> None:
        """Raise `DetailError` unless `value` is such a text."""
        if not isinstance(value, str) or not 0 < len(value) <= self.longest or not value.isprintable():
            raise DetailError(f"{name} is not a short text")
        # Whoever agrees to a payment goes by what is seen of it.
        if has_invisible(value) or value.isspace():
            raise DetailError(f"{name} holds what nobody sees")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise DetailError(f"{name} is malformed")


@dataclass(frozen=True, slots=True)
class Choices:
    """A list of different words, at least one, all `among` those known; a smaller list asks for less."""

    among: frozenset[str]

    def check(self, name: str, value: object) -> None:
        """Raise `DetailError` unless `value` is such a list."""
        if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
            raise DetailError(f"{name} is not a list of words")
        if len(set(value)) != len(value) or not self.among.issuperset(value):
            raise DetailError(f"{name} has an unknown or repeated word")


def _any_values(_: str, __: Mapping[str, Any]) -> None:
    """The rule of most groups: none."""


@dataclass(frozen=True, slots=True)
class Group:
    """Members by name, of which some are required.

    `agree` raises `DetailError` where members that are good by themselves do not fit together.
    """

    members: "Mapping[str, Text | Choices | Group]"
    required: frozenset[str] = field(default=frozenset())
    agree: Callable[[str, Mapping[str, Any]], None] = _any_values

    def check(self, name: str, value: object) -> None:
        """Raise `DetailError` unless `value` is an object of these members."""
        if not isinstance(value, dict):
            raise DetailError(f"{name} is not an object")
        if unknown := value.keys() - self.members.keys():
            raise DetailError(f"{name} has {len(unknown)} unknown members")
        if missing := sorted(self.required - value.keys()):
            raise DetailError(f"{name} lacks {missing[0]}")
        for member, content in value.items():
            self.members[member].check(member, content)
        self.agree(name, value)


@dataclass(frozen=True, slots=True)
class DetailType:
    """One type.

    `always_asked`: the person decides on every single one, whatever basis in law its client has, and one decision makes
    one token: none that is refreshed.
    """

    name: str
    content: Group
    always_asked: bool

    @property
    def actions(self) -> frozenset[str]:
        """What can be asked to be done with it."""
        actions = self.content.members.get("actions")
        return actions.among if isinstance(actions, Choices) else frozenset()

    def check(self, detail: Mapping[str, Any]) -> None:
        """Raise `DetailError` unless `detail` is as the type says."""
        self.content.check(self.name, {member: value for member, value in detail.items() if member != "type"})

    def covers(self, granted: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
        """Whether `asked`, a checked detail of this type, goes no further than `granted`."""
        return granted["type"] == asked["type"] and _covers(
            self.content,
            {name: value for name, value in granted.items() if name != "type"},
            {name: value for name, value in asked.items() if name != "type"},
        )


def _covers(group: Group, granted: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    # A member that was granted and is not asked for would widen the rest; one that is new narrows nothing we know.
    if granted.keys() != asked.keys():
        return False
    for name, value in asked.items():
        match group.members[name]:
            case Choices():
                if not set(value) <= set(granted[name]):
                    return False
            case Group() as inner:
                if not _covers(inner, granted[name], value):
                    return False
            case Text():
                if value != granted[name]:
                    return False
    return True


def _check_decimals(name: str, money: Mapping[str, Any]) -> None:
    """Raise `DetailError` for a part of the smallest unit: nobody can pay it, and nobody reads it as it is meant."""
    _, _, decimals = money["amount"].partition(".")
    if len(decimals) > minor_units(money["currency"]):
        raise DetailError(f"{name} has more decimals than its currency")


PAYMENT_INITIATION: Final = DetailType(
    name="payment_initiation",
    content=Group(
        members={
            "actions": Choices(frozenset({"initiate", "status", "cancel"})),
            "instructedAmount": Group(
                {"currency": Text(3, "[A-Z]{3}"), "amount": Text(18, r"(0|[1-9][0-9]*)(\.[0-9]{1,3})?")},
                frozenset({"currency", "amount"}),
                _check_decimals,
            ),
            "creditorName": Text(140),
            "creditorAccount": Group(
                {"bank": Text(70), "accountNumber": Text(34, "[A-Za-z0-9]+")}, frozenset({"bank", "accountNumber"})
            ),
            "remittanceInformation": Text(140),
        },
        required=frozenset({"actions", "instructedAmount", "creditorName", "creditorAccount"}),
    ),
    always_asked=True,
)
"""One payment: how much, to whom."""

DOSSIER_ACCESS: Final = DetailType(
    name="dossier_access",
    content=Group(
        members={
            "actions": Choices(frozenset({"read", "write"})),
            "identifier": Text(64, r"[A-Za-z0-9][A-Za-z0-9./-]*"),
            "datatypes": Choices(frozenset({"status", "documents", "decision"})),
        },
        required=frozenset({"actions", "identifier"}),
    ),
    always_asked=False,
)
"""One dossier at an authority: which, and what may be done with it."""

DETAIL_TYPES: Final[Mapping[str, DetailType]] = MappingProxyType(
    {each.name: each for each in (PAYMENT_INITIATION, DOSSIER_ACCESS)}
)
