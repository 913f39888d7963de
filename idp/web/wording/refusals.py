"""Why a submission was refused: what happened, and what to do. A refusal never tells which half was wrong."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.web.views.common import Refusal
from idp.web.wording.words import Words, marked

REFUSALS: Mapping[Refusal, Words] = MappingProxyType(
    {
        Refusal.WRONG_CREDENTIALS: Words(
            marked("That did not match."),
            marked("Check what you typed as your user name and password, then try again."),
        ),
        Refusal.MISSING_FIELD: Words(marked("Something is missing."), marked("Fill in every field.")),
        Refusal.ASKS_OTHERWISE: Words(
            marked("The service has changed what it asks for."),
            marked("Nothing was sent. Look at what is listed below now, then decide."),
        ),
        Refusal.CITIZENS_ONLY: Words(
            marked("This service is for citizens."),
            marked("Sign in with your own citizen account, not with an officer account."),
        ),
        Refusal.OFFICERS_ONLY: Words(
            marked("This service is for officers."),
            marked("Sign in with the user name that your agency gave you."),
        ),
        Refusal.ACCOUNT_LOCKED: Words(
            marked("This account is locked."),
            marked("Take your identity card to the nearest one-stop counter to have it unlocked."),
        ),
        Refusal.WRONG_CODE: Words(
            marked("The code is not right."),
            marked("It changes every 30 seconds; use the newest one in your app."),
        ),
        Refusal.WRONG_SENT_CODE: Words(
            marked("The code does not match."),
            marked("Use the code in the newest message that we sent you."),
        ),
        Refusal.WRONG_HANDED_CODE: Words(
            marked("This is not the code from the counter."),
            marked("It stands in the letter that you were handed: eight digits that work once and for three days."),
        ),
        Refusal.CODE_ALREADY_USED: Words(
            marked("This code was already used."),
            marked("Wait up to 30 seconds for the next one in your app."),
        ),
        Refusal.CODE_EXPIRED: Words(
            marked("This code no longer works."),
            marked("It has expired, or was tried too often. Ask for a new one."),
        ),
        Refusal.CODE_NOT_SENT: Words(
            marked("We could not send the code."),
            marked("Wait a moment and ask for it again."),
        ),
        Refusal.WRONG_RECOVERY_CODE: Words(
            marked("This recovery code does not work."),
            marked("Each code works once. Try another one from your list."),
        ),
        Refusal.NOT_ALLOWED_YET: Words(
            marked("Your phone has not allowed it yet."),
            marked("Type the number there and choose “Allow”, then press the button here again."),
        ),
        Refusal.PHONE_DENIED: Words(
            marked("It was not allowed on the phone."),
            marked("Show a new picture, or use another way."),
        ),
        Refusal.PHONE_WRONG_NUMBER: Words(
            marked("Another number was typed on the phone."),
            marked("To be safe, this request has ended. Show a new picture, and type the number that stands here."),
        ),
        Refusal.PHONE_TOO_LATE: Words(
            marked("The picture no longer works."),
            marked("It is good for three minutes. Show a new one."),
        ),
        Refusal.NUMBER_FORM: Words(
            marked("Type the two digits that stand on the other screen."),
            marked("If there is no number, the other device has not asked for you: do not allow it."),
        ),
        Refusal.WRONG_PROOF: Words(
            marked("Neither a code of your app nor a recovery code."),
            marked("Use the newest code in your app, or a recovery code that you have not used."),
        ),
        Refusal.WRONG_COUNTER_CODE: Words(
            marked("This code opens nothing."),
            marked("It works once and for three days. Check the letters, or go to the counter again."),
        ),
        Refusal.WRONG_SPOKEN_CODE: Words(
            marked("That is not the code of this request."),
            marked("Let it be read out again. If the two do not agree, it may be somebody else: stop it."),
        ),
        Refusal.SPOKEN_CODE_OVER: Words(
            marked("Five tries were wrong."),
            marked("You cannot confirm this request any more. Stop it if you are not sure who asked."),
        ),
        Refusal.SLOW_DOWN: Words(
            marked("Too many tries."),
            marked("We have paused to protect this account. Nothing is locked."),
        ),
        Refusal.WORK_FIRST: Words(
            marked("Enter your password once more."),
            marked("Somebody is guessing passwords right now, so each try takes a moment. Nothing is locked."),
        ),
        Refusal.BUSY: Words(
            marked("Many people are signing in right now."),
            marked("Nothing is wrong with your account."),
        ),
        Refusal.CHOOSE_ONE: Words(marked("Nothing was chosen."), marked("Choose one of the ways below.")),
        Refusal.CONFIRM_CLOSING: Words(
            marked("Nothing was closed."), marked("Tick the box first: closing cannot be undone.")
        ),
        Refusal.NO_CORRECTION: Words(
            marked("This is not a correction yet."),
            marked("Write what is right where it differs from the record, dates as 1999-01-31, and give the reason."),
        ),
        Refusal.REQUESTS_WAIT: Words(
            marked("Three of your requests wait already."), marked("Wait for an answer, or take one back.")
        ),
        Refusal.CONFIRM_SAVED: Words(
            marked("One thing is left to do."),
            marked("Keep the codes in a safe place, then tick the box."),
        ),
        Refusal.WRONG_USER_CODE: Words(
            marked("No device waits for this code."),
            marked("Check the letters; a code works for ten minutes. The device can show a new one."),
        ),
        Refusal.PASSWORD_SHORT: Words(
            marked("The password is too short."),
            marked("Choose a longer one; several words together are easy to remember."),
        ),
        Refusal.PASSWORD_LONG: Words(
            marked("This password cannot be used."),
            marked("It is too long, or has characters that a keyboard does not type."),
        ),
        Refusal.PASSWORD_COMMON: Words(
            marked("This password is easy to guess."),
            marked("It is made of words, dates or rows of keys that are tried first. Put more of your own together."),
        ),
        Refusal.PASSWORD_PERSONAL: Words(
            marked("Whoever knows you could guess this password."),
            marked("It is made of your name, number, birthday or address. Choose what has nothing to do with you."),
        ),
        Refusal.PASSWORD_SAME: Words(
            marked("This is the password that you have now."),
            marked("Choose another one."),
        ),
        Refusal.WRONG_PASSWORD: Words(
            marked("That is not your password."),
            marked("Type the one that you sign in with now."),
        ),
        Refusal.PASSWORDS_DIFFER: Words(
            marked("The two passwords are not the same."),
            marked("Type the new password once more in both fields."),
        ),
        Refusal.FORM_EXPIRED: Words(
            marked("This page was open for too long."),
            marked("Nothing was changed. Please send it once more."),
        ),
        Refusal.PERSONAL_NUMBER_FORM: Words(
            marked("This is not a personal number."),
            marked("It has 12 digits and stands on your identity card."),
        ),
        Refusal.NAME_FORM: Words(marked("This is not a name."), marked("Type it as it stands on your identity card.")),
        Refusal.BIRTHDATE_FORM: Words(
            marked("This is not a date of birth."), marked("Type day, month and year, such as 31/12/1990.")
        ),
        Refusal.PHONE_FORM: Words(
            marked("This is not a phone number."),
            marked("Write it with 10 digits, such as 0912 345 678."),
        ),
        Refusal.CONTACT_SAME: Words(
            marked("Messages go there already."),
            marked("Type another one, or leave it as it is."),
        ),
        Refusal.EMAIL_FORM: Words(marked("This is not an e-mail address."), marked("It looks like ten@example.vn.")),
        Refusal.EMAIL_UNREACHED: Words(
            marked("We cannot send messages to this address."),
            marked("Give one without diacritics before the @, such as ten@example.vn."),
        ),
        Refusal.TOO_YOUNG: Words(
            marked("You are not 14 yet."),
            marked("A parent or guardian opens the account for you, from his or her own account."),
        ),
        Refusal.REGISTER_SILENT: Words(
            marked("The population register does not answer."),
            marked("Nothing was lost and nothing was saved. Try again in a few minutes."),
        ),
        Refusal.VERIFIER_SILENT: Words(
            marked("The face check does not answer."),
            marked("Nothing was lost and nothing was saved. Try again in a few minutes."),
        ),
        Refusal.NOT_OFFERED: Words(
            marked("You may not act for that person or organisation at this service."),
            marked("Choose among those that are listed."),
        ),
        Refusal.AGREE_FIRST: Words(
            marked("Without your agreement your face is not looked at."),
            marked("Tick the box if you agree, or go to a one-stop counter instead."),
        ),
        Refusal.PASSKEY_NOT_ACCEPTED: Words(
            marked("The passkey was not accepted."), marked("Try again, or use another way.")
        ),
        Refusal.PASSKEY_UNKNOWN: Words(
            marked("No account signs in with this passkey here."),
            marked("It may have been removed. Choose another one, or use another way."),
        ),
        Refusal.PASSKEY_TOO_LATE: Words(
            marked("Your device answered too late."), marked("Please use your passkey once more.")
        ),
        Refusal.PASSKEY_NOT_ADDED: Words(
            marked("The passkey was not saved."), marked("Try again. Nothing about your account has changed.")
        ),
        Refusal.DEVICES_ENOUGH: Words(
            marked("This device was not added."),
            marked(
                "It is in your account already, or you have as many as there may be. Remove one that you no longer use."
            ),
        ),
        Refusal.PASSKEYS_FULL: Words(
            marked("You have as many passkeys as an account may have."),
            marked("Remove one that you no longer use, then create a new one."),
        ),
        Refusal.FACE_NOT_PROVED: Words(
            marked("The check did not show that it is you."),
            marked("Try again in good light, without glasses or a mask, or use another way."),
        ),
        Refusal.FACE_UNCLEAR: Words(
            marked("The check could not tell for sure."),
            marked("Try again in good light, facing the camera."),
        ),
        Refusal.FACE_UNFINISHED: Words(
            marked("The check was not finished, or it was used already."),
            marked("Begin a new one."),
        ),
        Refusal.FACE_NOT_POSSIBLE: Words(
            marked("Your face cannot be compared."),
            marked("The population register has no valid card of yours with a portrait. Ask at a one-stop counter."),
        ),
        Refusal.CARD_NOT_SHOWN: Words(
            marked("Your browser showed no certificate."),
            marked("Put your card into its reader and open the browser anew."),
        ),
        Refusal.CARD_NOT_TRUSTED: Words(
            marked("This is not the certificate of an officer's card."),
            marked("Choose the one on your card when the browser asks, or tell your agency's administrator."),
        ),
        Refusal.CARD_NOT_VALID: Words(
            marked("The certificate of this card has run out or was withdrawn."),
            marked("Sign in another way and ask your agency for a new card."),
        ),
        Refusal.CARD_NOT_CHECKED: Words(
            marked("We cannot tell at present whether this card was withdrawn."),
            marked("Sign in another way. We have noted it; try the card again later."),
        ),
        Refusal.CARD_NOT_KNOWN: Words(
            marked("This card does not sign this account in."),
            marked("Sign in another way, then add the card on your account's security page."),
        ),
        Refusal.CARD_ADDED_ALREADY: Words(
            marked("This card is added already."),
            marked("A card signs one account in, and only once needs to be added."),
        ),
        Refusal.CARDS_ENOUGH: Words(
            marked("Your account has as many cards as it can have."),
            marked("Remove one that you do not use any more, then add this one."),
        ),
    }
)
