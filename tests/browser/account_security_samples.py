"""The pages about the safety of the own account, with realistic content."""

from datetime import UTC, datetime
from typing import Any

from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.web.views.account_security import (
    AuthenticatorPage,
    AuthenticatorRow,
    HappenedRow,
    SecurityHistoryPage,
    SecurityNotice,
    SecurityPage,
    SessionRow,
    TrustedRow,
)
from idp.web.views.common import ErrorView, Locale, PageView, Refusal, language_links
from idp.web.views.enrolment import EnrolOtpPage, RecoveryCodesPage
from idp.web.views.own_password import ChangePasswordPage

_WHEN = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
_ONE = "/account/security/authenticators"
_PHONE = BrowserKind(BrowserFamily.COC_COC, System.ANDROID)
_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_PASSKEY = AuthenticatorRow(
    kind="passkeys", href=f"{_ONE}/passkeys/1", name="Điện thoại của tôi", added_at=_WHEN, is_synced=True
)
_CODES = AuthenticatorRow(kind="codes", href=f"{_ONE}/codes/2", name="", added_at=_WHEN, last_used_at=_WHEN)
_CARD = AuthenticatorRow(
    kind="certificates",
    href=f"{_ONE}/certificates/3",
    name="CN=Trần Văn Cường,O=Bộ Tài nguyên và Môi trường,C=VN",
    added_at=_WHEN,
    ends_at=_WHEN,
    has_ended=True,
)


def account_security_samples(locale: Locale, codes: tuple[str, ...]) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file; `codes` are recovery codes."""
    common: dict[str, Any] = {"locale": locale, "languages": language_links(locale), "csrf_token": "sample"}
    here = SessionRow(browser=BrowserKind(), place=None, started_at=_WHEN, used_at=_WHEN)
    there = SessionRow(
        browser=_PHONE, place="Hà Nội", started_at=_WHEN, used_at=_WHEN, end_action="/account/security/sessions/1/end"
    )
    trusted = TrustedRow(
        browser=_PHONE,
        place="Hà Nội",
        trusted_at=_WHEN,
        ends_at=_WHEN,
        revoke_action="/account/security/trusted-browsers/1/revoke",
    )
    happened = _happened()
    return {
        **_changing_the_password(common),
        "security": SecurityPage(
            **common,
            authenticators=(_PASSKEY, _CODES, _CARD),
            codes_left=7,
            sessions=(here, there, there),
            trusted=(trusted, trusted),
            can_trust=True,
            alerts=(HappenedRow(name="new_device", at=_WHEN),),
            happened=happened,
            takes_certificates=True,
            notice=SecurityNotice.OTHERS_ENDED,
        ),
        "security-password-alone": SecurityPage(
            **common,
            authenticators=(),
            codes_left=None,
            sessions=(here,),
            trusted=(),
            can_trust=False,
            alerts=(),
            happened=(),
            takes_certificates=False,
        ),
        "security-history": SecurityHistoryPage(**common, rows=happened, next_href="/account/security/history?after=1"),
        "security-authenticator": AuthenticatorPage(**common, authenticator=_PASSKEY, is_last=True),
        "security-card": AuthenticatorPage(**common, authenticator=_CARD, is_last=False, is_guarded=True),
        "security-new-device": EnrolOtpPage(
            **common,
            form_action="/account/security/codes/new?turn=sample",
            secret=_SECRET,
            otpauth_uri=f"otpauth://totp/Dinh%20danh?secret={_SECRET}",
            is_further=True,
        ),
        "security-fresh-codes": RecoveryCodesPage(
            **common, form_action="/account/security/recovery-codes?turn=sample", codes=codes, take_place=True
        ),
    }


def _happened() -> tuple[HappenedRow, ...]:
    return (
        HappenedRow(
            name="session.started", at=_WHEN, details={"amr": "mfa otp pwd", "stepped_up": "no"}, service="VNeID"
        ),
        HappenedRow(name="session.ended", at=_WHEN, details={"reason": "by_owner"}),
        HappenedRow(name="password.refused", at=_WHEN, details={"reason": "throttled"}),
        HappenedRow(name="authenticator.removed", at=_WHEN, details={"method": "otp"}),
    )


def _changing_the_password(common: dict[str, Any]) -> dict[str, PageView]:
    def page(error: ErrorView | None = None, *, old: bool = True) -> ChangePasswordPage:
        return ChangePasswordPage(
            **common,
            form_action="/account/password",
            error=error,
            shortest=15,
            asks_for_the_old=old,
            back_href="/account/security",
        )

    return {
        "own-password": page(),
        "own-password-fresh": page(old=False),
        "own-password-personal": page(ErrorView(Refusal.PASSWORD_PERSONAL)),
        "own-password-common": page(ErrorView(Refusal.PASSWORD_COMMON)),
    }
