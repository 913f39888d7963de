"""The error pages: one short sentence of its own for each code, and what to do next."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.domain.values import dataclass
from idp.web.wording.words import marked


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """`sentence` is unique to the code; `advice` says what to do next."""

    sentence: str
    advice: str


_TELL_THE_SERVICE = marked("You did nothing wrong. Go back to the service and tell its support what this page says.")
_START_AGAIN = marked("Go back to the service you came from and start again.")
_LATER = marked("Nothing was lost. Wait a minute and try again.")

_ERRORS: Mapping[str, ErrorWords] = MappingProxyType(
    {
        # OAuth 2.0, OpenID Connect: shown here when the answer cannot go back to the service.
        "invalid_request": ErrorWords(
            marked("We cannot read this request"),
            marked(
                "Part of it is missing or garbled. Go back and try once more; if it happens again, tell the support of"
                " the service what this page says."
            ),
        ),
        "invalid_client": ErrorWords(
            marked("We do not know this service"),
            marked(
                "It is not registered with us, or not any more. You did nothing wrong: tell the support of the service"
                " what this page says."
            ),
        ),
        "unauthorized_client": ErrorWords(marked("This service may not ask that of us"), _TELL_THE_SERVICE),
        "invalid_redirect_uri": ErrorWords(marked("The return address is not registered"), _TELL_THE_SERVICE),
        "unsupported_response_type": ErrorWords(
            marked("The service asked for an answer that we do not give"), _TELL_THE_SERVICE
        ),
        "invalid_scope": ErrorWords(marked("The service asked for more than it may have"), _TELL_THE_SERVICE),
        "invalid_target": ErrorWords(marked("The service asked for an unknown system"), _TELL_THE_SERVICE),
        "invalid_request_uri": ErrorWords(marked("The stored request has expired"), _START_AGAIN),
        "invalid_request_object": ErrorWords(marked("The signed request does not hold"), _TELL_THE_SERVICE),
        "request_not_supported": ErrorWords(marked("We do not take unsigned requests"), _TELL_THE_SERVICE),
        "request_uri_not_supported": ErrorWords(marked("We do not fetch requests from elsewhere"), _TELL_THE_SERVICE),
        "invalid_authorization_details": ErrorWords(
            marked("The service did not say clearly what it asks for"), _TELL_THE_SERVICE
        ),
        "access_denied": ErrorWords(
            marked("You chose not to share"), marked("Nothing was sent. You can close this page or start again.")
        ),
        "unmet_authentication_requirements": ErrorWords(
            marked("The service needs stronger proof than you can give here"),
            marked("Nothing was shared. Ask the service which other way there is."),
        ),
        "invalid_token": ErrorWords(marked("This confirmation no longer holds"), _START_AGAIN),
        # The console.
        "not_allowed": ErrorWords(
            marked("Your roles do not allow this"),
            marked("Nothing was changed. Ask your agency's administrator if you need it for your work."),
        ),
        "own_identity": ErrorWords(
            marked("This is your own identity"),
            marked("Nothing was changed. A colleague has to do this for you, as for everybody else."),
        ),
        "changed_meanwhile": ErrorWords(
            marked("Somebody changed this before you"),
            marked("Nothing of yours was saved. Go back, look at how it is now and decide again."),
        ),
        "asker_not_allowed": ErrorWords(
            marked("Whoever asked for this may not ask for it any more"),
            marked("Nothing was changed. Somebody whose roles allow it has to ask again."),
        ),
        "too_many_look_ups": ErrorWords(
            marked("You have looked up too many people"),
            marked("Nobody was shown. The audit trail says so. You can look up somebody again in a few minutes."),
        ),
        "invalid_entry": ErrorWords(
            marked("Something in the form cannot be so"), marked("Nothing was changed. Go back and look at each field.")
        ),
        # Signing out.
        "invalid_logout_request": ErrorWords(
            marked("We cannot tell who asks to sign you out"),
            marked("You are still signed in. You can sign out yourself on your account page."),
        ),
        # Our own, along the journey.
        "contact_change_expired": ErrorWords(
            marked("This change of a contact is over"),
            marked("It took too long, or it was made already. Look at your contacts and begin again if you need to."),
        ),
        "sign_in_expired": ErrorWords(
            marked("This sign-in took too long"),
            marked("It was closed to keep you safe. Go back to the service you came from and start again."),
        ),
        "sign_in_finished": ErrorWords(
            marked("This step is already done"),
            marked("Go on in the window where you signed in, or start again at the service."),
        ),
        "device_request_over": ErrorWords(
            marked("The device no longer waits for you"),
            marked("Somebody has decided already, or it took too long. Let the device show a new code."),
        ),
        "approval_over": ErrorWords(
            marked("This question no longer waits for you"),
            marked("It was answered already, or it took too long. The service can ask you again."),
        ),
        "phone_other_account": ErrorWords(
            marked("The other device is signing somebody else in"),
            marked("Sign in here with the account that you are using there, and scan the picture again."),
        ),
        "phone_other_kind": ErrorWords(
            marked("This account does not sign in there"),
            marked("The service is only for officers, or only for citizens. Use the account that belongs there."),
        ),
        "phone_apart": ErrorWords(
            marked("The other device is too far away"),
            marked("Here, both devices have to be close to each other. Use another way to sign in on that device."),
        ),
        "phone_wrong_number": ErrorWords(
            marked("That was not the number on the other screen"),
            marked("The request has ended. If you began it yourself, show a new picture there and try again."),
        ),
        "activation_link_ended": ErrorWords(
            marked("This link no longer opens an account"),
            marked("It works once and for one day. Ask whoever gave it to you for another one."),
        ),
        "form_expired": ErrorWords(
            marked("This form is no longer valid"),
            marked("Nothing was changed. Go back, reload the page and try again."),
        ),
        "cookies_required": ErrorWords(
            marked("Your browser did not send our cookie"),
            marked("Allow cookies for this site, then go back to the service and start again."),
        ),
        "citizens_only": ErrorWords(
            marked("Only citizens can sign in here"),
            marked("You are signed in as an officer. Sign out first, then use your own citizen account."),
        ),
        "officers_only": ErrorWords(
            marked("Only officers can sign in here"),
            marked("You are signed in as a citizen. Sign out first, then use the account of your agency."),
        ),
        "no_verified_contact": ErrorWords(
            marked("We have no confirmed way to reach you"),
            marked(
                "Take your identity card to the nearest one-stop counter; you will be handed an activation code there."
            ),
        ),
        "account_locked": ErrorWords(
            marked("Your account is locked at the moment"),
            marked("Take your identity card to the nearest one-stop counter to have it unlocked."),
        ),
        "recovery_over": ErrorWords(
            marked("This way back is over"),
            marked("It took too long, was used already, or was stopped. Begin again, or ask at a one-stop counter."),
        ),
        "recovery_not_asked": ErrorWords(
            marked("Nobody asks you to help here"),
            marked("It was answered already, or your word does not count for it. Your account says who asks."),
        ),
        "self_registration_off": ErrorWords(
            marked("You cannot register online here yet"),
            marked("Take your identity card to the nearest one-stop counter; an account is opened for you there."),
        ),
        "registration_over": ErrorWords(
            marked("This registration is over"),
            marked("It took too long, or is finished already. Sign in, or begin again."),
        ),
        "registered_meanwhile": ErrorWords(
            marked("There is an account already"),
            marked("It was opened while this page stood open. Sign in with it, or ask at a one-stop counter."),
        ),
        "remote_proofing_off": ErrorWords(
            marked("Your identity cannot be verified online here yet"),
            marked("Take your identity card to the nearest one-stop counter; it takes a few minutes."),
        ),
        "remote_proofing_over": ErrorWords(
            marked("This check is over"),
            marked("It took too long, or was used already. You can begin a new one on your account page."),
        ),
        # HTTP.
        "not_found": ErrorWords(
            marked("There is nothing at this address"), marked("Check the address, or start from the service you need.")
        ),
        "method_not_allowed": ErrorWords(
            marked("This page does not work that way"), marked("Open it from the service or from your account page.")
        ),
        "request_too_large": ErrorWords(
            marked("That was too much to send at once"), marked("Go back and send less, or start again at the service.")
        ),
        "unsupported_media_type": ErrorWords(
            marked("What was sent is not the form of this page"), marked("Go back, reload the page and try again.")
        ),
        "too_many_requests": ErrorWords(
            marked("Too many requests came from your connection"), marked("Wait a few minutes and try again.")
        ),
        "server_error": ErrorWords(marked("Something went wrong on our side"), _LATER),
        "temporarily_unavailable": ErrorWords(marked("We cannot answer just now"), _LATER),
    }
)

ERROR_CODES = tuple(_ERRORS)


def error_words(code: str) -> ErrorWords:
    """Return the words for `code`, or those of `invalid_request` when it has none of its own."""
    return _ERRORS.get(code, _ERRORS["invalid_request"])
