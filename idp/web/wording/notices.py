"""Short notices: why you are asked, what was done, and the ways to prove yourself."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.web.views.account import AccountNotice
from idp.web.views.sign_in import Method, SignInReason
from idp.web.wording.words import Words, marked

SIGN_IN_REASONS: Mapping[SignInReason, str] = MappingProxyType(
    {
        SignInReason.REAUTHENTICATE: marked("Please confirm that it is still you."),
    }
)

ACCOUNT_NOTICES: Mapping[AccountNotice, str] = MappingProxyType(
    {
        AccountNotice.ALWAYS_ASK_ON: marked("From now on you will be asked for a code at every sign-in."),
        AccountNotice.ALWAYS_ASK_OFF: marked("You will be asked for a code only when a service needs it."),
        AccountNotice.CONSENT_WITHDRAWN: marked(
            "Sharing has stopped. The service can no longer ask us for your details."
        ),
    }
)

METHODS: Mapping[Method, Words] = MappingProxyType(
    {
        Method.OTP: Words(marked("Code from your app"), marked("Six digits from the authenticator app on your phone")),
        Method.PASSKEY: Words(marked("Passkey"), marked("The lock of your phone or computer, or a security key")),
        Method.RECOVERY_CODE: Words(marked("Recovery code"), marked("One of the codes that you printed or wrote down")),
        Method.PHONE: Words(
            marked("Confirm on your phone"), marked("Answer the question on a phone you signed in with")
        ),
        Method.BIOMETRIC: Words(marked("Face"), marked("Compared with the photo on your identity card")),
        Method.CERTIFICATE: Words(marked("Digital certificate"), marked("The certificate on your card or device")),
    }
)
