"""What every page has in common: language, form, the service that asks, and the reason of a refusal."""

from collections.abc import Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final, Literal
from urllib.parse import urlencode

from idp.domain.values import dataclass

Locale = Literal["vi", "en"]
LOCALES: tuple[Locale, ...] = ("vi", "en")
Audience = Literal["citizen", "officer", "both"]


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A link to this same page in `locale`; `current` when it is the language shown."""

    locale: Locale
    href: str
    current: bool


def language_links(locale: Locale, query: Sequence[tuple[str, str]] = ()) -> tuple[LanguageLink, ...]:
    """Return the links of the language switch: this same path with its query, `lang` replaced.

    A reference of a query alone keeps the path: one that begins with two slashes would otherwise lead elsewhere.
    """
    kept = [(name, value) for name, value in query if name != "lang"]
    return _links(locale, kept) if kept else _WITHOUT_QUERY[locale]


def _links(locale: Locale, kept: Sequence[tuple[str, str]]) -> tuple[LanguageLink, ...]:
    return tuple(LanguageLink(other, f"?{urlencode([*kept, ('lang', other)])}", other == locale) for other in LOCALES)


_WITHOUT_QUERY: Final = MappingProxyType({locale: _links(locale, ()) for locale in LOCALES})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """The service that asks, in the words of its registration, in the language of the page.

    `public_service` is a service with a legal basis that asks no consent: the person is told what it receives
    (`receives`: claims or scopes, labelled in `idp.web.wording`). Nobody checked the words of one with
    `registered_itself`; `leads_to` is where it has the person sent then, if anywhere: a host, or a private scheme.
    """

    name: str
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    public_service: bool = False
    receives: tuple[str, ...] = ()
    registered_itself: bool = False
    leads_to: str | None = None


class Refusal(StrEnum):
    """Why a submission was refused and the same page is shown again; the sentences stand in `idp.web.wording`."""

    WRONG_CREDENTIALS = "wrong_credentials"
    MISSING_FIELD = "missing_field"
    ASKS_OTHERWISE = "asks_otherwise"
    CITIZENS_ONLY = "citizens_only"
    OFFICERS_ONLY = "officers_only"
    ACCOUNT_LOCKED = "account_locked"
    WRONG_CODE = "wrong_code"
    WRONG_SENT_CODE = "wrong_sent_code"
    WRONG_HANDED_CODE = "wrong_handed_code"
    CODE_ALREADY_USED = "code_already_used"
    CODE_EXPIRED = "code_expired"
    CODE_NOT_SENT = "code_not_sent"
    WRONG_RECOVERY_CODE = "wrong_recovery_code"
    WRONG_PROOF = "wrong_proof"
    WRONG_COUNTER_CODE = "wrong_counter_code"
    WRONG_SPOKEN_CODE = "wrong_spoken_code"
    SPOKEN_CODE_OVER = "spoken_code_over"
    SLOW_DOWN = "slow_down"
    WORK_FIRST = "work_first"
    BUSY = "busy"
    CHOOSE_ONE = "choose_one"
    CONFIRM_SAVED = "confirm_saved"
    CONFIRM_CLOSING = "confirm_closing"
    NO_CORRECTION = "no_correction"
    REQUESTS_WAIT = "requests_wait"
    FORM_EXPIRED = "form_expired"
    WRONG_USER_CODE = "wrong_user_code"
    NOT_OFFERED = "not_offered"
    PASSWORD_SHORT = "password_short"
    PASSWORD_LONG = "password_long"
    PASSWORD_COMMON = "password_common"
    PASSWORD_PERSONAL = "password_personal"
    PASSWORD_SAME = "password_same"
    WRONG_PASSWORD = "wrong_password"
    PASSWORDS_DIFFER = "passwords_differ"
    PERSONAL_NUMBER_FORM = "personal_number_form"
    NAME_FORM = "name_form"
    BIRTHDATE_FORM = "birthdate_form"
    EMAIL_FORM = "email_form"
    EMAIL_UNREACHED = "email_unreached"
    PHONE_FORM = "phone_form"
    CONTACT_SAME = "contact_same"
    TOO_YOUNG = "too_young"
    REGISTER_SILENT = "register_silent"
    VERIFIER_SILENT = "verifier_silent"
    AGREE_FIRST = "agree_first"
    NOT_ALLOWED_YET = "not_allowed_yet"
    PHONE_DENIED = "phone_denied"
    PHONE_WRONG_NUMBER = "phone_wrong_number"
    PHONE_TOO_LATE = "phone_too_late"
    NUMBER_FORM = "number_form"
    PASSKEY_NOT_ACCEPTED = "passkey_not_accepted"
    PASSKEY_UNKNOWN = "passkey_unknown"
    PASSKEY_TOO_LATE = "passkey_too_late"
    PASSKEY_NOT_ADDED = "passkey_not_added"
    PASSKEYS_FULL = "passkeys_full"
    DEVICES_ENOUGH = "devices_enough"
    FACE_NOT_PROVED = "face_not_proved"
    FACE_UNCLEAR = "face_unclear"
    FACE_UNFINISHED = "face_unfinished"
    FACE_NOT_POSSIBLE = "face_not_possible"
    CARD_NOT_SHOWN = "card_not_shown"
    CARD_NOT_TRUSTED = "card_not_trusted"
    CARD_NOT_VALID = "card_not_valid"
    CARD_NOT_CHECKED = "card_not_checked"
    CARD_NOT_KNOWN = "card_not_known"
    CARD_ADDED_ALREADY = "card_added_already"
    CARDS_ENOUGH = "cards_enough"


@dataclass(frozen=True, slots=True)
class ErrorView:
    """The reason of a refusal; `wait_seconds` is told with `SLOW_DOWN` and `BUSY` when it is known."""

    refusal: Refusal
    wait_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class SharedItem:
    """One thing that a service receives: a claim or scope, the person's own value, and what it is used for.

    Label and a general purpose come from `idp.web.wording` by `name`; `label` and `purpose`, already in the language
    of the page, replace them. `basis` is why the law lets it leave, labelled in `idp.web.wording`. A sensitive item is
    announced as such. `parts` are what it consists of, all of it.
    """

    name: str
    value: str | None = None
    purpose: str | None = None
    label: str | None = None
    sensitive: bool = False
    basis: str | None = None
    parts: "tuple[SharedItem, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page: `template` is its file under `templates/<folder>/`; `client` is the service that asks, when one does.

    `error` is why what was sent is refused.

    `scripts` are files of `idp/web/static` that help a page which works without them.
    """

    folder: ClassVar[str] = "pages"
    template: ClassVar[str]

    locale: Locale
    languages: tuple[LanguageLink, ...] = ()
    client: ClientView | None = None
    error: ErrorView | None = None

    @property
    def retry_after(self) -> int | None:
        """Seconds until what was refused may be tried again, where that is known."""
        return self.error.wait_seconds if self.error else None

    @property
    def filled_in(self) -> tuple[str, ...]:
        """The fields that differ from visit to visit, where the rest is worth keeping (`idp.web.page_cache`).

        The template asks at most whether they are there, and prints them.
        """
        return ()

    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage(PageView):
    """A page with a form: POSTed to the path `form_action` with the hidden `csrf_token`."""

    csrf_token: str
    form_action: str
