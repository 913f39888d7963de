"""RFC 7644 section 3.5.2: PATCH, applied to the representation of a resource; what is not kept is passed over.

Systems in use are met where they differ: operations in capitals, `"True"` for true, dotted and qualified names as
members of a value without a path.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from idp.protocol.scim.errors import ScimError, invalid_syntax
from idp.protocol.scim.filter import parse_filter
from idp.protocol.scim.paths import AttributePath, member, read_path, require_schema

PATCH_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MOST_OPERATIONS: Final = 100
_OPERATIONS: Final = frozenset({"add", "replace", "remove"})


def patched(resource: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return the resource as the operations leave it, all of them or none. Raises `ScimError`."""
    require_schema(body, PATCH_SCHEMA)
    operations = member(body, "Operations")
    if not isinstance(operations, list) or not 0 < len(operations) <= MOST_OPERATIONS:
        raise invalid_syntax("A PATCH has at least one operation and at most a hundred.")
    changed = deepcopy(resource)
    for operation in operations:
        if not isinstance(operation, dict):
            raise invalid_syntax("An operation is an object.")
        _apply(changed, operation)
    return changed


def _apply(resource: dict[str, Any], operation: dict[str, Any]) -> None:
    kind = str(member(operation, "op")).lower()
    if kind not in _OPERATIONS:
        raise invalid_syntax("An operation is add, replace or remove.")
    path, value = member(operation, "path"), member(operation, "value")
    if kind == "remove":
        # "If "path" is unspecified, the operation fails with HTTP status code 400 and a "scimType" error code of
        # "noTarget"."
        if not isinstance(path, str):
            raise ScimError(400, "A removal names a path.", "noTarget")
        _set(resource, _target(path), None)
        return
    if path is None:
        if not isinstance(value, dict):
            raise invalid_syntax("Without a path the value is an object.")
        for name, told in _flattened(value):
            _set(resource, _target(name), told)
        return
    if not isinstance(path, str):
        raise _no_path()
    _set(resource, _target(path), value)


def _flattened(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The members of a value; those of an extension one by one, under their qualified names."""
    for name, told in value.items():
        path = read_path(name)
        if path is not None and path.schema and not path.name and isinstance(told, dict):
            yield from ((f"{name}:{inner}", each) for inner, each in told.items())
        else:
            yield name, told


def _target(text: str) -> AttributePath | None:
    """The attribute that a path names; None for members of a multi-valued attribute, of which we keep none.

    Raises `ScimError` (`invalidPath`, `invalidFilter`) for what is no path.
    """
    if "[" not in text:
        path = read_path(text)
        if path is None:
            raise _no_path()
        return path
    attribute, _, rest = text.partition("[")
    condition, closed, sub = rest.rpartition("]")
    if not closed or read_path(attribute) is None or (sub and read_path(f"x{sub}") is None) or sub[:1] not in ("", "."):
        raise _no_path()
    parse_filter(condition)
    return None


def _set(resource: dict[str, Any], path: AttributePath | None, value: object) -> None:
    if path is None:
        return
    if path.schema and not path.name:
        if isinstance(value, dict):
            for name, told in value.items():
                _put(_holder(resource, path.schema), name, told)
        elif value is None:
            resource.pop(path.schema, None)
        return
    holder = _holder(resource, path.schema) if path.schema else resource
    if path.sub:
        inner = member(holder, path.name)
        if not isinstance(inner, dict):
            inner = {}
            _put(holder, path.name, inner)
        _put(inner, path.sub, value)
    else:
        _put(holder, path.name, value)


def _holder(resource: dict[str, Any], schema: str) -> dict[str, Any]:
    holder = member(resource, schema)
    if not isinstance(holder, dict):
        holder = resource[schema] = {}
    return holder


def _put(holder: dict[str, Any], name: str, value: object) -> None:
    """Give a member its value under the name that is there, whatever its case; None takes it away."""
    known = next((key for key in holder if key.lower() == name.lower()), name)
    if value is None:
        holder.pop(known, None)
    else:
        holder[known] = value


def _no_path() -> ScimError:
    return ScimError(400, "The path names no attribute.", "invalidPath")
