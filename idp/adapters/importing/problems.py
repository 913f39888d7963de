"""What is wrong with an import file: every problem by its path and reason, never by the value."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from idp.domain.values import dataclass

_LONGEST_PATH_PART: Final = 60
_UNPRINTABLE: Final = re.compile(r"[^\w.#@:/-]")

_REASONS: Final = {
    "missing": "is required",
    "extra_forbidden": "is an unknown name",
    "string_type": "must be text; write digits in quotes",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where (`people[3].phone_number`, or `line 7`) and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class ImportRefused(Exception):
    """A file is not loaded, and nothing of it was; `problems` has at least one entry."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{source}: {problems[0]}")
        self.source = source
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type["ImportRefused"], tuple[str, tuple[Problem, ...]]]:
        """Let it travel from one process to another whole."""
        return type(self), (self.source, self.problems)


def problems_of(error: ValidationError, root: str = "") -> list[Problem]:
    """Return every problem that pydantic found, below the path `root`, without the values that caused them."""
    details = error.errors(include_url=False, include_input=False)
    return [Problem(join_path(root, detail["loc"]), _reason(detail)) for detail in details]


def join_path(root: str, location: Sequence[int | str]) -> str:
    """Return `root` with a location behind it, as in `people[3].address.formatted`."""
    path = root
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + _UNPRINTABLE.sub("?", part)[:_LONGEST_PATH_PART]
    return path


def _reason(detail: Any) -> str:  # noqa: ANN401 - pydantic's own mapping of mixed values
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    reason = _REASONS.get(detail["type"], detail["msg"])
    return str(reason)
