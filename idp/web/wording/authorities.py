"""Words of the console's rooms about acting for others."""

from typing import Final

from idp.web.wording.words import marked

AUTHORITY_WORDS: Final = {
    "room.organisations": marked("Organisations"),
    "room.guardianships": marked("Guardianships"),
    "change.guardianships.confirm": marked("Confirm a guardianship"),
    "fact.guardian.name": marked("Guardian"),
    "fact.ward.name": marked("Ward"),
    "fact.ward.birthdate": marked("Date of birth"),
    "fact.ward.number": marked("Personal number"),
    "fact.ward.kind": marked("Kind"),
    "fact.ward.known": marked("The record"),
    "value.minor": marked("Child under 14"),
    "value.ward": marked("Ward without full capacity"),
    "value.known": marked("Says the same."),
    "value.unknown": marked("Nobody has this number; an account of level 1 is made."),
    "problem.record_differs": marked("The record says something else about name or date of birth."),
    "problem.number_differs": marked("The personal number is of somebody born in another year."),
}
