"""The words of the people room: purposes of looks, and what is wrong with a search."""

from typing import Final

from idp.web.wording.words import marked

PEOPLE_WORDS: Final = {
    "room.people": marked("People"),
    "purpose_of_look.assistance": marked("The person asked for help"),
    "purpose_of_look.proofing": marked("The person is proved at a counter"),
    "purpose_of_look.correction": marked("The person asked for a correction"),
    "purpose_of_look.lock": marked("An account is to be locked or unlocked"),
    "purpose_of_look.guardianship": marked("Somebody asks to be the guardian, or is"),
    "purpose_of_look.duplicate": marked("Two records may be of one person"),
    "purpose_of_look.investigation": marked("A competent authority asks in writing"),
    "purpose_of_look.security": marked("A security incident is looked into"),
    "purpose_of_look.supervision": marked("How records are kept is looked into"),
    "account_status.merged": marked("Merged into another account of the same person"),
    "authenticator.totp": marked("One-time codes from an app"),
    "authenticator.recovery_codes": marked("Recovery codes"),
    "problem.nobody": marked("Nobody has this number or contact."),
    "problem.too_wide": marked("One word alone names too many people: add another word, or when the person was born."),
    "problem.long_number": marked("A reference is not the number of a person, a card or a telephone."),
}
