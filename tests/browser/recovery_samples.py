"""The pages of getting back into an account, with realistic content."""

from datetime import UTC, datetime
from typing import Any

from idp.domain.accounts.recovery import RecoveryState
from idp.web.views.common import ErrorView, Locale, PageView, Refusal, language_links
from idp.web.views.recovery import (
    HelpRecoverPage,
    OwnRecoveryPage,
    RecoverBackPage,
    RecoverContactPage,
    RecoverCounterPage,
    RecoverEarlyPage,
    RecoverPage,
    RecoverPasswordPage,
    RecoverProofPage,
    RecoverStopPage,
    RecoverWaysPage,
    RequestRow,
    TrustRow,
)

_MOMENT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
_LATER = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
_ADDRESS = (
    "https://id.example.vn/recover/back/01a203ea51cd73cea24618e7fc684251.4FRpfRwJ1RDYR5FNp40MWnbQlLTAtKU0mbgLOI8o6c"
)


def recovery_samples(locale: Locale) -> dict[str, PageView]:
    """Return the sample pages in `locale` by a name fit for a file."""
    common: dict[str, Any] = {"locale": locale, "languages": language_links(locale), "csrf_token": "sample"}
    form: dict[str, Any] = {**common, "form_action": "/recover/sample"}
    return {
        "recover": RecoverPage(**form),
        "recover-refused": RecoverPage(**form, username="an@example.vn", error=ErrorView(Refusal.CHOOSE_ONE)),
        "recover-ways": RecoverWaysPage(**form, ways=("proof", "people", "counter"), lost="password"),
        "recover-contact": RecoverContactPage(**form, resend_action="/r", back_href="/b", resent=True),
        "recover-proof": RecoverProofPage(**form, back_href="/b", error=ErrorView(Refusal.WRONG_PROOF)),
        "recover-password": RecoverPasswordPage(**form, shortest=15, forgets_factors=True),
        "recover-counter": RecoverCounterPage(**form, error=ErrorView(Refusal.WRONG_COUNTER_CODE)),
        "recover-early": RecoverEarlyPage(**form, ready_at=_LATER, has_contact=True),
        "recover-early-alone": RecoverEarlyPage(**form, ready_at=_LATER, has_contact=False),
        "recover-contact-known": RecoverContactPage(**form, resend_action="/r", back_href="/b", is_known=True),
        "recover-stop": RecoverStopPage(**form),
        "recover-stopped": RecoverStopPage(**form, outcome="stopped"),
        **{
            f"recover-{state}": RecoverBackPage(
                **form,
                state=state.value,
                address=_ADDRESS,
                expires_at=_LATER,
                spoken="94479138" if state is RecoveryState.WAITING else "",
                ready_at=_LATER if state is RecoveryState.COOLING else None,
            )
            for state in (RecoveryState.WAITING, RecoveryState.COOLING, RecoveryState.READY, RecoveryState.DONE)
        },
        "help-recover": _help(form, waits=True),
        "help-recover-answered": _help(form, waits=False, answered=True),
        "own-recovery": _own(common),
    }


def _help(form: dict[str, Any], *, waits: bool, answered: bool = False) -> HelpRecoverPage:
    return HelpRecoverPage(
        **form, owner="Nguyễn Văn An", asked_at=_MOMENT, deny_action="/deny", waits=waits, answered=answered
    )


def _own(common: dict[str, Any]) -> OwnRecoveryPage:
    return OwnRecoveryPage(
        **common,
        people=(
            TrustRow("Lê Hoa", _MOMENT, accepted=True, counts_from=_LATER, remove_action="/1"),
            TrustRow("Lê Sơn", _MOMENT, accepted=False, remove_action="/2"),
        ),
        trusting=(TrustRow("Lê Thu", _MOMENT, accepted=False, accept_action="/3", remove_action="/4"),),
        requests=(
            RequestRow("ready", "office", _MOMENT, stop_action="/5"),
            RequestRow("cooling", "people", _MOMENT, ready_at=_LATER, stop_action="/5"),
            RequestRow("waiting", "people", _MOMENT, stop_action="/5"),
        ),
        asked=(RequestRow("waiting", "people", _MOMENT, name="Lê Thu", href="/6"),),
        fewest=2,
        most=5,
        passkey_action="/7",
        refusal="person",
        personal_number="001099000001",
        name="Nguyễn Văn An",
    )
