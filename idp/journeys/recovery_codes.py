"""Recovery codes: ten of fifty random bits each, shown once, kept as keyed hashes."""

from base64 import b32encode, urlsafe_b64decode

from idp.domain.ids import AccountId
from idp.ports.keys import SubjectKeys

COUNT = 10
LENGTH = 10


def recovery_codes(keys: SubjectKeys, attempt_id: str, account_id: AccountId) -> tuple[str, ...]:
    """The codes of one enrolment, such as `ABCDE-FGHIJ`.

    They are derived from the attempt's random identifier, so that the page can show them without anybody storing them.
    """
    codes = []
    for number in range(COUNT):
        material = keys.tag("recovery-codes", f"{attempt_id}\n{account_id}\n{number}")
        text = b32encode(urlsafe_b64decode(material + "=="))[:LENGTH].decode()
        codes.append(f"{text[:5]}-{text[5:]}")
    return tuple(codes)


def totp_secret(keys: SubjectKeys, attempt_id: str, account_id: AccountId) -> str:
    """The one-time-code secret (base32, 160 bits) that one enrolment proposes, derived likewise."""
    material = keys.tag("totp-secret", f"{attempt_id}\n{account_id}")
    return b32encode(urlsafe_b64decode(material + "==")[:20]).decode()


def recovery_code_hash(keys: SubjectKeys, account_id: AccountId, typed: str) -> bytes:
    """What is stored of a code; case, spaces and dashes do not matter."""
    plain = "".join(character for character in typed[:64].upper() if character.isalnum())
    return urlsafe_b64decode(keys.tag("recovery-code", f"{account_id}\n{plain}") + "==")
