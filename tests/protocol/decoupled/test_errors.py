import pytest

from idp.protocol.decoupled import errors
from idp.protocol.errors import OAuthError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.AuthorizationPendingError, "authorization_pending"),
        (errors.PolledTooSoonError, "slow_down"),
        (errors.ExpiredTokenError, "expired_token"),
        (errors.PersonDeniedError, "access_denied"),
        (errors.UnknownUserIdError, "unknown_user_id"),
        (errors.InvalidBindingMessageError, "invalid_binding_message"),
        (errors.MissingHintError, "invalid_request"),
    ],
)
def test_each_error_has_its_registered_code_and_is_a_bad_request(error: type[OAuthError], code: str) -> None:
    assert error.code == code
    assert error.status == 400
    assert error().description
