"""Why a person's submission was not accepted; pages put each into plain words.

RefusedError
 ├── WrongCredentialsError, WrongCodeError, CodeUsedError, CodeExpiredError, CodeNotSentError, WrongRecoveryCodeError
 ├── UnreachableContactError
 ├── CitizensOnlyError, OfficersOnlyError
 ├── NotAllowedYetError
 └── AccountLockedError
"""


class RefusedError(Exception):
    """The submission changed nothing; the same page is shown again with the reason."""


class WrongCredentialsError(RefusedError):
    """Unknown identifier or wrong password: one answer for both."""


class AccountLockedError(RefusedError):
    """The password was right, but the account is locked."""


class CitizensOnlyError(RefusedError):
    """An officer's account at a service for citizens."""


class OfficersOnlyError(RefusedError):
    """A citizen's account at a service for officers."""


class WrongCodeError(RefusedError):
    """The code is not right."""


class CodeUsedError(RefusedError):
    """The code is right and was used before (RFC 6238 section 5.2)."""


class CodeExpiredError(RefusedError):
    """The code is too old, or was tried too often; a new one is needed."""


class CodeNotSentError(RefusedError):
    """The message with the code did not leave."""


class UnreachableContactError(RefusedError):
    """No message can ever leave to this contact: the mail server does not take such an address."""


class WrongRecoveryCodeError(RefusedError):
    """The recovery code is unknown or used."""


class NotAllowedYetError(RefusedError):
    """The phone has not said yes, or its yes no longer counts."""
