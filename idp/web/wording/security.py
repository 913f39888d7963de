"""What happened to the safety of an account, as its owner reads it, and what each thing to sign in with is called."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from idp.domain import events
from idp.domain.accounts.security_alert import AlertKind
from idp.domain.levels.assurance import Method
from idp.web.views.account_security import SecurityNotice
from idp.web.wording.alerts import ALERTS
from idp.web.wording.words import marked

Details = Mapping[str, str]

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "passkeys": marked("Passkey"),
        "codes": marked("Codes from an app"),
        "certificates": marked("Card of an officer"),
    }
)

NOTICES: Final[Mapping[SecurityNotice, str]] = MappingProxyType(
    {
        SecurityNotice.ADDED: marked("It is added. You can sign in with it from now on."),
        SecurityNotice.RENAMED: marked("It has its new name."),
        SecurityNotice.REMOVED: marked("It is removed. Nobody can sign in with it any more."),
        SecurityNotice.CODES_RENEWED: marked("Your new recovery codes are good from now on. The old ones are not."),
        SecurityNotice.SESSION_ENDED: marked("That browser is signed out."),
        SecurityNotice.OTHERS_ENDED: marked("Every other browser is signed out."),
        SecurityNotice.TRUSTED: marked("You trust this browser for 30 days."),
        SecurityNotice.DISTRUSTED: marked("You trust it no more."),
        SecurityNotice.PASSWORD_CHANGED: marked("Your password is changed. You are signed out everywhere else."),
    }
)

_SESSION_ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sign_out": marked("Signed out"),
        "by_owner": marked("You signed another browser out"),
        "everywhere": marked("Signed out everywhere"),
        "replaced": marked("Signed out, since somebody else signed in on that browser"),
    }
)

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        events.PasswordChanged.name: marked("The password was changed"),
        events.AuthenticatorEnrolled.name: marked("Two-step sign-in was set up"),
        events.AuthenticatorAdded.name: marked("A device for codes was added"),
        events.AuthenticatorRemoved.name: marked("A device for codes was removed"),
        events.RecoveryCodesRenewed.name: marked("New recovery codes were made"),
        events.BrowserTrusted.name: marked("You began to trust a browser"),
        events.PasskeyAdded.name: marked("A passkey was added"),
        events.PasskeyRemoved.name: marked("A passkey was removed"),
        events.PasskeyRefused.name: marked("A passkey was not accepted"),
        events.CertificateAdded.name: marked("A card was added"),
        events.CertificateRemoved.name: marked("A card was removed"),
        events.RecoveryAsked.name: marked("Somebody asked to be let back into the account"),
        events.RecoveryConfirmed.name: marked("Those who were asked confirmed that it is you"),
        events.RecoveryRefused.name: marked("Getting back into the account was tried and refused"),
        events.RecoveryStopped.name: marked("A way back into the account was stopped"),
        events.AccountRecovered.name: marked("Somebody got back into the account and set a new password"),
        events.TrustedPersonChanged.name: marked("The people whom you trust changed"),
        events.PhoneSignInAllowed.name: marked("You allowed a sign-in on another device"),
        events.NewDeviceSignedIn.name: marked("Signed in on a new device"),
        events.ContactChanged.name: marked("A contact was changed"),
        events.ContactRestored.name: marked("A change of a contact was taken back"),
        events.AccountActivated.name: marked("The account was activated"),
        events.AccountRegistered.name: marked("The account was opened"),
        events.DataExported.name: marked("A copy of your data was saved"),
    }
)

_PHONE_REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "denied": marked("You did not allow a sign-in on another device"),
        "wrong_number": marked("A wrong number was typed for a sign-in on another device, so it was refused"),
    }
)

_PHONE_REFUSED: Final = marked("A sign-in on another device with your phone came to nothing")
_WRONG_PASSWORD: Final = marked("A wrong password was given")
_MANY_PASSWORDS: Final = marked("Too many wrong passwords were given; tries were refused")
_WRONG_CODE: Final = marked("A wrong code was given")
_MANY_CODES: Final = marked("Too many wrong codes were given; tries were refused")
_NO_FACE: Final = marked("A comparison of the face did not confirm a sign-in")
_SIGNED_IN: Final = marked("Signed in")
_PROVED_MORE: Final = marked("Proved more while signed in")
_ENDED: Final = marked("A session ended")
_ALWAYS: Final = marked("You chose to be asked for a code at every sign-in")
_WHEN_NEEDED: Final = marked("You chose to be asked for a code only when a service needs it")
_ALL_DISTRUSTED: Final = marked("You took trust back from all browsers")
_ONE_DISTRUSTED: Final = marked("You took trust back from a browser")
_LOCKED: Final = marked("The account was locked")
_UNLOCKED: Final = marked("The account was unlocked")
_CLOSING: Final = marked("You asked to close the account")
_KEPT: Final = marked("You decided to keep the account")


def _by(field: str, value: str, words: str, others: str) -> Callable[[Details], str]:
    return lambda details: words if details.get(field) == value else others


def _refused_factor(details: Details) -> str:
    if details.get("method") == Method.BIOMETRIC:
        return _NO_FACE
    return _MANY_CODES if details.get("reason") == "throttled" else _WRONG_CODE


_CHOSEN: Final[Mapping[str, Callable[[Details], str]]] = MappingProxyType(
    {
        events.SessionStarted.name: _by("stepped_up", "yes", _PROVED_MORE, _SIGNED_IN),
        events.SessionEnded.name: lambda details: _SESSION_ENDS.get(details.get("reason", ""), _ENDED),
        events.PasswordRefused.name: _by("reason", "throttled", _MANY_PASSWORDS, _WRONG_PASSWORD),
        events.SecondFactorRefused.name: _refused_factor,
        events.SecondFactorPreferenceChanged.name: _by("always", "yes", _ALWAYS, _WHEN_NEEDED),
        events.PhoneSignInRefused.name: lambda details: _PHONE_REFUSALS.get(details.get("reason", ""), _PHONE_REFUSED),
        events.BrowserDistrusted.name: _by("all_of_them", "yes", _ALL_DISTRUSTED, _ONE_DISTRUSTED),
        events.AccountLocked.name: _by("locked", "yes", _LOCKED, _UNLOCKED),
        events.AccountClosing.name: _by("asked", "yes", _CLOSING, _KEPT),
    }
)

_MEANS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pwd": marked("password"),
        "otp": marked("code"),
        "swk": marked("passkey"),
        "hwk": marked("security key"),
        "sc": marked("card"),
        "mca": marked("phone"),
        "face": marked("face"),
    }
)


def happened_words(name: str, details: Details) -> str:
    """Return the sentence for an event; the name itself where there is none."""
    chosen = _CHOSEN.get(name)
    return chosen(details) if chosen else _WORDS.get(name, name)


def means_words(amr: str) -> tuple[str, ...]:
    """Return the words for what a sign-in was done with, from its `amr` values with spaces between."""
    return tuple(_MEANS[value] for value in amr.split() if value in _MEANS)


def alert_headline(kind: str) -> str:
    """Return the headline of an alert."""
    return ALERTS[AlertKind(kind)].headline
