from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.adapters.passwords.blocklist import ShippedBlocklist
from idp.domain.accounts.account import Profile
from idp.domain.authenticators.new_password import RefusedPassword
from idp.journeys.new_passwords import NewPasswords, birthday_words, known_of
from idp.setting_forms import Argon2Parameters

CHEAP = Argon2Parameters(memory=8, passes=1, lanes=1)
CLAIMS = {
    "name": "Trần Quỳnh Loan",
    "birthdate": "1985-04-02",
    "email": "loan.tq@example.vn",
    "phone_number": "+84912345678",
}


async def refusal(password: str, profile: Profile | None = None) -> str | None:
    hasher = Argon2PasswordHasher(CHEAP, threads=1)
    passwords = NewPasswords(hasher, ShippedBlocklist(), "Định danh quốc gia")
    try:
        hashed = await passwords.hashed(password, known_of(profile))
        assert await hasher.verify(hashed, password)
    except RefusedPassword as refused:
        return refused.code
    finally:
        hasher.close()
    return None


async def test_what_is_known_of_the_person_makes_no_password() -> None:
    profile = Profile(personal_number="079185012345", identity_level=2, claims=CLAIMS)
    for password in (
        "TranQuynhLoan85",
        "quynhloan02041985",
        "loan.tq loan.tq",
        "0912345678 0912345678",
        "079185012345-Loan",
    ):
        assert await refusal(password, profile) in {"password_personal", "password_common"}, password
    assert await refusal("bốn con chim sẻ trên cành", profile) is None


async def test_our_own_name_makes_no_password() -> None:
    assert await refusal("Định danh quốc gia!") == "password_personal"


def test_a_birthday_is_typed_in_several_ways_and_one_without_a_day_in_none() -> None:
    assert birthday_words("1985-04-02") == ("02041985", "020485", "19850402")
    assert birthday_words("1985") == ()
    assert known_of(None) == ()
