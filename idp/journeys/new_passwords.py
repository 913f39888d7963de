"""Choosing a password, wherever it is done: checked by one rule, then hashed."""

from collections.abc import Iterable

from idp.domain.accounts.account import Profile
from idp.domain.authenticators.new_password import check_new_password
from idp.ports.keys import PasswordHasher
from idp.ports.password_blocklist import PasswordBlocklist


class NewPasswords:
    """Checks and hashes passwords that people choose."""

    def __init__(self, hasher: PasswordHasher, blocklist: PasswordBlocklist, service: str) -> None:
        """`service` is our own name, which many would put into a password for us."""
        self._hasher = hasher
        self._blocklist = blocklist
        self._service = service

    async def hashed(self, password: str, about: Iterable[str]) -> str:
        """Return the hash of a password for whom `about` tells. Raises `RefusedPassword`, or `BusyError`."""
        check_new_password(password, self._blocklist.holds, about=(*about, self._service))
        return await self._hasher.hash(password)


def known_of(profile: Profile | None) -> tuple[str, ...]:
    """What others know of a person and would try: name, number, birthday, addresses and telephone."""
    if profile is None:
        return ()
    told = (profile.claims.get(claim) for claim in ("name", "nickname", "birthdate", "email", "phone_number"))
    texts = [text for text in told if isinstance(text, str)]
    parts = (part for text in texts for part in (text, text.partition("@")[0], text.replace("+84", "0")))
    birthdate = profile.claims.get("birthdate")
    days = birthday_words(birthdate) if isinstance(birthdate, str) else ()
    return (profile.personal_number, *parts, *days)


def birthday_words(birthdate: str) -> tuple[str, ...]:
    """A birthday (OpenID Connect Core section 5.1) as people type it: with and without the century."""
    year, _, rest = birthdate.partition("-")
    month, _, day = rest.partition("-")
    return (f"{day}{month}{year}", f"{day}{month}{year[-2:]}", f"{year}{month}{day}") if day else ()
