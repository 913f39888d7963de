"""The pages of signing in with a phone, with realistic content."""

from datetime import UTC, datetime
from typing import Any

from idp.domain.authenticators.phone_sign_in import Nearness, PhoneStage
from idp.web.views.common import ClientView, ErrorView, Locale, PageView, Refusal, language_links
from idp.web.views.phone import PhoneApprovalPage, PhoneOpenPage, PhonePage

_ADDRESS = "https://id.example.vn/account/phone/q2Xv0oYb1m0w3Lr8m5Jt7Qn4Zc6Hd9Kf2Ps1Gv8Wx0E"
_PORTAL = {"vi": "Cổng Dịch vụ công quốc gia", "en": "National Public Service Portal"}


def phone_samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    common: dict[str, Any] = {"locale": locale, "languages": language_links(locale), "csrf_token": "sample"}
    client = ClientView(name=_PORTAL[locale], public_service=True)
    computer: dict[str, Any] = {
        **common,
        "client": client,
        "form_action": "/sign-in/sample/phone",
        "state_href": "/sign-in/sample/phone/state",
        "other_ways_href": "/sign-in/sample/methods",
    }
    over = {Refusal.PHONE_TOO_LATE: "late", Refusal.PHONE_WRONG_NUMBER: "wrong"}
    return {
        "phone": PhonePage(**computer, state=PhoneStage.WAITING, open_url=_ADDRESS, other_ways=False),
        "phone-number": PhonePage(**computer, state=PhoneStage.OPENED, open_url=_ADDRESS, number="47", other_ways=True),
        **{
            f"phone-{name}": PhonePage(**computer, state="over", other_ways=True, error=ErrorView(refusal))
            for refusal, name in over.items()
        },
        "phone-open": PhoneOpenPage(**common, form_action="/account/phone/sample"),
        **{f"phone-approval-{nearness}": _approval(common, client, nearness) for nearness in Nearness},
        "phone-approval-refused": _approval(common, None, Nearness.NEAR, ErrorView(Refusal.NUMBER_FORM)),
    }


def _approval(
    common: dict[str, Any], client: ClientView | None, nearness: Nearness, error: ErrorView | None = None
) -> PhoneApprovalPage:
    when = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    places = {Nearness.UNKNOWN: "", Nearness.OTHER_COUNTRY: "Viêng Chăn"}
    return PhoneApprovalPage(
        **common,
        client=client,
        form_action="/account/approvals/sample",
        error=error,
        browser="" if nearness is Nearness.UNKNOWN else "Edge, Windows",
        place=places.get(nearness, "Hà Nội"),
        nearness=nearness,
        host="id.example.vn",
        asked_at=when,
        expires_at=when,
    )
