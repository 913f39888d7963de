"""What the pages and messages need to know: one frozen view object per page, never an entity.

Handlers build a view, `idp.web.rendering.Renderer` turns it into bytes. A view holds facts; every sentence that a
person reads stands in `templates/` or `idp.web.wording` and is translated there.
"""

from idp.web.views.account import (
    AccountNotice,
    AccountPage,
    ConnectedService,
    OpenSession,
    SecondFactorView,
)
from idp.web.views.approvals import ApprovalPage, ApprovalsPage, WaitingApproval
from idp.web.views.common import (
    LOCALES,
    Audience,
    ClientView,
    ErrorView,
    FormPage,
    LanguageLink,
    Locale,
    PageView,
    Refusal,
    SharedItem,
    language_links,
)
from idp.web.views.device import DeviceConsentPage, DeviceDonePage, DevicePage
from idp.web.views.enrolment import (
    ActivatePage,
    EnrolOtpPage,
    RecoveryCodesPage,
)
from idp.web.views.information import ErrorPage, FormPostPage, InformationPage, Topic
from idp.web.views.mail import (
    AccountClosesMail,
    ActivationCodeMail,
    AlreadyRegisteredMail,
    ApprovalWaitsMail,
    CodeMessage,
    IdentityAgesMail,
    IdentityVerifiedMail,
    IdleAccountMail,
    MailView,
    RegistrationCodeMail,
    RegistrationRefusedMail,
    WardTurnedMail,
)
from idp.web.views.sign_in import (
    ConsentPage,
    Method,
    MethodsPage,
    OtpPage,
    RecoveryPage,
    SignInPage,
    SignInReason,
)
from idp.web.views.sign_out import SignedOutPage, SignOutPage

__all__ = [
    "LOCALES",
    "AccountClosesMail",
    "AccountNotice",
    "AccountPage",
    "ActivatePage",
    "ActivationCodeMail",
    "AlreadyRegisteredMail",
    "ApprovalPage",
    "ApprovalWaitsMail",
    "ApprovalsPage",
    "Audience",
    "ClientView",
    "CodeMessage",
    "ConnectedService",
    "ConsentPage",
    "DeviceConsentPage",
    "DeviceDonePage",
    "DevicePage",
    "EnrolOtpPage",
    "ErrorPage",
    "ErrorView",
    "FormPage",
    "FormPostPage",
    "IdentityAgesMail",
    "IdentityVerifiedMail",
    "IdleAccountMail",
    "InformationPage",
    "LanguageLink",
    "Locale",
    "MailView",
    "Method",
    "MethodsPage",
    "OpenSession",
    "OtpPage",
    "PageView",
    "RecoveryCodesPage",
    "RecoveryPage",
    "Refusal",
    "RegistrationCodeMail",
    "RegistrationRefusedMail",
    "SecondFactorView",
    "SharedItem",
    "SignInPage",
    "SignInReason",
    "SignOutPage",
    "SignedOutPage",
    "Topic",
    "WaitingApproval",
    "WardTurnedMail",
    "language_links",
]
