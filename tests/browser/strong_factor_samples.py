"""The pages of a face and of officers' cards in a sign-in, with realistic content."""

from typing import Any

from idp.web.views.biometric import BiometricPage, RecognisedPage
from idp.web.views.certificates import AddCertificatePage, CertificatePage
from idp.web.views.common import ErrorView, Locale, PageView, Refusal, language_links

HOLDER = "Lê Văn Cường, Vụ Đất đai, Bộ Tài nguyên và Môi trường"


def strong_factor_samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    bare: dict[str, Any] = {"locale": locale, "languages": language_links(locale)}
    form: dict[str, Any] = {**bare, "csrf_token": "sample"}
    other: dict[str, Any] = {"other_ways_href": "/sign-in/1/methods"}
    face: dict[str, Any] = {
        **form,
        **other,
        "form_action": "/sign-in/1/biometric",
        "verifier": "Dịch vụ so khuôn mặt (mô phỏng)",
    }
    card: dict[str, Any] = {**form, **other, "form_action": "/sign-in/1/certificate"}
    adding: dict[str, Any] = {**form, "form_action": "/account/security/certificates/new"}
    return {
        "biometric": BiometricPage(**face),
        "biometric-refused": BiometricPage(**face, error=ErrorView(Refusal.FACE_NOT_PROVED)),
        "recognised": RecognisedPage(**bare, onward="/sign-in/1/done"),
        "certificate": CertificatePage(**card, holder=HOLDER),
        "certificate-none": CertificatePage(**card, holder=None, error=ErrorView(Refusal.CARD_NOT_SHOWN)),
        "add-certificate": AddCertificatePage(**adding, holder=HOLDER, name="Thẻ của Bộ"),
        "add-certificate-refused": AddCertificatePage(
            **adding, holder=HOLDER, error=ErrorView(Refusal.CARD_ADDED_ALREADY)
        ),
    }
