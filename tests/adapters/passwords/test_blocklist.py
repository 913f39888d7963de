from idp.adapters.passwords.blocklist import FILE, SIZE, ShippedBlocklist, fingerprint
from idp.domain.authenticators.guessing import plain
from tests.house.password_words import packed, words


def test_the_list_that_is_shipped_is_the_one_that_is_made() -> None:
    assert FILE.read_bytes() == packed()


def test_every_word_is_found_and_nothing_else() -> None:
    shipped = ShippedBlocklist()
    listed = {word for word in words() if len(word) > 2}
    assert all(shipped.holds(word) for word in sorted(listed)[::97])
    assert not any(shipped.holds(f"{word}#{word}") for word in sorted(listed)[::97])
    for word in ("", "zzzzzzzzzzzz", "\ud800"):
        assert not shipped.holds(word)


def test_common_ones_of_this_country_are_on_it() -> None:
    shipped = ShippedBlocklist()
    for word in ("mật khẩu", "anh yêu em", "Nguyễn Văn A", "việt nam", "đường", "khuya", "123456", "iloveyou"):
        assert shipped.holds(plain(word)), word


def test_it_is_small_and_sorted() -> None:
    content = FILE.read_bytes()
    assert len(content) < 1 << 20
    marks = [content[at : at + SIZE] for at in range(0, len(content), SIZE)]
    assert marks == sorted(set(marks))
    assert fingerprint("password") in marks


def test_the_file_is_read_when_it_is_first_asked() -> None:
    shipped = ShippedBlocklist()
    assert "_words" not in vars(shipped)
    shipped.holds("password")
    assert "_words" in vars(shipped)
