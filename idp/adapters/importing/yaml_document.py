"""YAML as import files use it: plain data, bounded in size and depth, without anchors, tags or repeated keys.

Of YAML's guesses only null, true, false, whole numbers without leading zeros, decimals and dates are made; everything
else is text. So `on`, `no`, `0912…` and `12:30` stay what somebody wrote.
"""

import re
from datetime import date
from typing import Any, Final

import yaml

from idp.adapters.importing.problems import Problem

MAXIMUM_BYTES: Final = 16 * 1024 * 1024
_MAXIMUM_DEPTH: Final = 12
_MAXIMUM_VALUES: Final = 1_500_000
_TOO_LARGE: Final = "put people into JSON lines (*.jsonl) instead"
_TAG: Final = "tag:yaml.org,2002:"
_TIMESTAMP_TAG: Final = f"{_TAG}timestamp"


class YamlProblem(Exception):
    """The text is no YAML that an import file may hold; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_yaml(content: bytes) -> Any:  # noqa: ANN401 - the caller validates
    """Return the one document of a UTF-8 file as plain values.

    Raises `YamlProblem` when it is too large, too deep, not UTF-8, not YAML, more than one document, or uses anchors,
    tags or a key twice.
    """
    if len(content) > MAXIMUM_BYTES:
        raise _problem(None, f"the file is larger than 16 MiB: {_TOO_LARGE}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start)
        raise _problem(line, "the file is not UTF-8") from None
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader below constructs plain values only
    except yaml.reader.ReaderError:
        raise _problem(None, "the file holds a character that YAML does not allow") from None
    except yaml.MarkedYAMLError as error:
        raise _problem(error.problem_mark.line if error.problem_mark else None, _syntax(error)) from None


class _RefusedNode(yaml.MarkedYAMLError):
    """A value that is YAML, but not of the kind read here."""


class _Loader(yaml.CSafeLoader):
    """Builds plain values only; its resolvers are those below and no others."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - replaces the parent's table, as PyYAML wants it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Return the mapping; refuses keys that are repeated or no text."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != f"{_TAG}str":
                raise _RefusedNode(problem="a name must be text", problem_mark=key.start_mark)
            if key.value in seen:
                raise _RefusedNode(problem="the same name stands here twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _construct_date(loader: _Loader, node: yaml.ScalarNode) -> date:
    try:
        return date.fromisoformat(str(loader.construct_scalar(node)))
    except ValueError:
        raise _RefusedNode(problem="there is no such date", problem_mark=node.start_mark) from None


_Loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(f"{_TAG}bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(f"{_TAG}int", re.compile(r"-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    f"{_TAG}float", re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}$"), list("-0123456789")
)
_Loader.add_implicit_resolver(_TIMESTAMP_TAG, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}$"), list("0123456789"))
_Loader.add_constructor(_TIMESTAMP_TAG, _construct_date)


def _check_events(text: str) -> None:
    """Walk the text without building anything, so that nothing absurd is ever built."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        if count > _MAXIMUM_VALUES:
            raise _at(event, f"the file holds more than {_MAXIMUM_VALUES:,} values: {_TOO_LARGE}")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _at(event, "anchors and aliases are not read here")
        if getattr(event, "tag", None):
            raise _at(event, "tags are not read here; put a value that starts with ! in quotes")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAXIMUM_DEPTH:
                raise _at(event, "the values are nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _syntax(error: yaml.MarkedYAMLError) -> str:
    """Return what PyYAML says without the characters it quotes: they may belong to a secret."""
    said = (error.problem or "").split("'")[0].split('"')[0].strip()
    return said if isinstance(error, _RefusedNode) or not said else f"not valid YAML ({said})"


def _at(event: yaml.Event, reason: str) -> YamlProblem:
    return _problem(event.start_mark.line if event.start_mark else None, reason)


def _problem(line: int | None, reason: str) -> YamlProblem:
    return YamlProblem(Problem("" if line is None else f"line {line + 1}", reason))
