"""The words of getting back into an account."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.web.wording.words import marked

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "lost.password": marked("My password"),
        "lost.password.hint": marked("My phone, app or passkey still works"),
        "lost.second_factor": marked("My phone or my app for codes"),
        "lost.second_factor.hint": marked("I still know my password"),
        "lost.both": marked("Both"),
        "lost.both.hint": marked("Neither password nor phone"),
        "way.proof": marked("With a code from my app, or a recovery code"),
        "way.proof.hint": marked("And a code that we send to your e-mail address. You set a new password at once."),
        "way.proof_both": marked("With a recovery code"),
        "way.proof_both.hint": marked(
            "And a code that we send to your e-mail address. You set a new password at once, then sign in with another "
            "recovery code."
        ),
        "way.sign_in": marked("Sign in with my password and a recovery code or passkey"),
        "way.sign_in.hint": marked("After that you remove the lost phone and set up another one in your account."),
        "way.people": marked("With the help of people I trust"),
        "way.people.hint": marked(
            "Your guardian, or the people whom you named in your account, confirm that it is you. Then it takes 48 "
            "hours, and everybody who reads your messages can stop it."
        ),
        "way.counter": marked("With a code from a one-stop counter"),
        "way.counter.hint": marked(
            "Take your identity card there; an officer compares it with you. With a code that we send to your e-mail "
            "address you set a new password at once, otherwise after 48 hours."
        ),
        "request.people": marked("With the word of others"),
        "request.counter": marked("With a code of a counter"),
        "request.office": marked("With a link that was handed over"),
        "state.waiting": marked("Waiting for those who are asked"),
        "state.cooling": marked("Confirmed; the time to say no is running"),
        "state.ready": marked("A new password can be set"),
        "state.done": marked("A new password was set"),
        "state.stopped": marked("Stopped"),
        "state.over": marked("Over: too much time went by"),
        "notice.named": marked("The person was asked, and has to be willing. The word counts seven days after that."),
        "notice.accepted": marked("You are willing to help. You are told when you are needed."),
        "notice.removed": marked("That is over. Nobody else was told."),
        "notice.stopped": marked("It was stopped. Nobody sets a new password with it."),
        "notice.too_late": marked("Nothing was changed: it had been decided or ended before."),
        "notice.slow": marked("Too many tries. Wait a few minutes."),
        "notice.confirmed": marked("You have confirmed. The owner is told, and can still say no for 48 hours."),
        "notice.denied": marked("It was stopped, and the owner is told. Thank you for looking."),
        "refusal.person": marked("Nobody with level 2 is known by this number and name. Check both."),
        "refusal.number": marked("This is not a personal number."),
        "refusal.oneself": marked("This is your own number."),
        "refusal.named": marked("You have named this person already, or five people."),
        "refusal.level": marked("Your identity must be proved at level 2 for this."),
        "refusal.officer": marked("An officer gets back in at the own office. Name people in your citizen account."),
        "refusal.slow": marked("Too many tries. Wait a few minutes."),
    }
)


def recovery_words(name: str) -> str:
    """Return the sentence for `lost.…`, `way.…`, `state.…` and so on, in English; templates translate it."""
    return _WORDS[name]
