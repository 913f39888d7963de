"""What two records of one human have in common, so that a second account is found."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from idp.domain.ids import AccountId, PersonId
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.names import Name
from idp.domain.people.vietnamese_collation import name_words
from idp.domain.values import dataclass


class LikenessKind(StrEnum):
    """What is alike. Names and birthdates are shared by many, so that alone is a question, never an answer."""

    NAME_AND_BIRTHDATE = "name_and_birthdate"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Likeness:
    """Somebody's record that is like another one."""

    person_id: PersonId
    account_id: AccountId
    kinds: frozenset[LikenessKind]


def likenesses(claims: Mapping[str, Any], card: IdentityCard | None) -> Iterator[tuple[LikenessKind, str]]:
    """Yield what is compared of one record: the words of the name in any order and spelling, with the birthdate; card.

    Both spellings in use, `Hòa` and `Hoà`, are one. A record without name or birthdate is like nobody's by them.
    """
    name, birthdate = claims.get("name"), claims.get("birthdate")
    if isinstance(name, str) and isinstance(birthdate, str):
        words = " ".join(sorted(name_words(Name(name))))
        yield LikenessKind.NAME_AND_BIRTHDATE, f"{birthdate} {words}"
    if card is not None:
        yield LikenessKind.CARD, card_key(card.number)


def card_key(number: str) -> str:
    """Return the number of a card as it is compared: letters and digits alone, in upper case."""
    return "".join(character for character in number.upper() if character.isalnum())
