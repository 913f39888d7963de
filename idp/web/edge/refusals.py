"""Requests refused before anybody looks at what they ask.

    RefusedRequest
    ├── BodyTooLarge            413
    ├── QueryTooLong            414
    ├── UnsupportedMediaType    415
    ├── MalformedRequest        400  broken escapes, wrong encoding, NUL, too many parameters
    └── RepeatedParameter       400  one parameter or header sent twice

`ClientGone` is apart: nobody is left to be told.
"""


class RefusedRequest(Exception):
    """A request that cannot be read. `status` is the HTTP status, `reason` one fixed sentence that names no value."""

    status = 400
    reason = "The request cannot be read."

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason or self.reason
        super().__init__(self.reason)


class BodyTooLarge(RefusedRequest):
    """The body is longer than the endpoint reads."""

    status = 413
    reason = "The request body is too large."


class QueryTooLong(RefusedRequest):
    """The query string is longer than any request needs."""

    status = 414
    reason = "The query string is too long."


class UnsupportedMediaType(RefusedRequest):
    """The body is of another type than the endpoint reads (OAuth endpoints answer `invalid_request`)."""

    status = 415
    reason = "The request body must be application/x-www-form-urlencoded in UTF-8."


class MalformedRequest(RefusedRequest):
    """What was sent is no parameter list in UTF-8."""

    reason = "The parameters are malformed."


class RepeatedParameter(RefusedRequest):
    """RFC 6749 section 3.1: request parameters MUST NOT be included more than once."""

    reason = "A parameter was sent more than once."


class ClientGone(Exception):
    """The client hung up before its request was complete."""
