"""Why something in the console was refused. Pages and the JSON API tell the same by `code` and `status`."""

from typing import ClassVar


class AdministrationError(Exception):
    """Base of all. `code` is stable; `status` the HTTP status. No message carries what somebody typed."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400


class NotAllowedError(AdministrationError):
    """The person's roles do not allow it, or not for this agency."""

    code = "not_allowed"
    status = 403


class NotFoundError(AdministrationError):
    """There is no such thing, or the person may not know that there is."""

    code = "not_found"
    status = 404


class ChangedMeanwhileError(AdministrationError):
    """Somebody else was quicker: look again before deciding."""

    code = "changed_meanwhile"
    status = 409


class AskerNotAllowedError(AdministrationError):
    """Whoever asked may not ask for it any more, or is locked out: the change has to be asked for anew."""

    code = "asker_not_allowed"
    status = 409


class TooManyLookUpsError(AdministrationError):
    """The administrator looked up as many people as a day allows."""

    code = "too_many_look_ups"
    status = 429


class InvalidEntryError(AdministrationError):
    """A field cannot be so. `field` is its name in form and API, `reason` a stable word for the wording."""

    code = "invalid_entry"
    status = 422

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
