"""A sentence or two in English, marked for translation."""

from idp.domain.values import dataclass


def marked(message: str) -> str:
    """Return `message` as it is; its name tells the extraction command that it is to be translated."""
    return message


@dataclass(frozen=True, slots=True)
class Words:
    """A short sentence, and what to do or know next."""

    title: str
    text: str
