"""Field types of import records: each one normalises its value by the domain's rule or says why not."""

import base64
import binascii
import re
import unicodedata
from datetime import date, datetime
from functools import cache, partial
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from idp.adapters.crypto.argon2id import MOST_LANES, MOST_MEMORY, MOST_WORK, UnusableHashError, phc_bytes
from idp.adapters.crypto.password_hasher import LONGEST_PASSWORD
from idp.domain.accounts.email_address import parse_email_address
from idp.domain.accounts.phone_number import parse_phone_number
from idp.domain.accounts.sign_in_identifier import parse_username
from idp.domain.clients.client_uris import check_browser_uri
from idp.domain.invisible_characters import has_invisible
from idp.domain.offices.agency_code import parse_agency_code
from idp.domain.people.names import parse_name
from idp.domain.people.personal_number import parse_personal_number
from idp.domain.representation.tax_code import parse_tax_code

_SHORTEST_TOTP_SECRET: Final = 10  # bytes: 80 bits, what every authenticator app takes
_LONGEST_TOTP_SECRET: Final = 64
_SHORTEST_PASSWORD: Final = 8  # NIST SP 800-63B-4 section 3.1.1.2, with a second factor
_ARGON2_PHC: Final = re.compile(
    r"\$argon2(?:id|i|d)\$v=19\$m=([1-9][0-9]{0,6}),t=([1-9][0-9]?),p=([1-9][0-9]?)"
    r"\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})"
)
_LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LONGEST_TAG: Final = 35
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f\"<>\\^`{|}]{1,2000}")
_BIRTHDATE: Final = re.compile(r"[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?")


class Entry(BaseModel):
    """A record of an import file: nothing is coerced, nothing unknown is taken, values never show in errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


def check_text(value: str, *, limit: int, lines: bool = False) -> str:
    """Return text in NFC; raises `ValueError` when it is empty, overlong or holds characters that cannot be seen."""
    if len(value) > limit:
        raise ValueError(f"has more than {limit} characters")
    text = unicodedata.normalize("NFC", value).strip()
    if not text:
        raise ValueError("is empty")
    visible = text.replace("\n", "") if lines else text
    is_hidden = not visible.isprintable() and any(unicodedata.category(character)[0] == "C" for character in visible)
    if is_hidden or has_invisible(visible):
        raise ValueError("holds a control or invisible character")
    return text


def check_password(value: str) -> str:
    """Return a password in NFC, as it is hashed."""
    password = unicodedata.normalize("NFC", value[: LONGEST_PASSWORD + 1])
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        raise ValueError("a password has no control characters")
    if len(password) < _SHORTEST_PASSWORD or len(password.encode()) > LONGEST_PASSWORD:
        raise ValueError("a password has at least 8 characters and at most 1024 bytes")
    return password


def check_password_hash(value: str) -> str:
    """Return an argon2 PHC string whose cost sign-in accepts (at most 1 GiB, 4 GiB over all passes, 16 lanes)."""
    match = _ARGON2_PHC.fullmatch(value) if len(value) <= LONGEST_PASSWORD else None
    if not match:
        raise ValueError("must be an argon2 PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash")
    memory, passes, lanes = (int(match[group]) for group in (1, 2, 3))
    if memory > MOST_MEMORY or memory * passes > MOST_WORK or lanes > MOST_LANES or memory < 8 * lanes:
        raise ValueError("asks for more memory, passes or lanes than a server can bear")
    try:
        for part in (match[4], match[5]):
            phc_bytes(part)
    except UnusableHashError:
        raise ValueError("holds a salt or hash that is not base64") from None
    return value


def check_totp_secret(value: str) -> str:
    """Return a one-time-code secret as upper-case base32 without padding or spaces."""
    secret = value.replace(" ", "").upper().rstrip("=") if len(value) <= 2 * _LONGEST_TOTP_SECRET else ""
    try:
        size = len(base64.b32decode(secret + "=" * (-len(secret) % 8)))
    except (binascii.Error, ValueError):
        raise ValueError("must be base32") from None
    if not _SHORTEST_TOTP_SECRET <= size <= _LONGEST_TOTP_SECRET:
        raise ValueError("must be base32 of 10 to 64 bytes")
    return secret


def check_date(value: Any) -> date:  # noqa: ANN401 - whatever the file holds
    """Return a calendar date given as such or as `YYYY-MM-DD`."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a date, YYYY-MM-DD")


def check_birthdate(value: Any) -> str:  # noqa: ANN401 - whatever the file holds
    """Return a birth date as the claim writes it: `YYYY-MM-DD`, or `YYYY` where only the year is known."""
    if isinstance(value, str) and _BIRTHDATE.fullmatch(value) and len(value) == len("YYYY") and value != "0000":
        return value
    return check_date(value).isoformat()


def check_time_zone(value: str) -> str:
    """Return the name of a time zone; raises `ValueError` for one that the tz database does not have."""
    if value not in _time_zones():
        raise ValueError("must be a time zone of the tz database, such as Asia/Ho_Chi_Minh")
    return value


@cache
def _time_zones() -> frozenset[str]:
    """Zones and links by their names; of the package, so that every machine knows the same ones."""
    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split())


def check_language_tag(value: str) -> str:
    """Return a language tag; raises `ValueError` for what has not the form of one."""
    if len(value) > _LONGEST_TAG or not _LANGUAGE_TAG.fullmatch(value):
        raise ValueError("must be a language tag such as vi")
    return value


def _matching(pattern: re.Pattern[str], reason: str, value: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(reason)
    return value


PersonalNumberField = Annotated[str, AfterValidator(parse_personal_number)]
TaxCodeField = Annotated[str, AfterValidator(parse_tax_code)]
AgencyCodeField = Annotated[str, AfterValidator(parse_agency_code)]
PhoneNumberField = Annotated[str, AfterValidator(parse_phone_number)]
EmailField = Annotated[str, AfterValidator(parse_email_address)]
UsernameField = Annotated[str, AfterValidator(parse_username)]
NameField = Annotated[str, AfterValidator(parse_name)]
ShortText = Annotated[str, AfterValidator(partial(check_text, limit=256))]
LongText = Annotated[str, AfterValidator(partial(check_text, limit=1024, lines=True))]
DateField = Annotated[date, BeforeValidator(check_date)]
BirthdateField = Annotated[str, BeforeValidator(check_birthdate)]
PasswordField = Annotated[str, AfterValidator(check_password)]
PasswordHashField = Annotated[str, AfterValidator(check_password_hash)]
TotpSecretField = Annotated[str, AfterValidator(check_totp_secret)]
LanguageTag = Annotated[str, AfterValidator(check_language_tag)]
TimeZoneField = Annotated[str, AfterValidator(check_time_zone)]
WebAddress = Annotated[
    str, Field(max_length=2048), AfterValidator(partial(_matching, _WEB_ADDRESS, "must be a web address"))
]
BrowserUri = Annotated[str, AfterValidator(check_browser_uri)]
