"""The pages about a person's own data, with realistic content."""

from datetime import UTC, date, datetime
from typing import Any

from idp.web.views.common import ErrorView, Locale, PageView, Refusal, SharedItem, language_links
from idp.web.views.own_data import (
    ActivityPage,
    AttributeRow,
    EvidenceRow,
    IdentityPage,
    LookRow,
    LooksPage,
    ReceiptPage,
    ReceiptRow,
    ReleaseDay,
    ReleaseRow,
    ServiceRow,
    ServicesPage,
)
from idp.web.views.own_requests import ClosingPage, CorrectionItem, CorrectionsOwnPage, CorrectionView, ExportPage

_WHEN = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
_SERVICE = {"vi": "Hệ thống một cửa điện tử Bộ Tài nguyên và Môi trường", "en": "One-stop system of the ministry"}
_PURPOSE = {"vi": "Để tìm hồ sơ đất đai của bạn", "en": "To find your land dossiers"}
_RECEIPT = "01a20320573474d69ff5df0d7b68bbea"
_RECORDED = {
    "name": "Nguyễn Thị Hoài An",
    "family_name": "Nguyễn",
    "middle_name": "Thị Hoài",
    "given_name": "An",
    "birthdate": "1999-01-02",
    "gender": "female",
}


def own_data_samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    common: dict[str, Any] = {"locale": locale, "languages": language_links(locale), "csrf_token": "sample"}
    return {**_looking(locale, common), **_asking(common)}


def _looking(locale: Locale, common: dict[str, Any]) -> dict[str, PageView]:
    service, items = _SERVICE[locale], _items(locale)
    row = ReleaseRow(service, items, 3, _WHEN, by_law=True)
    look = LookRow(_WHEN, "Công an phường Láng", "Cán bộ", "CB-0042", "correction", "H26.12-2026/0042", ("record",))
    receipt = ReceiptRow(f"/account/receipts/{_RECEIPT}", service, _WHEN, given=True)
    return {
        "own-identity": IdentityPage(
            **common,
            identity_level=2,
            level_expires_at=_WHEN,
            proved_at=_WHEN,
            evidence=(
                EvidenceRow("idcard", ("vpip", "vcrypt", "pvp"), _WHEN, "0001"),
                EvidenceRow("population_register", ("data",), _WHEN),
            ),
            attributes=_attributes(),
            signed_in_level=2,
            has_second_factor=True,
        ),
        "own-identity-level-1": IdentityPage(
            **common,
            identity_level=1,
            level_expires_at=None,
            proved_at=None,
            evidence=(),
            attributes=_attributes()[:2],
            signed_in_level=1,
            has_second_factor=False,
        ),
        "own-activity": ActivityPage(
            **common,
            days=(ReleaseDay(date(2026, 11, 22), (row, row)), ReleaseDay(date(2026, 11, 20), (row,))),
            next_href="/account/activity?after=1",
        ),
        "own-activity-none": ActivityPage(**common, days=()),
        "own-looks": LooksPage(**common, rows=(look, look), next_href="/account/looks?after=1"),
        "own-services": ServicesPage(
            **common,
            services=(ServiceRow(service, _WHEN, items, "/account/services/withdraw?service=ministry"),),
            receipts=(receipt, ReceiptRow(receipt.href, service, _WHEN, given=False)),
        ),
        "own-services-none": ServicesPage(**common, services=(), receipts=()),
        "own-receipt": ReceiptPage(
            **common,
            receipt_id=_RECEIPT,
            service=service,
            at=_WHEN,
            given=True,
            items=items,
            record_href=f"/account/receipts/{_RECEIPT}/record",
        ),
    }


def _asking(common: dict[str, Any]) -> dict[str, PageView]:
    typed = dict.fromkeys((*_RECORDED, "reason"), "")
    request = CorrectionView(
        state="waiting",
        asked_at=_WHEN,
        answer_due=_WHEN,
        complete_due=_WHEN,
        items=(CorrectionItem("name", "Nguyễn Thị Hoài Ân"), CorrectionItem("gender", "female")),
        reason="Giấy khai sinh ghi Ân",
        answer="",
        answered_at=None,
        take_back_action="/account/corrections/1/take-back",
    )
    return {
        "own-export": ExportPage(**common),
        "own-closing": ClosingPage(**common, closes_at=None, would_close_at=_WHEN),
        "own-closing-refused": ClosingPage(
            **common, closes_at=None, would_close_at=_WHEN, error=ErrorView(Refusal.CONFIRM_CLOSING)
        ),
        "own-closing-asked": ClosingPage(**common, closes_at=_WHEN, would_close_at=_WHEN),
        "own-closing-officer": ClosingPage(**common, closes_at=None, would_close_at=_WHEN, officer=True),
        "own-corrections": CorrectionsOwnPage(**common, recorded=_RECORDED, typed=typed, requests=(request,)),
        "own-corrections-refused": CorrectionsOwnPage(
            **common, recorded=_RECORDED, typed=typed, requests=(), error=ErrorView(Refusal.NO_CORRECTION)
        ),
    }


def _items(locale: Locale) -> tuple[SharedItem, ...]:
    return (
        SharedItem("name", purpose=_PURPOSE[locale], basis="public_task"),
        SharedItem("age_over_18", basis="law"),
        SharedItem("personal_number", sensitive=True),
    )


def _attributes() -> tuple[AttributeRow, ...]:
    return (
        AttributeRow("personal_number", "001199000001", "population_register", _WHEN),
        AttributeRow("name", "Nguyễn Thị Hoài An"),
        AttributeRow("birthdate", "1999-01-02", "population_register", _WHEN, _WHEN),
        AttributeRow("gender", "female", "counter", _WHEN, _WHEN),
        AttributeRow("residence", "01, 00199", "population_register", _WHEN, _WHEN),
    )
