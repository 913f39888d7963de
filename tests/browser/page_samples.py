"""Every page once or more, with realistic content: what the accessibility tests open and designers look at."""

from collections.abc import Mapping
from datetime import UTC, datetime

from idp.web.views import (
    AccountNotice,
    AccountPage,
    ActivatePage,
    ApprovalPage,
    ApprovalsPage,
    ClientView,
    ConnectedService,
    ConsentPage,
    DeviceConsentPage,
    DeviceDonePage,
    DevicePage,
    EnrolOtpPage,
    ErrorPage,
    ErrorView,
    FormPostPage,
    InformationPage,
    Locale,
    Method,
    MethodsPage,
    OpenSession,
    OtpPage,
    PageView,
    RecoveryCodesPage,
    RecoveryPage,
    Refusal,
    SecondFactorView,
    SharedItem,
    SignedOutPage,
    SignInPage,
    SignInReason,
    SignOutPage,
    Topic,
    WaitingApproval,
    language_links,
)
from idp.web.views.common import Audience
from idp.web.views.passkeys import PASSKEY_SCRIPT, NewPasskeyPage, PasskeyPage
from idp.web.views.sign_in import WorkView
from tests.browser.account_security_samples import account_security_samples
from tests.browser.acting_samples import acting_samples
from tests.browser.contact_samples import contact_samples
from tests.browser.own_data_samples import own_data_samples
from tests.browser.phone_samples import phone_samples
from tests.browser.proofing_samples import proofing_samples
from tests.browser.recovery_samples import recovery_samples
from tests.browser.strong_factor_samples import strong_factor_samples

LOGO = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 44 44'%3E%3Crect width='44' height='44' "
    "rx='8' fill='%231d4f91'/%3E%3Cpath d='M10 32V20l12-8 12 8v12h-8v-8h-8v8z' fill='%23fff'/%3E%3C/svg%3E"
)
FRAMED = "https://service.example"
"""A service that is loaded into a frame."""

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTPAUTH_URI = (
    f"otpauth://totp/Dinh%20danh%20quoc%20gia:an.nguyen%40example.vn?secret={SECRET}&issuer=Dinh%20danh%20quoc%20gia"
)
CODES = tuple(f"{left}-{right}" for left, right in zip(
    ("k7m2p", "x4qd9", "h3wnt", "b8rvc", "z5fj6", "t9gk2", "m4xp7", "q6hd3", "w2bnr", "c8vt5"),
    ("9xq4d", "w3hnt", "v8brc", "6fz5j", "2kt9g", "7pm4x", "3dq6h", "rnw2b", "5tc8v", "p7k2m"),
    strict=True,
))  # fmt: skip
_NAMES: Mapping[str, Mapping[Locale, str]] = {
    "portal": {"vi": "Cổng Dịch vụ công quốc gia", "en": "National Public Service Portal"},
    "ministry": {"vi": "Bộ Tài nguyên và Môi trường", "en": "Ministry of Natural Resources and Environment"},
    "gateway": {"vi": "Cổng thanh toán quốc gia", "en": "National Payment Gateway"},
}
_WHEN = datetime(2026, 11, 21, 7, 47, tzinfo=UTC)
_PAYMENT_PARTS = (
    SharedItem("payment_initiation.actions.initiate"),
    SharedItem("payment_initiation.instructedAmount", "1.200.000\u00a0₫"),
    SharedItem("payment_initiation.creditorName", "Sở Tư pháp Hà Nội"),
    SharedItem("payment_initiation.creditorAccount", "Kho bạc Nhà nước, 3713010000"),
)
_TOKEN = "sample"


def samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    return {
        **_sign_in(locale),
        **_second_factor(locale),
        **_enrolment(locale),
        **_agreement(locale),
        **_others(locale),
        **proofing_samples(locale),
        **own_data_samples(locale),
        **contact_samples(locale),
        **strong_factor_samples(locale),
        **acting_samples(locale),
        **account_security_samples(locale, CODES),
        **phone_samples(locale),
        **recovery_samples(locale),
    }


def _client(locale: Locale, key: str = "portal", *, public: bool = True) -> ClientView:
    return ClientView(
        name=_NAMES[key][locale],
        logo_uri=LOGO,
        policy_uri="https://portal.example/policy",
        tos_uri="https://portal.example/terms",
        public_service=public,
        receives=("profile", "identity", "email", "phone") if public else (),
    )


def _stranger(locale: Locale) -> ClientView:
    """A service that registered itself, on a host with a long name."""
    name = "Cổng Dịch vụ công" if locale == "vi" else "Public Service Portal"
    host = "dich-vu-cong.sign-in.verification.example"
    return ClientView(name=name, policy_uri=f"https://{host}/policy", registered_itself=True, leads_to=host)


def _sign_in(locale: Locale) -> dict[str, PageView]:
    def page(
        client: ClientView | None,
        audience: Audience = "citizen",
        username: str = "",
        *,
        why: SignInReason | None = None,
        error: ErrorView | None = None,
        work: WorkView | None = None,
        passkey_options: str | None = None,
    ) -> SignInPage:
        return SignInPage(
            locale=locale,
            languages=language_links(locale),
            csrf_token=_TOKEN,
            form_action="/sign-in",
            client=client,
            audience=audience,
            username=username,
            why=why,
            error=error,
            work=work,
            passkey_options=passkey_options,
            scripts=("work.js",) if work else (PASSKEY_SCRIPT,) if passkey_options else (),
        )

    work = WorkView("20.1790000000.nonce.code", 20, 15)
    refused = ErrorView(Refusal.WRONG_CREDENTIALS)
    slow = ErrorView(Refusal.SLOW_DOWN, wait_seconds=30)
    return {
        "sign-in": page(_client(locale)),
        "sign-in-asks": page(_client(locale, "gateway", public=False)),
        "sign-in-stranger": page(_stranger(locale)),
        "sign-in-refused": page(_client(locale), username="001099000001", error=refused),
        "sign-in-slow": page(None, "both", username="an.nguyen@example.vn", error=slow),
        "sign-in-officer": page(_client(locale, "ministry"), "officer"),
        "sign-in-again": page(
            _client(locale, "gateway", public=False), username="001099000001", why=SignInReason.REAUTHENTICATE
        ),
        "sign-in-both": page(None, "both"),
        "sign-in-passkey": page(None, passkey_options='{"challenge": "AAAA", "allowCredentials": []}'),
        "sign-in-works": page(_client(locale), work=work),
        "sign-in-works-first": page(_client(locale), "both", error=ErrorView(Refusal.WORK_FIRST, 12), work=work),
    }


def _second_factor(locale: Locale) -> dict[str, PageView]:
    languages = language_links(locale)
    client = _client(locale)
    ways = "/sign-in/methods"
    return {
        "otp": OtpPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/sign-in/otp",
            client=client,
            other_ways_href=ways,
        ),
        "otp-refused": OtpPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/sign-in/otp",
            client=client,
            other_ways_href=ways,
            error=ErrorView(Refusal.WRONG_CODE),
        ),
        "passkey": PasskeyPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/sign-in/passkey",
            client=client,
            options="{}",
            other_ways_href=ways,
            error=ErrorView(Refusal.PASSKEY_UNKNOWN),
        ),
        "recovery": RecoveryPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/sign-in/recovery",
            client=client,
            other_ways_href=ways,
            error=ErrorView(Refusal.WRONG_RECOVERY_CODE),
        ),
        "methods": MethodsPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action=ways,
            client=client,
            methods=(Method.OTP, Method.RECOVERY_CODE),
            selected=Method.OTP,
        ),
    }


def _enrolment(locale: Locale) -> dict[str, PageView]:
    languages = language_links(locale)
    return {
        "activate": ActivatePage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/enrol/activate",
            client=_client(locale),
            sent_to="a•••••n@example.vn",
            resend_action="/enrol/resend",
            resent=True,
        ),
        "activate-counter": ActivatePage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/enrol/activate",
            error=ErrorView(Refusal.CODE_EXPIRED),
        ),
        "activate-unreached": ActivatePage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/enrol/activate",
            client=_client(locale),
            unreached="n•••@example.vn",
            error=ErrorView(Refusal.WRONG_HANDED_CODE),
        ),
        "enrol-otp": EnrolOtpPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/enrol/otp",
            client=_client(locale),
            secret=SECRET,
            otpauth_uri=OTPAUTH_URI,
        ),
        "new-passkey": NewPasskeyPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/enrol/passkey",
            client=_client(locale),
            options="{}",
            must=True,
            asks_maker=True,
            codes_href="/enrol/otp",
            error=ErrorView(Refusal.PASSKEY_NOT_ADDED),
        ),
        "recovery-codes": RecoveryCodesPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/enrol/recovery-codes",
            codes=CODES,
            error=ErrorView(Refusal.CONFIRM_SAVED),
        ),
    }


def _agreement(locale: Locale) -> dict[str, PageView]:
    languages = language_links(locale)

    def consent(*shared: SharedItem, client: ClientView | None = None) -> ConsentPage:
        return ConsentPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/consent",
            question="0" * 64,
            client=client or _client(locale, "gateway", public=False),
            shared=shared,
        )

    return {
        "consent": consent(
            SharedItem("name", "Nguyễn Thị Hoài An"),
            SharedItem("email", "an.nguyen.thi.hoai.1999@thudientu.example.vn"),
            SharedItem("personal_number", "001099000001", sensitive=True),
            SharedItem("offline_access"),
        ),
        "consent-stranger": consent(SharedItem("openid"), client=_stranger(locale)),
        "consent-payment": consent(
            SharedItem("authorization_details:payment_initiation", sensitive=True, parts=_PAYMENT_PARTS),
            SharedItem("name", "Nguyễn Thị Hoài An"),
        ),
        **_devices(locale),
        **_approvals(locale),
        "sign-out": SignOutPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/sign-out",
            client=_client(locale),
            services=tuple(name[locale] for name in _NAMES.values()),
        ),
        "signed-out": SignedOutPage(
            locale=locale,
            languages=languages,
            client=_client(locale),
            services=tuple(name[locale] for name in _NAMES.values()),
            return_href="https://portal.example/",
        ),
        "signed-out-bare": SignedOutPage(locale=locale, languages=languages),
        "signed-out-framed": SignedOutPage(
            locale=locale,
            services=(_NAMES["gateway"][locale],),
            frames=(f"{FRAMED}/signed-out?sid=1",),
        ),
    }


def _devices(locale: Locale) -> dict[str, PageView]:
    languages = language_links(locale)

    def code(user_code: str = "", complete_uri: str | None = None, error: ErrorView | None = None) -> DevicePage:
        return DevicePage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/device",
            error=error,
            user_code=user_code,
            complete_uri=complete_uri,
        )

    return {
        "device": code(),
        "device-complete": code("BCDF-GHJK", "https://id.example.vn/device?user_code=BCDF-GHJK"),
        "device-refused": code("BCDF-GHJK", error=ErrorView(Refusal.WRONG_USER_CODE)),
        "device-consent": DeviceConsentPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/device/visit",
            client=_client(locale, "gateway", public=False),
            user_code="BCDF-GHJK",
            shared=(SharedItem("name", "Nguyễn Thị Hoài An"), SharedItem("offline_access")),
        ),
        "device-allowed": DeviceDonePage(locale=locale, languages=languages, allowed=True),
        "device-denied": DeviceDonePage(locale=locale, languages=languages, allowed=False),
    }


def _approvals(locale: Locale) -> dict[str, PageView]:
    languages, name = language_links(locale), _NAMES["gateway"][locale]
    waiting = tuple(
        WaitingApproval(
            href=f"/account/approvals/{number}",
            service=name,
            binding_message=message,
            asked_at=_WHEN,
            expires_at=_WHEN,
        )
        for number, message in enumerate(("Hồ sơ 12/2026 · 250.000 ₫", ""))
    )
    return {
        "approvals": ApprovalsPage(locale=locale, languages=languages, csrf_token=_TOKEN, waiting=waiting),
        "approvals-none": ApprovalsPage(
            locale=locale, languages=languages, csrf_token=_TOKEN, waiting=(), allowed=True
        ),
        "approval": ApprovalPage(
            locale=locale,
            languages=languages,
            csrf_token=_TOKEN,
            form_action="/account/approvals/1",
            client=_client(locale, "gateway", public=False),
            binding_message="Hồ sơ 12/2026 · 250.000 ₫",
            expires_at=_WHEN,
            shared=(SharedItem("name", "Nguyễn Thị Hoài An"),),
        ),
    }


def _others(locale: Locale) -> dict[str, PageView]:
    languages = language_links(locale)
    errors = {
        f"error-{code}": ErrorPage(
            locale=locale,
            languages=languages,
            code=code,
            request_id="01JD8ZK4M7Q2",
            return_href=back,
            for_developers="redirect_uri is not one of the registered addresses of this client.",
        )
        for code, back in (("invalid_redirect_uri", None), ("sign_in_expired", "https://portal.example/"))
    }
    pages = {
        f"information-{topic}": InformationPage(locale=locale, languages=languages, topic=topic) for topic in Topic
    }
    return {
        **errors,
        **pages,
        "account": _account(locale, enrolled=True),
        "account-new": _account(locale, enrolled=False),
        "form-post": FormPostPage(
            locale=locale,
            client=_client(locale),
            redirect_uri="https://portal.example/callback",
            parameters=(("code", "c"), ("state", "s")),
        ),
    }


def _account(locale: Locale, *, enrolled: bool) -> AccountPage:
    factor = SecondFactorView(
        enrolled=enrolled,
        enrol_href="/account/second-factor",
        enrolled_at=_WHEN,
        recovery_codes_left=8,
        always_ask_action="/account/always-ask",
    )
    services = (
        ConnectedService(name=_NAMES["portal"][locale], since=_WHEN, shared=("profile", "identity", "email")),
        ConnectedService(
            name=_NAMES["gateway"][locale],
            since=_WHEN,
            shared=("name", "email"),
            withdraw_action="/account/services/gateway/withdraw",
        ),
    )
    return AccountPage(
        locale=locale,
        languages=language_links(locale),
        csrf_token=_TOKEN,
        name="Nguyễn Thị Hoài An",
        masked_personal_number="001•••••0001",
        identity_level=2,
        contacts=("a•••••n@example.vn", "+84 ••• ••• 678"),
        second_factor=factor,
        services=services if enrolled else (),
        session=OpenSession(started=_WHEN, last_used=_WHEN),
        sign_out_action="/account/sign-out",
        sign_out_everywhere_action="/sign-out/everywhere",
        notice=AccountNotice.CONSENT_WITHDRAWN if enrolled else None,
    )
