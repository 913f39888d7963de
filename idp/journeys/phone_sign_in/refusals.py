"""Why a request of a computer came to nothing on a phone; `reason` is that of the event.

PhoneRefusedError
 ├── RequestOverError
 ├── OtherAccountError, OtherKindError, TooFarApartError
 ├── ProveMoreError
 └── WrongNumberError
"""

from typing import ClassVar


class PhoneRefusedError(Exception):
    """The phone opened or answered nothing."""

    reason: ClassVar[str] = ""


class RequestOverError(PhoneRefusedError):
    """The request was answered, opened by somebody else, has expired, or never was: one answer for all."""

    reason: ClassVar[str] = "over"


class OtherAccountError(PhoneRefusedError):
    """The computer is signing somebody else in."""

    reason: ClassVar[str] = "other_account"


class OtherKindError(PhoneRefusedError):
    """The service is for officers and the phone a citizen's, or the other way round."""

    reason: ClassVar[str] = "audience"


class TooFarApartError(PhoneRefusedError):
    """The operator demands that both devices are closer to each other."""

    reason: ClassVar[str] = "apart"


class ProveMoreError(PhoneRefusedError):
    """The phone's session has not proved enough, or not lately: it is led to."""

    reason: ClassVar[str] = "unproved"


class WrongNumberError(PhoneRefusedError):
    """The number was not the computer's: the request is over."""

    reason: ClassVar[str] = "wrong_number"
