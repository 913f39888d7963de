"""What a new password must be: long enough and not soon guessed (NIST SP 800-63B section 5.1.1.2).

No rules of composition and no periodic change. What is counted are characters as typed, in NFC.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

from idp.domain.authenticators.guessing import FEWEST_GUESSES, Holds, guesses
from idp.domain.refused_value import RefusedValue

SHORTEST: Final = 15
"""Characters, since a password signs in by itself somewhere: level 1 asks for nothing more."""

LONGEST: Final = 1024
"""Bytes in UTF-8."""


class RefusedPassword(RefusedValue):
    """A password that cannot be chosen.

    `code` is `password_short`, `password_long`, `password_common`, `password_personal`, or `password_same` for the one
    in use.
    """


def check_new_password(password: str, holds: Holds, *, about: Iterable[str] = ()) -> None:
    """Raise `RefusedPassword` for a password nobody should choose.

    `holds` tells what people choose (`idp.domain.authenticators.guessing`), `about` are words that others connect with
    this person.
    """
    text = unicodedata.normalize("NFC", password)
    if len(text) < SHORTEST:
        raise RefusedPassword("password_short", "The password is too short.")
    if len(text.encode(errors="surrogatepass")) > LONGEST or "\0" in text or not text.isprintable():
        raise RefusedPassword("password_long", "The password is too long, or has characters that cannot be typed.")
    if guesses(text, holds) < FEWEST_GUESSES:
        raise RefusedPassword("password_common", "The password is among those that are tried first.")
    if guesses(text, holds, about) < FEWEST_GUESSES:
        raise RefusedPassword("password_personal", "The password is made of what others know of its owner.")
