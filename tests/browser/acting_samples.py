"""The pages about acting for others, with realistic content."""

from datetime import UTC, datetime
from typing import Any

from idp.web.views.acting import (
    MandateRow,
    MandatesPage,
    NewMandatePage,
    NewWardPage,
    Option,
    OrganisationRow,
    PrincipalChoice,
    PrincipalPage,
    WardRow,
)
from idp.web.views.common import ClientView, ErrorView, Locale, PageView, Refusal, language_links

_FIRST, _LAST = datetime(2026, 11, 22, tzinfo=UTC), datetime(2027, 11, 21, tzinfo=UTC)
_PORTAL = {"vi": "Cổng Dịch vụ công quốc gia", "en": "National Public Service Portal"}
_COOPERATIVE = "Hợp tác xã Nông nghiệp và Dịch vụ tổng hợp Chè Thanh Sơn"


def acting_samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    common: dict[str, Any] = {"locale": locale, "languages": language_links(locale), "csrf_token": "sample"}
    client = ClientView(name=_PORTAL[locale], public_service=True)
    choosing: dict[str, Any] = {**common, "client": client, "form_action": "/sign-in/sample/principal"}
    return {
        "principal": PrincipalPage(**choosing, choices=_CHOICES),
        "principal-refused": PrincipalPage(**choosing, choices=_CHOICES, error=ErrorView(Refusal.NOT_OFFERED)),
        "mandates": MandatesPage(
            **common,
            organisations=(
                OrganisationRow("9900000016", _COOPERATIVE, ("Lý Thị Hoa", "Phùng Văn Sơn")),
                OrganisationRow("9900000023", "Công ty Cũ", ("Lý Thị Hoa",), dissolved=True),
            ),
            mandates=tuple(_mandates(_PORTAL[locale])),
            wards=_WARDS,
            notice="proposed",
        ),
        "mandates-none": MandatesPage(**common, organisations=(), mandates=(), wards=()),
        "new-mandate": _new_mandate(common, _PORTAL[locale], None),
        "new-mandate-refused": _new_mandate(common, _PORTAL[locale], "days"),
        "new-ward": NewWardPage(
            **common,
            typed={"kind": "minor", "personal_number": "", "name": "", "birthdate": ""},
            refusal="contradicts_number",
        ),
    }


_FUNCTIONS = ("function.view", "function.submit", "function.pay", "function.receive")
_CHOICES = (
    PrincipalChoice(value="self", name="Lý Thị Hoa"),
    PrincipalChoice(
        value="organisation:9900000016",
        name=_COOPERATIVE,
        kind="organisation",
        basis="legal_representative",
        tax_code="9900000016",
    ),
    PrincipalChoice(
        value="person:sample",
        name="Nguyễn Thị Ánh",
        kind="person",
        basis="mandate_holder",
        functions=("submit", "view"),
        until=_LAST,
    ),
    PrincipalChoice(value="ward:sample", name="Lý Minh Khôi", kind="ward", basis="guardian"),
)

_WARDS = (
    WardRow(
        name="Lý Minh Khôi",
        guardian="Lý Thị Hoa",
        guarding=True,
        kind="minor",
        state="in_force",
        stage="six_to_thirteen",
        end_action="/account/wards/sample/end",
    ),
    WardRow(name="Lý Văn Già", guardian="Lý Thị Hoa", guarding=True, kind="ward", state="ended", end="refused"),
    WardRow(name="Lý Thị Hoa", guardian="Lý Văn Cả", guarding=False, kind="ward", state="in_force"),
)


def _mandates(service: str) -> list[MandateRow]:
    usual: dict[str, Any] = {"services": (service,), "functions": ("submit", "view"), "first": _FIRST, "last": _LAST}
    return [
        MandateRow(
            giver="Nguyễn Thị Ánh",
            holder="Lý Thị Hoa",
            given=False,
            state="waiting",
            end=None,
            waits_for_holder=True,
            agree_action="/account/mandates/sample/agree",
            end_action="/account/mandates/sample/end",
            **usual,
        ),
        MandateRow(
            giver=_COOPERATIVE,
            holder="Phạm Quang Dũng",
            given=True,
            state="waiting",
            end=None,
            missing=1,
            waits_for_holder=True,
            end_action="/account/mandates/sample/end",
            **usual,
        ),
        MandateRow(giver="Lý Thị Hoa", holder="Trần Văn Bình", given=True, state="ended", end="revoked", **usual),
    ]


def _new_mandate(common: dict[str, Any], service: str, refusal: str | None) -> NewMandatePage:
    return NewMandatePage(
        **common,
        givers=(Option("9900000016", _COOPERATIVE),),
        services=(Option("service.national-portal", service, chosen=True),),
        functions=tuple(
            Option(f"function.{name}", f"function.{name}") for name in ("view", "submit", "pay", "receive")
        ),
        typed={"holder_number": "", "holder_name": "", "first": "2026-11-22", "last": "2027-11-22"},
        refusal=refusal,
    )
