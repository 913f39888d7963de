"""Why a passkey did not do; pages put each into plain words."""

from idp.journeys.refusals import RefusedError


class PasskeyNotAcceptedError(RefusedError):
    """What the authenticator signed lets nobody in here."""


class PasskeyUnknownError(RefusedError):
    """No account has this passkey, or not the account that signs in."""


class PasskeyTooLateError(RefusedError):
    """The page was left open for too long, or sent twice; a fresh one is needed."""


class PasskeyNotAddedError(RefusedError):
    """The new passkey was not taken; making another one may help."""


class TooManyPasskeysError(RefusedError):
    """The account has as many as it may have."""
