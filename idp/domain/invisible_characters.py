"""Characters that are not seen: two texts that differ by one of them alone look like one and the same."""

import re
from typing import Final

# `Default_Ignorable_Code_Point` of Unicode's DerivedCoreProperties.txt, version 14.0: fillers,
# variation selectors, joiners and more, whatever category they have. And the empty pattern of Braille, which has a
# shape of its own and shows none.
_INVISIBLE: Final = re.compile(
    "["
    "\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u2800"
    "]"
)


def has_invisible(text: str) -> bool:
    """Whether a character of `text` is one that nothing is drawn for; spaces are none of these."""
    return not text.isascii() and _INVISIBLE.search(text) is not None


def legible(text: str, *, lines: bool = False) -> str:
    """Return what is seen of `text`, without spaces around it: nobody reads another text than the one that is kept.

    What nothing is drawn for goes, with it whatever turns the order of letters round. Other control characters become
    spaces, but for the ends of `lines`.
    """
    kept = text.replace("\r\n", "\n")
    if not kept.isascii():
        kept = _INVISIBLE.sub("", kept)
    if not kept.isprintable():
        kept = "".join(each if each.isprintable() or (lines and each == "\n") else " " for each in kept)
    return kept.strip()
