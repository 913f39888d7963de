"""How commands write values into tables."""

from collections.abc import Iterable, Mapping


def cell(value: object) -> str:
    """Return a value as people read it: yes and no, lists line by line, a dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {cell(each)}" if name else cell(each) for name, each in value.items()) or "–"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "\n".join(cell(each) for each in value) or "–"
    return str(value)
