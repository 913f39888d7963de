"""Acting for others: what each basis, function, state and end is called."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.web.wording.words import marked

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "kind.organisation": marked("Organisation"),
        "kind.ward": marked("Child or ward"),
        "kind.person": marked("Person who authorised you"),
        "basis.legal_representative": marked("You are its legal representative"),
        "basis.mandate_holder": marked("By a mandate"),
        "basis.guardian": marked("You are the guardian"),
        "function.view": marked("See dossiers and their state"),
        "function.submit": marked("Submit and change dossiers"),
        "function.pay": marked("Pay fees and charges"),
        "function.receive": marked("Receive results"),
        "state.waiting": marked("Waiting for agreement"),
        "state.at_office": marked("Waits for an office"),
        "state.coming": marked("Begins later"),
        "state.in_force": marked("In force"),
        "state.ended": marked("Ended"),
        "end.declined": marked("Declined"),
        "end.revoked": marked("Revoked"),
        "end.expired": marked("Its last day is over"),
        "end.dissolved": marked("The organisation was dissolved"),
        "end.refused": marked("Refused by the office"),
        "end.withdrawn": marked("Withdrawn"),
        "end.grown_up": marked("The child turned 14"),
        "end.ended_by_office": marked("Ended by the office"),
        "guardianship.minor": marked("Child under 14"),
        "guardianship.ward": marked("Ward without full capacity"),
        "stage.under_six": marked("Under 6: identity level 1, on request"),
        "stage.six_to_thirteen": marked("6 to 13: identity level 1; level 2 on request"),
        "stage.from_fourteen": marked("From 14 on: an account of one's own"),
        "notice.proposed": marked("The mandate was sent. It counts once everybody has agreed."),
        "notice.agreed": marked("You have agreed."),
        "notice.ended": marked("It has ended. Services that were using it are being told."),
        "notice.asked": marked("Your request was sent. An office checks it."),
        "notice.too_late": marked("Nothing was changed: it had been decided or ended before."),
        "notice.level": marked("Your identity must be proved at level 2 for this."),
        "refusal.level": marked("Your identity must be proved at level 2 for this."),
        "refusal.person": marked("Nobody is known by this number and name. Check both."),
        "refusal.oneself": marked("This is your own number."),
        "refusal.services": marked("Choose at least one service."),
        "refusal.functions": marked("Choose at least one thing that may be done."),
        "refusal.days": marked("The last day must not lie before the first, in the past, or more than 5 years on."),
        "refusal.giver": marked("You cannot give a mandate for this organisation."),
        "refusal.birthdate": marked("Type the date of birth as it stands in the register."),
        "refusal.too_old": marked("A child of 14 or older has an account of its own."),
        "refusal.contradicts_number": marked(
            "This personal number is of somebody born in another year. Check number and date."
        ),
        "refusal.number": marked("This is not a personal number."),
        "refusal.slow": marked("Too many tries. Wait a few minutes."),
    }
)


def acting_words(name: str) -> str:
    """Return the sentence for `kind.…`, `basis.…`, `function.…` and so on, in English; templates translate it."""
    return _WORDS[name]
