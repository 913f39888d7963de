"""RFC 7644 section 3.12: errors of the SCIM interface. No detail repeats what was sent."""

from typing import Any, Final

ERROR_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    """A request that is refused; `kind` is the `scimType`, where the table of section 3.12 has one.

    `wait` is how many seconds later another request may be made, where that is what it is refused for.
    """

    def __init__(self, status: int, detail: str, kind: str | None = None, *, wait: int | None = None) -> None:
        super().__init__(detail)
        self.wait = wait
        self.status = status
        self.detail = detail
        self.kind = kind

    def body(self) -> dict[str, Any]:
        """Return the error as section 3.12 writes it: the status is a string."""
        kind = {} if self.kind is None else {"scimType": self.kind}
        return {"schemas": [ERROR_SCHEMA], "status": str(self.status), **kind, "detail": self.detail}


def not_found() -> ScimError:
    """Nobody has this identifier within the client's agencies."""
    return ScimError(404, "There is no such officer within reach.")


def changed() -> ScimError:
    """Section 3.14: the resource is another version than the client named."""
    return ScimError(412, "The officer was changed since; read again.")


def too_often(wait: int) -> ScimError:
    """RFC 6585 section 4: too many names were refused; `wait` in seconds."""
    return ScimError(429, "Too many of the names were refused. Wait before another one.", wait=wait)


def invalid_value(detail: str) -> ScimError:
    """A value cannot be so."""
    return ScimError(400, detail, "invalidValue")


def invalid_syntax(detail: str) -> ScimError:
    """The body is not what the operation takes."""
    return ScimError(400, detail, "invalidSyntax")


def immutable(attribute: str) -> ScimError:
    """Section 3.5.1: an attribute that cannot be changed so; `attribute` is its name in our schemas."""
    return ScimError(400, f"{attribute} cannot be changed by this interface.", "mutability")
