"""OpenID Connect for Identity Assurance section 5: `verified_claims` inside the `claims` request parameter."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, Final

from idp.domain.people.predicates import PREDICATES
from idp.domain.people.verification import VERIFIABLE_CLAIMS
from idp.domain.values import dataclass
from idp.protocol.claims.claim_demand import MOST_MEMBERS, Demand, read_demand, read_demands
from idp.protocol.errors import InvalidRequestError

NAME: Final = "verified_claims"

THE_LEVEL: Final = "identity_level"
SAYS_THE_LEVEL: Final = frozenset({"assurance_level", "verification_process", "evidence"})
"""Members of `verification` that tell as much as the claim `identity_level`, and are for whoever may have that one."""

ATTACHMENTS: Final = "attachments"
"""The member of a piece of evidence that says where its pages are kept. The person is asked about it by this name."""

ChangeDemand = Callable[[str, Demand], Demand]

_CLAIMS: Final = frozenset(VERIFIABLE_CLAIMS) | PREDICATES.keys()
_CONSTRAINTS: Final = frozenset({"value", "values", "max_age"})
_REMARKS: Final = frozenset({"essential", "purpose"})
_MOST_ELEMENTS: Final = 10
_DEEPEST: Final = 6
_LONGEST_AGE: Final = 2**53


@dataclass(frozen=True, slots=True)
class WantedData:
    """How one node of `verification` is asked for.

    `demand` and `max_age` (seconds) constrain a leaf; `members` are those wanted of an object, `filters` of a list:
    elements that fit one of them are told.
    """

    demand: Demand = field(default_factory=Demand)
    max_age: int | None = None
    members: dict[str, "WantedData"] = field(default_factory=dict)
    filters: tuple["WantedData", ...] = ()

    @property
    def is_constrained(self) -> bool:
        """Whether anything in it must have a certain value."""
        return (
            bool(self.demand.values)
            or self.max_age is not None
            or any(node.is_constrained for node in (*self.members.values(), *self.filters))
        )

    def without(self, names: frozenset[str]) -> "WantedData":
        """Return the same, the members of these names not asked for."""
        return replace(self, members={name: node for name, node in self.members.items() if name not in names})

    def asks_for(self, name: str) -> bool:
        """Whether a member of this name is wanted anywhere in it."""
        return name in self.members or any(node.asks_for(name) for node in (*self.members.values(), *self.filters))

    def mapped(self, change: ChangeDemand, path: str) -> "WantedData":
        """Return the same with each demand changed, told with a path of its own."""
        return WantedData(
            demand=change(path, self.demand),
            max_age=self.max_age,
            members={name: member.mapped(change, f"{path}.{name}") for name, member in self.members.items()},
            filters=tuple(wanted.mapped(change, f"{path}[]") for wanted in self.filters),
        )


@dataclass(frozen=True, slots=True)
class WantedElement:
    """One element of `verified_claims` as it is asked for: verification data, and claims that are known here."""

    verification: WantedData
    claims: dict[str, Demand]

    def within(self, allowed: frozenset[str]) -> "WantedElement | None":
        """Return what of it is for somebody who may be told `allowed`; None where that is nothing.

        Who may not be told the level is told nothing on the condition that it is a certain one either.
        """
        claims = {name: demand for name, demand in self.claims.items() if name in allowed}
        hidden = frozenset() if THE_LEVEL in allowed else SAYS_THE_LEVEL & self.verification.members.keys()
        if not claims or any(self.verification.members[name].is_constrained for name in hidden):
            return None
        return WantedElement(self.verification.without(hidden), claims)

    def mapped(self, change: ChangeDemand) -> "WantedElement":
        """Return the same with each demand changed, told with a path of its own."""
        claims = {name: change(f"claims.{name}", demand) for name, demand in self.claims.items()}
        return WantedElement(self.verification.mapped(change, "verification"), claims)


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """What is asked for in one place. `as_array`: the request was an array, and so is the answer."""

    elements: tuple[WantedElement, ...] = ()
    as_array: bool = False

    def within(self, allowed: frozenset[str]) -> "VerifiedRequest":
        """Return what of it is for somebody who may be told `allowed`."""
        elements = (element.within(allowed) for element in self.elements)
        return replace(self, elements=tuple(element for element in elements if element is not None))

    @property
    def claims(self) -> frozenset[str]:
        """The names of the claims in all elements."""
        return frozenset(name for element in self.elements for name in element.claims)

    @property
    def tells(self) -> frozenset[str]:
        """What a person agrees to with it: the claims; the level and the attachments where they would be told."""
        told = set(self.claims)
        for element in self.elements:
            if SAYS_THE_LEVEL & element.verification.members.keys():
                told.add(THE_LEVEL)
            if element.verification.asks_for(ATTACHMENTS):
                told.add(ATTACHMENTS)
        return frozenset(told)


NOTHING_VERIFIED: Final = VerifiedRequest()


def read_verified_request(section: object) -> VerifiedRequest:
    """Return what a member of the `claims` parameter (`userinfo`, `id_token`) asks for as verified.

    Raises `InvalidRequestError` when it is not as section 5 defines.
    """
    wanted = section.get(NAME) if isinstance(section, Mapping) else None
    if wanted is None:
        return NOTHING_VERIFIED
    elements = wanted if isinstance(wanted, list) else [wanted]
    if not 0 < len(elements) <= _MOST_ELEMENTS:
        raise InvalidRequestError("The member verified_claims is an object, or an array of at most 10.")
    return VerifiedRequest(tuple(_element(element) for element in elements), as_array=isinstance(wanted, list))


def _element(element: object) -> WantedElement:
    if not isinstance(element, Mapping):
        raise InvalidRequestError("An element of verified_claims is an object.")
    verification, claims = element.get("verification"), element.get("claims")
    if not isinstance(verification, Mapping) or "trust_framework" not in verification:
        raise InvalidRequestError("An element of verified_claims has a verification with its trust_framework.")
    # Section 5.7.6: "If the claims sub-element is empty, the OP shall abort the transaction with an invalid_request".
    if not isinstance(claims, Mapping) or not claims:
        raise InvalidRequestError("An element of verified_claims has claims, one at least.")
    return WantedElement(_data(verification, _Budget()), read_demands(claims, _CLAIMS))


@dataclass(slots=True)
class _Budget:
    """How many nodes a request may still have."""

    left: int = MOST_MEMBERS

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise InvalidRequestError("The member verification is too large.")


def _data(node: object, budget: _Budget, depth: int = 0) -> WantedData:
    budget.spend()
    if node is None:
        return WantedData()
    if depth > _DEEPEST:
        raise InvalidRequestError("The member verification is too deep.")
    if isinstance(node, list):
        return WantedData(filters=tuple(_data(element, budget, depth + 1) for element in node))
    if not isinstance(node, Mapping):
        raise InvalidRequestError("Verification data is requested by null, an object or an array.")
    # OpenID Connect Core section 5.5.1: beside a constraint "any members used that are not understood MUST be ignored";
    # an object without one is asked for by its members.
    if node.keys() & _CONSTRAINTS or node.keys() <= _REMARKS:
        return WantedData(demand=read_demand(node), max_age=_max_age(node))
    members = {name: member for name, member in node.items() if name not in _REMARKS}
    return WantedData(members={name: _data(member, budget, depth + 1) for name, member in members.items()})


def _max_age(node: Mapping[str, Any]) -> int | None:
    age = node.get("max_age")
    if age is None:
        return None
    if not isinstance(age, int) or isinstance(age, bool) or not 0 <= age <= _LONGEST_AGE:
        raise InvalidRequestError("The member max_age of requested verification data is a number of seconds.")
    return age
