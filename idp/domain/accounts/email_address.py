"""E-mail address: the part of RFC 5321 section 2.3.11 and RFC 6531 that people use; no quoting, no comments."""

import re
import unicodedata
from typing import Final, NewType

from idp.domain.invisible_characters import has_invisible
from idp.domain.refused_value import RefusedIdentifier

EmailAddress = NewType("EmailAddress", str)

# RFC 5321 section 4.5.3.1: 64 octets of local part, 255 of domain, 256 of path with its brackets.
_LONGEST: Final = 254
_LONGEST_LOCAL_PART: Final = 64
_LOCAL_PART: Final = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f.]+(?:\.[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f.]+)*")
_ASCII_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def parse_email_address(text: str) -> EmailAddress:
    """Return the address in NFC, its local part as given and its domain in lower case.

    Raises `RefusedIdentifier` for what is no address or longer than 254 octets.
    """
    if len(text) > _LONGEST:
        raise _refused()
    address = unicodedata.normalize("NFC", text.strip())
    local_part, at, domain = address.rpartition("@")
    domain = domain.lower()
    if has_invisible(address):
        raise _refused()
    if not at or not _is_local_part(local_part) or not _is_domain(domain):
        raise _refused()
    address = f"{local_part}@{domain}"
    if len(address.encode()) > _LONGEST:
        raise _refused()
    return EmailAddress(address)


def comparable_email_address(address: EmailAddress) -> str:
    """Return the form under which two spellings of one mailbox are equal: lower case, the domain in ASCII."""
    local_part, _, domain = address.rpartition("@")
    return f"{unicodedata.normalize('NFC', local_part.lower())}@{_ascii_domain(domain)}"


def delivery_address(address: str) -> str:
    """Return the address as it is handed over: the domain by its A-labels (RFC 5890 section 2.3.2.1).

    Raises `RefusedIdentifier` when the domain has none, or those of another one: it may have been kept before such
    addresses were refused.
    """
    local_part, _, domain = address.rpartition("@")
    if not (ascii_domain := _ascii_domain(domain)) or not _stands_for(ascii_domain, domain):
        raise _refused()
    return f"{local_part}@{ascii_domain}"


def goes_astray(address: str) -> bool:
    """Whether there is no domain that messages to the address could go to, or only another one than it says."""
    try:
        delivery_address(address)
    except RefusedIdentifier:
        return True
    return False


def is_beyond_ascii(address: str) -> bool:
    """Whether the mailbox itself needs SMTPUTF8 (RFC 6531); a domain outside of ASCII does not."""
    return not address.rpartition("@")[0].isascii()


def _is_local_part(local_part: str) -> bool:
    return (
        bool(_LOCAL_PART.fullmatch(local_part))
        and (local_part.isascii() or not any(unicodedata.category(char) in _HIDDEN_CATEGORIES for char in local_part))
        and len(local_part.encode()) <= _LONGEST_LOCAL_PART
    )


def _is_domain(domain: str) -> bool:
    """Whether a domain has labels in ASCII that are those of what is written, and of nothing else.

    IDNA of 2003 makes another domain of some letters, which are letters of their own in that of 2008 (RFC 5894 section
    7.2: `faß.de` is not `fass.de`), and of wide and circled ones: messages would go elsewhere than the address says.
    """
    ascii_domain = _ascii_domain(domain)
    return bool(_ASCII_DOMAIN.fullmatch(ascii_domain)) and _stands_for(ascii_domain, domain)


def _stands_for(ascii_domain: str, domain: str) -> bool:
    try:
        return domain.isascii() or ascii_domain.encode().decode("idna") == domain.lower()
    except UnicodeError:
        return False


def _ascii_domain(domain: str) -> str:
    """Return the domain with its labels in the ASCII form of IDNA, or nothing when it has none."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _refused() -> RefusedIdentifier:
    return RefusedIdentifier("email_address_form", "This is not an e-mail address.")
