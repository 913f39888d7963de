from collections.abc import Iterable

import pytest

from idp.adapters.passwords.blocklist import ShippedBlocklist
from idp.domain.authenticators.new_password import RefusedPassword, check_new_password

LIST = ShippedBlocklist()


def refusal(password: str, about: Iterable[str] = ()) -> str | None:
    try:
        check_new_password(password, LIST.holds, about=about)
    except RefusedPassword as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    "password", ["bốn con chim sẻ trên cành", "a lowercase sentence", "Xy7!" * 4 + "é", "vq7w0k2mz8nr5tj"]
)
def test_length_is_asked_and_no_composition(password: str) -> None:
    assert refusal(password) is None


def test_a_password_takes_15_characters() -> None:
    assert refusal("chim sẻ trên c") == "password_short"
    assert refusal("chim sẻ trên cà") is None


def test_characters_are_counted_as_composed() -> None:
    decomposed = "e\u0302\u0301" * 7
    assert len(decomposed) > 15
    assert refusal(decomposed) == "password_short"


@pytest.mark.parametrize("password", ["dài quá " * 200, "mật khẩu\0 có ký tự lạ", "mật khẩu\tcó ký tự lạ"])
def test_what_cannot_be_typed_or_hashed_is_refused(password: str) -> None:
    assert refusal(password) == "password_long"


@pytest.mark.parametrize(
    "password",
    [
        "PasswordPassword",
        "matkhau123matkhau123",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "abcdefghijklmnop",
        "ponmlkjihgfedcba",
        "correct horse battery staple",
        "P@ssw0rd12345678",
        "qwertyuiopasdfghjkl",
        "1q2w3e4r5t6y7u8i",
        "0987654321098765",
        "Nguyễn Văn An 1990",
        "mật khẩu 01011990",
        "aaaaabbbbbccccc",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert refusal(password) == "password_common"


@pytest.mark.parametrize(
    "password",
    ["security@g10.example.vn", "TrầnQuỳnhLoan1985", "loan-02041985-loan", "0912345678 Loan!!", "Định danh quốc gia 1"],
)
def test_what_others_connect_with_one_is_refused(password: str) -> None:
    about = ["Security@g10.example.vn", "Trần Quỳnh Loan", "02041985", "0912345678", "Định danh quốc gia"]
    assert refusal(password) != "password_personal"
    assert refusal(password, about=about) == "password_personal"


def test_the_refused_password_is_told_nowhere() -> None:
    with pytest.raises(RefusedPassword) as refused:
        check_new_password("matkhau", LIST.holds)
    assert "matkhau" not in str(refused.value)
