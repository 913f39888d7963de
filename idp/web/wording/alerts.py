"""What alerts say: a headline, what happened, and what to do if it was somebody else."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.domain.enrolment.activation_link import link_of_reference
from idp.domain.values import dataclass
from idp.web.wording.words import marked

_CHANGE_PASSWORD = marked("If it was not you, change your password now and sign out everywhere:")
_LOOK = marked("If it was not you, look at your account and remove what is not yours:")
_NOTHING = marked("You need to do nothing. What happened with your account stands here:")


@dataclass(frozen=True, slots=True)
class AlertWords:
    """`headline` is the subject and stands alone in messages, `what` is a sentence, `advice` leads to an address."""

    headline: str
    what: str
    advice: str


_LINK_MADE = AlertWords(
    marked("A link that opens your account was made"),
    marked("Whoever has it chooses another password for your account and sets up everything else anew."),
    marked("If you did not ask for it, stop it here:"),
)


def words_of(alert: SecurityAlert) -> AlertWords:
    """Return what an alert says: of a link more than that somebody wants to get in."""
    is_link = alert.reference is not None and link_of_reference(alert.reference) is not None
    return _LINK_MADE if is_link else ALERTS[alert.kind]


ALERTS: Mapping[AlertKind, AlertWords] = MappingProxyType(
    {
        AlertKind.NEW_DEVICE: AlertWords(
            marked("Your account was used on a new device"),
            marked("Somebody signed in on a device that your account had not been used on before."),
            _CHANGE_PASSWORD,
        ),
        AlertKind.RISK_RAISED: AlertWords(
            marked("An unusual sign-in with your password"),
            marked("Somebody gave your password from an unusual place or device. We asked for more where we could."),
            _CHANGE_PASSWORD,
        ),
        AlertKind.PASSWORD_CHANGED: AlertWords(
            marked("Your password was changed"),
            marked("Your account has a new password. Everybody who was signed in has been signed out."),
            marked("If it was not you, get your account back now:"),
        ),
        AlertKind.AUTHENTICATOR_ADDED: AlertWords(
            marked("A way to sign in was added"),
            marked("Your account can be signed in to in one more way."),
            _LOOK,
        ),
        AlertKind.AUTHENTICATOR_REMOVED: AlertWords(
            marked("A way to sign in was removed"),
            marked("One of the ways to sign in to your account does not work any more."),
            _LOOK,
        ),
        AlertKind.ALWAYS_ASK_OFF: AlertWords(
            marked("You are no longer asked for a code at every sign-in"),
            marked("A setting of your account was turned off: where a service needs no code, the password is enough."),
            _CHANGE_PASSWORD,
        ),
        AlertKind.PASSKEY_COPIED: AlertWords(
            marked("A passkey was refused"),
            marked("One of your passkeys may have been copied, so that we did not accept it."),
            marked("Remove this passkey and add a new one:"),
        ),
        AlertKind.RECOVERY_CODE_USED: AlertWords(
            marked("A recovery code was used"),
            marked("Somebody signed in with one of your recovery codes. Your account says how many are left."),
            _CHANGE_PASSWORD,
        ),
        AlertKind.RECOVERY_CODES_RENEWED: AlertWords(
            marked("Your account has new recovery codes"),
            marked("The recovery codes that you had do not work any more."),
            _LOOK,
        ),
        AlertKind.RECOVERY_BEGUN: AlertWords(
            marked("Somebody wants to get back into your account"),
            marked("Somebody said that they cannot sign in to your account any more and asked to be let back in."),
            marked("If it was not you, stop it here:"),
        ),
        AlertKind.RECOVERY_CONFIRMED: AlertWords(
            marked("In 48 hours somebody gets back into your account"),
            marked("Those who were asked have confirmed that it is you. Until then you can say no."),
            marked("If it was not you, stop it here now:"),
        ),
        AlertKind.RECOVERY_VETOED: AlertWords(
            marked("Getting back into your account was stopped"),
            marked("Nobody gets in on that way."),
            _NOTHING,
        ),
        AlertKind.RECOVERY_COMPLETED: AlertWords(
            marked("Your account was recovered"),
            marked("Somebody got back into your account and set a new password."),
            marked("If it was not you, have your account locked at the nearest one-stop counter, or get it back here:"),
        ),
        AlertKind.TRUSTED_PERSON: AlertWords(
            marked("A trusted person of your account was named or agreed"),
            marked("Seven days after agreeing, this person can help to let somebody into your account."),
            marked("If you did not name anybody, change your password, then remove this person here:"),
        ),
        AlertKind.CONTACT_CHANGED: AlertWords(
            marked("A contact of your account was changed"),
            marked("Messages of your account go to another address or telephone number from now on."),
            marked("If it was not you, undo it here within 72 hours:"),
        ),
        AlertKind.CONTACT_RESTORED: AlertWords(
            marked("A change of a contact was undone"),
            marked("The former address or telephone number is in use again. Everybody has been signed out."),
            _CHANGE_PASSWORD,
        ),
        AlertKind.PHONE_REFUSED: AlertWords(
            marked("A sign-in with your phone was refused"),
            marked(
                "Somebody wanted to sign in on a computer with your phone, and it was refused or a wrong number given."
            ),
            marked("If you did not ask for it, look at your account:"),
        ),
        AlertKind.ACCOUNT_LOCKED: AlertWords(
            marked("Your account is locked"),
            marked("Nobody can sign in to it now."),
            marked("How to have it unlocked stands here:"),
        ),
    }
)
