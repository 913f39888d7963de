"""The one exception that ends in a page: what happened, in plain words, and what to do.

Refusal
├── SignInNeeded     the page is for people who are signed in
├── SessionEnded     the provider ended the session behind this one
└── ProviderUnavailable
"""

from dataclasses import dataclass

from clients.relying_party.language import marked


@dataclass(frozen=True, slots=True)
class Wording:
    status: int
    heading: str
    advice: str
    may_retry: bool = True


WORDINGS = {
    "access_denied": Wording(
        403,
        marked("You chose not to share your information."),
        marked("Nothing was sent to us. You can sign in again and decide anew."),
    ),
    "login_required": Wording(401, marked("You are not signed in."), marked("Sign in to go on; it takes a minute.")),
    "interaction_required": Wording(
        401,
        marked("The sign-in service needs to ask you something first."),
        marked("Sign in again and answer its question."),
    ),
    "consent_required": Wording(
        401,
        marked("The sign-in service needs your agreement first."),
        marked("Sign in again and say what you want to share."),
    ),
    "account_selection_required": Wording(
        401, marked("Several people are signed in here."), marked("Sign in again and choose who you are.")
    ),
    "unmet_authentication_requirements": Wording(
        403,
        marked("This step needs a stronger sign-in."),
        marked("Sign in again with your password and a one-time code."),
    ),
    "temporarily_unavailable": Wording(
        503,
        marked("The sign-in service does not answer at the moment."),
        marked("Nothing is lost. Please try again in a few minutes."),
    ),
    "service_unavailable": Wording(
        503,
        marked("The ministry's system does not answer at the moment."),
        marked("Nothing is lost. Please try again in a few minutes."),
    ),
    "sign_in_expired": Wording(
        400,
        marked("This sign-in has expired or was already used."),
        marked("Start again; you may already be known and need not type anything."),
    ),
    "sign_in_failed": Wording(
        400,
        marked("We could not confirm who you are."),
        marked("Start again. If it keeps happening, tell the help desk what this page says."),
    ),
    "session_ended": Wording(
        401,
        marked("Your session has ended."),
        marked("You signed out, or it was ended for your safety. Sign in again."),
    ),
    "sign_in_needed": Wording(
        401, marked("Please sign in first."), marked("This page is shown only to the person it belongs to.")
    ),
    "invalid_sign_out": Wording(
        400,
        marked("This sign-out link is not valid any more."),
        marked("Go to the first page to see if you are signed in."),
        may_retry=False,
    ),
    "invalid_request": Wording(
        400,
        marked("We could not read what was sent."),
        marked("Go back, check the form and send it again."),
        may_retry=False,
    ),
    "invalid_form": Wording(
        403,
        marked("This form is no longer valid."),
        marked("You may have signed in or out in another window. Open the page again and repeat."),
        may_retry=False,
    ),
    "too_large": Wording(
        413, marked("Too much was sent at once."), marked("Shorten the text and send it again."), may_retry=False
    ),
    "officer_sign_in_needed": Wording(
        403, marked("This page is for officers of the agency."), marked("Sign in as an officer to open it.")
    ),
    "not_found": Wording(
        404,
        marked("There is nothing at this address."),
        marked("Check the link, or start from the first page."),
        may_retry=False,
    ),
    "method_not_allowed": Wording(
        405, marked("This address cannot be used that way."), marked("Start from the first page."), may_retry=False
    ),
    "changed_meanwhile": Wording(
        409,
        marked("Someone changed this in the meantime."),
        marked("Open the page again to see how it stands now."),
        may_retry=False,
    ),
    "server_error": Wording(
        500,
        marked("Something went wrong on our side."),
        marked("It was recorded. Please try again later."),
        may_retry=False,
    ),
}

# What an authorization endpoint may answer (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, and the errata for unmet
# requirements) and a person can do something about; anything else is a fault between the two services.
AUTHORIZATION_ERRORS = {
    "access_denied": "access_denied",
    "login_required": "login_required",
    "interaction_required": "interaction_required",
    "consent_required": "consent_required",
    "account_selection_required": "account_selection_required",
    "unmet_authentication_requirements": "unmet_authentication_requirements",
    "temporarily_unavailable": "temporarily_unavailable",
    "server_error": "temporarily_unavailable",
}


class Refusal(Exception):
    """Ends the request with the page of `code`; `detail` is for the log and holds no personal data."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.return_to = "/"  # where the person can try again

    @property
    def wording(self) -> Wording:
        return WORDINGS[self.code]


class SignInNeeded(Refusal):
    """The page is for people who are signed in."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("sign_in_needed", detail)


class SessionEnded(Refusal):
    """The provider ended the session behind this one, so it is over here too."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("session_ended", detail)


class ProviderUnavailable(Refusal):
    """The provider could not be reached or answered nonsense."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("temporarily_unavailable", detail)
