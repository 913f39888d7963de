"""As much of PromQL as shows which numbers and labels an expression uses; its grammar is promtool's business."""

import re
from dataclasses import dataclass

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")')
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)?\{([^}]*)\}")
_GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_NAME = re.compile(r"(?<![\w:.$])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")
_WORDS = {
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "inf",
}


@dataclass(frozen=True)
class Matcher:
    """`metric{label operator "value"}`."""

    metric: str
    label: str
    operator: str
    value: str


def metrics(expression: str) -> set[str]:
    """Return the names of the numbers that an expression reads."""
    bare = _GROUPING.sub("", re.sub(r"\{[^}]*\}", "", _STRING.sub('""', expression)))
    return set(_NAME.findall(re.sub(r"\[[^\]]*\]", "", bare))) - _WORDS


def matchers(expression: str) -> list[Matcher]:
    """Return every condition on a label."""
    return [
        Matcher(selector[1] or "", label, operator, value[1:-1])
        for selector in _SELECTOR.finditer(expression)
        for label, operator, value in _MATCHER.findall(selector[2])
    ]


def groupings(expression: str) -> set[str]:
    """Return every label that an expression groups or joins by."""
    return {
        label.strip() for _, labels in _GROUPING.findall(expression) for label in labels.split(",") if label.strip()
    }


def is_balanced(expression: str) -> bool:
    """Whether every bracket that opens closes, in order."""
    open_ones: list[str] = []
    for character in _STRING.sub('""', expression):
        if character in "([{":
            open_ones.append({"(": ")", "[": "]", "{": "}"}[character])
        elif character in ")]}" and (not open_ones or open_ones.pop() != character):
            return False
    return not open_ones
