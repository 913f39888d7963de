import pytest

from idp.web.views import AccountNotice, Method, Refusal, SignInReason
from idp.web.wording import ACCOUNT_NOTICES, METHODS, REFUSALS, SIGN_IN_REASONS, error_words, item_words
from idp.web.wording.errors import ERROR_CODES
from idp.web.wording.shared_items import ITEM_NAMES

STANDARD_CLAIMS = (
    *("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "picture", "website"),
    *("gender", "birthdate", "zoneinfo", "locale", "updated_at", "email", "email_verified"),
    *("phone_number", "phone_number_verified", "address"),
)
SCOPES = ["openid", "profile", "email", "phone", "address", "offline_access", "identity", "officer"]
OURS = ["personal_number", "identity_level", "officer_id", "agency", "position", "roles", "authority"]


def test_every_reason_has_its_words() -> None:
    assert set(REFUSALS) == set(Refusal)
    assert set(SIGN_IN_REASONS) == set(SignInReason)
    assert set(ACCOUNT_NOTICES) == set(AccountNotice)
    assert set(METHODS) == set(Method)


def test_each_error_has_a_short_sentence_of_its_own() -> None:
    sentences = [error_words(code).sentence for code in ERROR_CODES]
    assert len(sentences) == len(set(sentences))
    assert max(map(len, sentences)) <= 60


def test_a_request_and_a_service_that_are_wrong_are_not_told_in_the_same_words() -> None:
    advice = [error_words(code).advice for code in ERROR_CODES]
    assert [advice.count(error_words(code).advice) for code in ("invalid_request", "invalid_client")] == [1, 1]


@pytest.mark.parametrize(
    "code",
    [
        *("invalid_request", "invalid_client", "unauthorized_client", "access_denied", "unsupported_response_type"),
        *("invalid_scope", "server_error", "temporarily_unavailable", "not_found", "method_not_allowed"),
    ],
)
def test_the_common_codes_have_words(code: str) -> None:
    assert code in ERROR_CODES


def test_a_code_without_words_borrows_those_of_an_invalid_request() -> None:
    assert error_words("never_heard_of") == error_words("invalid_request")


def test_each_refusal_has_a_title_of_its_own() -> None:
    titles = [words.title for words in REFUSALS.values()]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("name", [*STANDARD_CLAIMS, *SCOPES, *OURS])
def test_every_claim_and_scope_has_a_label_and_a_purpose(name: str) -> None:
    words = item_words(name)
    assert words is not None
    assert words.title
    assert words.text


def test_an_unknown_claim_has_no_words() -> None:
    assert item_words("never_heard_of") is None
    assert "never_heard_of" not in ITEM_NAMES
