import re

from idp.protocol import errors
from idp.protocol.errors import InvalidClientError, InvalidGrantError, OAuthError

ALL = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, OAuthError) and each is not OAuthError
]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in ALL if "code" in vars(error)]
    assert len(codes) == len(set(codes)) > 15
    assert "server_error" not in codes


def test_no_description_has_a_character_that_rfc_6749_forbids() -> None:
    # RFC 6749 section 5.2: error_description MUST NOT include characters outside %x20-21 / %x23-5B / %x5D-7E.
    assert all(re.fullmatch(r"[\x20\x21\x23-\x5B\x5D-\x7E]+", error().description) for error in ALL)


def test_a_reason_is_private_and_the_description_stays_the_class_s_own() -> None:
    error = InvalidGrantError(reason="code_verifier does not match")
    assert error.description == InvalidGrantError.default
    assert str(error) == error.reason == "code_verifier does not match"


def test_without_a_reason_the_description_is_the_reason() -> None:
    assert OAuthError("A sentence.").reason == "A sentence."


def test_every_cause_of_invalid_client_reads_the_same() -> None:
    descriptions = {InvalidClientError(reason=reason).description for reason in ("unknown client", "wrong secret")}
    assert descriptions == {"Client authentication failed."}
