"""RFC 7644 section 3.10: how attributes are named, with the schema before them or without, in any case."""

import re
from typing import Any, Final

from idp.domain.values import dataclass
from idp.protocol.scim.errors import invalid_syntax

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
OFFICER: Final = "urn:vn:idp:params:scim:schemas:extension:officer:2.0:User"
EXTENSIONS: Final = (ENTERPRISE, OFFICER)

_NAME: Final = re.compile(r"[A-Za-z$][A-Za-z0-9_$-]*")


@dataclass(frozen=True, slots=True)
class AttributePath:
    """One attribute in lower case; `schema` is that of an extension, or empty; `sub` empty without a sub-attribute."""

    schema: str
    name: str
    sub: str = ""

    def of(self, resource: dict[str, Any]) -> Any:  # noqa: ANN401 -- a JSON value
        """Return the attribute's value in a resource, None where there is none."""
        holder = member(resource, self.schema) if self.schema else resource
        value = member(holder, self.name) if isinstance(holder, dict) and self.name else holder
        if not self.sub:
            return value
        if isinstance(value, list):
            return [member(each, self.sub) for each in value if isinstance(each, dict)]
        return member(value, self.sub) if isinstance(value, dict) else None


def read_path(text: str) -> AttributePath | None:
    """Return the attribute that `text` names, or None when it is no name of one; a bare extension has no `name`."""
    schema, rest = "", text
    for known in (*EXTENSIONS, USER):
        if text.lower() == known.lower():
            return AttributePath(known, "") if known != USER else None
        if text.lower().startswith(f"{known.lower()}:"):
            schema, rest = ("" if known == USER else known), text[len(known) + 1 :]
    parts = rest.split(".")
    if len(parts) > 2 or not all(_NAME.fullmatch(part) for part in parts):  # noqa: PLR2004 -- attribute and sub-attribute
        return None
    return AttributePath(schema, parts[0].lower(), parts[1].lower() if len(parts) > 1 else "")


def member(resource: dict[str, Any], name: str) -> Any:  # noqa: ANN401 -- a JSON value
    """Return a member by its name in any case (RFC 7643 section 2.1)."""
    lower = name.lower()
    return next((value for key, value in resource.items() if key.lower() == lower), None)


def require_schema(body: dict[str, Any], schema: str) -> None:
    """Section 3.12: refuse a body whose `schemas` is no list of texts with this one. Raises `ScimError`.

    "invalidSyntax: The request body message structure was invalid or did not conform to the request schema."
    """
    named = member(body, "schemas")
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named) or schema not in named:
        raise invalid_syntax(f"schemas is a list with {schema}.")
