"""RFC 7644 section 3.9: which attributes of a resource are answered."""

from typing import Any, Final

from idp.protocol.scim.paths import AttributePath, read_path

_ALWAYS: Final = frozenset({"schemas", "id", "meta"})
_MOST: Final = 50


def projected(resource: dict[str, Any], wanted: str | None, unwanted: str | None) -> dict[str, Any]:
    """Return the resource with the attributes `wanted` alone, or without those `unwanted`; both are comma-separated.

    What is always returned stays. A name that is none is passed over.
    """
    if wanted:
        paths = _paths(wanted)
        return {name: value for name, value in resource.items() if name in _ALWAYS or _is_named(name, paths)}
    paths = [path for path in _paths(unwanted or "") if not path.sub]
    kept = {name: value for name, value in resource.items() if name in _ALWAYS or not _is_whole(name, paths)}
    for path in paths:
        if path.schema and path.name and isinstance(holder := kept.get(path.schema), dict):
            kept[path.schema] = {name: value for name, value in holder.items() if name.lower() != path.name}
    return kept


def _paths(names: str) -> list[AttributePath]:
    found = [read_path(name.strip()) for name in names.split(",")[:_MOST]]
    return [path for path in found if path is not None]


def _is_named(name: str, paths: list[AttributePath]) -> bool:
    return any((path.schema == name) if path.schema else path.name == name.lower() for path in paths)


def _is_whole(name: str, paths: list[AttributePath]) -> bool:
    return any((path.schema == name and not path.name) if path.schema else path.name == name.lower() for path in paths)
