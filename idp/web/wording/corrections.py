"""Words of requests for correction: states, the change, what the decider reads."""

from typing import Final

from idp.web.wording.words import marked

CORRECTION_WORDS: Final = {
    "room.corrections": marked("Requests for correction"),
    "correction.waiting": marked("Waits for an answer"),
    "correction.accepted": marked("Accepted, not yet carried out"),
    "correction.rejected": marked("The record stays as it is"),
    "correction.done": marked("Corrected"),
    "correction.withdrawn": marked("Taken back"),
    "notice.rejected": marked("Answered. The record stays as it is."),
    "change.record.correct": marked("Correct a person's record"),
    "fact.correct.name": marked("Full name"),
    "fact.correct.family_name": marked("Family name"),
    "fact.correct.middle_name": marked("Middle name"),
    "fact.correct.given_name": marked("Given name"),
    "fact.correct.birthdate": marked("Date of birth"),
    "fact.correct.gender": marked("Sex"),
    "fact.correct.reason": marked("Why, says the person"),
    "fact.correct.answer": marked("Answer"),
    "problem.contradicts_number": marked(
        "The record would contradict its personal number. The population register has to issue another number first."
    ),
}
