"""The pages of registering oneself and of proving one's identity from afar, with realistic content."""

from typing import Any

from idp.web.views.common import ErrorView, Locale, PageView, Refusal, language_links
from idp.web.views.identity_verification import CheckResult, VerifyIdentityPage
from idp.web.views.registration import RegisterCodePage, RegisteredPage, RegisterPage, RegisterPasswordPage


def proofing_samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    bare: dict[str, Any] = {"locale": locale, "languages": language_links(locale)}
    form = {**bare, "csrf_token": "sample"}
    typed: dict[str, Any] = {
        "personal_number": "001203000077",
        "name": "Đỗ Minh Hải",
        "birthdate": "31/02/2003",
        "email": "hai@example.vn",
    }
    code = {**form, "form_action": "/open-account/1/code", "resend_action": "/open-account/1/code/resend"}
    verify = {**form, "form_action": "/account/identity/verify", "verifier": "xac-minh.example.vn"}
    return {
        "register": RegisterPage(**form, form_action="/open-account"),
        "register-refused": RegisterPage(
            **form, form_action="/open-account", error=ErrorView(Refusal.BIRTHDATE_FORM), **typed
        ),
        "register-code": RegisterCodePage(**code, sent_to="h•••@example.vn"),
        "register-code-again": RegisterCodePage(**code, sent_to="h•••@example.vn", resent=True),
        "register-password": RegisterPasswordPage(
            **form, form_action="/open-account/1/password", shortest=15, username="hai@example.vn"
        ),
        "registered": RegisteredPage(**bare, sign_in_href="/account"),
        "verify-identity": VerifyIdentityPage(**verify, level=1),
        "verify-identity-refused": VerifyIdentityPage(**verify, level=1, error=ErrorView(Refusal.AGREE_FIRST)),
        "verify-identity-unclear": VerifyIdentityPage(**verify, level=1, result=CheckResult.UNCLEAR),
        "verified": VerifyIdentityPage(**verify, level=2),
    }
