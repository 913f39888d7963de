"""RFC 7644 section 3.4.2.2: filters, read once and matched against resources as they would be answered."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from idp.domain.values import dataclass
from idp.protocol.scim.errors import ScimError
from idp.protocol.scim.paths import AttributePath, read_path

LONGEST: Final = 1_000
"""Characters."""

DEEPEST: Final = 20
"""Parentheses and negations within each other."""

_TOKEN: Final = re.compile(
    r"""\s*(?: (?P<mark>[()\[\]]) | (?P<text>"(?:[^"\\]|\\.)*") | (?P<word>[^\s()\[\]"]+) )""", re.VERBOSE
)
_TEXTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "co": lambda one, other: other in one,
    "sw": lambda one, other: one.startswith(other),
    "ew": lambda one, other: one.endswith(other),
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
}
_UNHEARD_OF: Final = re.compile(r"[\x00\ud800-\udfff]")
"""What JSON may say and no store can be asked for: NUL, and one half of a surrogate pair (RFC 8259 section 8.2)."""

_EXACT: Final = frozenset({"id", "externalid"})
"""RFC 7643 section 3.1: identifiers are told apart by case; everything else here is not."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`attribute op value`; `pr` has no value."""

    path: AttributePath
    operator: str
    value: object = None


@dataclass(frozen=True, slots=True)
class Combination:
    """`and`, `or` and `not` of other filters."""

    operator: str
    parts: tuple["Filter", ...]


Filter = Comparison | Combination


def parse_filter(text: str) -> Filter:
    """Return what a filter asks for. Raises `ScimError` (`invalidFilter`)."""
    if len(text) > LONGEST:
        raise _refused()
    reader = _Reader(list(_tokens(text)))
    found = reader.either(0)
    if reader.more():
        raise _refused()
    return found


def matches(wanted: Filter, resource: dict[str, Any]) -> bool:
    """Whether a resource is what the filter asks for."""
    if isinstance(wanted, Combination):
        answers = (matches(part, resource) for part in wanted.parts)
        if wanted.operator == "not":
            return not next(answers)
        return all(answers) if wanted.operator == "and" else any(answers)
    values = wanted.path.of(resource)
    return any(_fits(wanted, value) for value in (values if isinstance(values, list) else [values]))


def named(wanted: Filter, attribute: str) -> str | None:
    """Return the one text that `attribute` must equal for anything to match, or None: what can be looked up by it."""
    if isinstance(wanted, Comparison):
        path, value = wanted.path, wanted.value
        is_it = wanted.operator == "eq" and not path.schema and (path.name, path.sub) == (attribute.lower(), "")
        return value if is_it and isinstance(value, str) else None
    if wanted.operator != "and":
        return None
    return next((found for part in wanted.parts if (found := named(part, attribute)) is not None), None)


def _fits(wanted: Comparison, value: object) -> bool:
    if wanted.operator == "pr":
        return value not in (None, "", [], {})
    if isinstance(value, bool) or isinstance(wanted.value, bool) or value is None or wanted.value is None:
        equal = value is wanted.value
        return not equal if wanted.operator == "ne" else equal and wanted.operator == "eq"
    if not isinstance(value, str) or not isinstance(wanted.value, str):
        return False
    compare = _TEXTS[wanted.operator]
    if wanted.path.name in _EXACT:
        return compare(value, wanted.value)
    return compare(value.casefold(), wanted.value.casefold())


class _Reader:
    """Reads tokens by the grammar; `not` binds closer than `and`, `and` closer than `or`."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def more(self) -> bool:
        return self._at < len(self._tokens)

    def either(self, depth: int) -> Filter:
        return self._joined("or", lambda: self._joined("and", lambda: self._one(depth)))

    def _joined(self, operator: str, part: Callable[[], Filter]) -> Filter:
        parts = [part()]
        while self.more() and self._tokens[self._at].lower() == operator:
            self._at += 1
            parts.append(part())
        return parts[0] if len(parts) == 1 else Combination(operator, tuple(parts))

    def _one(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise _refused()
        token = self._next()
        if token.lower() == "not":
            self._expect("(")
            return Combination("not", (self._closed(depth),))
        return self._closed(depth) if token == "(" else self._comparison(token)

    def _closed(self, depth: int) -> Filter:
        found = self.either(depth + 1)
        self._expect(")")
        return found

    def _comparison(self, token: str) -> Comparison:
        path = read_path(token)
        operator = self._next().lower()
        if path is None or not path.name:
            raise _refused()
        if operator == "pr":
            return Comparison(path, operator)
        if operator not in _TEXTS:
            raise _refused()
        return Comparison(path, operator, _value(self._next()))

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise _refused()

    def _next(self) -> str:
        if not self.more():
            raise _refused()
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise _refused()
        yield found.group().strip()
        at = found.end()


def _value(token: str) -> object:
    """A JSON value: a text, `true`, `false`, `null` or a number."""
    try:
        value = json.loads(token)
    except ValueError:
        raise _refused() from None
    if isinstance(value, list | dict) or (isinstance(value, str) and _UNHEARD_OF.search(value)):
        raise _refused()
    return value


def _refused() -> ScimError:
    return ScimError(400, "The filter cannot be read.", "invalidFilter")
