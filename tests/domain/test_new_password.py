import pytest

from idp.domain.new_password import SHORTEST_WITH_A_SECOND, RefusedPassword, check_new_password


def refusal(password: str, **options: object) -> str | None:
    try:
        check_new_password(password, **options)  # type: ignore[arg-type]
    except RefusedPassword as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    "password", ["bốn con chim sẻ trên cành", "a lowercase sentence", "Xy7!" * 4 + "é", "x" * 10 + "yzabcd"]
)
def test_length_is_asked_and_no_composition(password: str) -> None:
    assert refusal(password) is None


def test_a_password_alone_takes_15_characters_and_8_beside_a_second_factor() -> None:
    assert refusal("chim sẻ trên c") == "password_short"
    assert refusal("chim sẻ", shortest=SHORTEST_WITH_A_SECOND) == "password_short"
    assert refusal("chim sẻ!", shortest=SHORTEST_WITH_A_SECOND) is None


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
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert refusal(password) == "password_common"


def test_what_others_connect_with_one_is_refused() -> None:
    assert refusal("security@g10.example.vn", about=["Security@g10.example.vn"]) == "password_common"


def test_the_refused_password_is_told_nowhere() -> None:
    with pytest.raises(RefusedPassword) as refused:
        check_new_password("matkhau")
    assert "matkhau" not in str(refused.value)
