import pytest

from idp.domain.authenticators.passkey import LONGEST_NAME, Passkey, passkey_name
from idp.domain.ids import AccountId, PasskeyId, Seconds
from idp.domain.levels.assurance import METHODS, Method, Resistance


def passkey(*, backup_eligible: bool, attested_as: str | None) -> Passkey:
    return Passkey(
        passkey_id=PasskeyId("passkey-1"),
        account_id=AccountId("account-1"),
        credential_id=b"credential",
        public_key=b"key",
        sign_count=0,
        aaguid="00000000-0000-0000-0000-000000000000",
        transports=(),
        backup_eligible=backup_eligible,
        backed_up=False,
        attested_as=attested_as,
        created_at=Seconds(1),
    )


@pytest.mark.parametrize(
    ("backup_eligible", "attested_as", "method"),
    [
        (True, None, Method.PASSKEY),
        (True, "Model", Method.PASSKEY),
        (False, None, Method.PASSKEY),
        (False, "Model", Method.SECURITY_KEY),
    ],
)
def test_only_a_key_that_stays_on_attested_hardware_is_a_security_key(
    backup_eligible: bool, attested_as: str | None, method: Method
) -> None:
    found = passkey(backup_eligible=backup_eligible, attested_as=attested_as)
    assert found.method is method
    assert found.is_synced is backup_eligible


def test_every_passkey_resists_phishing_and_only_a_security_key_is_protected_by_hardware() -> None:
    assert METHODS[Method.PASSKEY].resistance is Resistance.PHISHING_RESISTANT
    assert METHODS[Method.SECURITY_KEY].resistance is Resistance.HARDWARE_PROTECTED


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Điện thoại  của tôi ", "Điện thoại của tôi"),
        ("a\tb\u202ec\n", "a b c"),
        ("", ""),
        ("x" * 200, "x" * LONGEST_NAME),
        ("x" * 59 + " y", "x" * 59),
    ],
)
def test_a_name_is_kept_printable_and_short(typed: str, kept: str) -> None:
    assert passkey_name(typed) == kept
