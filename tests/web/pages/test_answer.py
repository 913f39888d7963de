from idp.web.pages.answer import Answer


def test_headers_are_added_and_nothing_is_replaced() -> None:
    answer = Answer(200, ((b"a", b"1"),), b"body")

    more = answer.with_headers((b"set-cookie", b"x"), (b"set-cookie", b"y"))

    assert more.headers == ((b"a", b"1"), (b"set-cookie", b"x"), (b"set-cookie", b"y"))
    assert (more.status, more.body) == (200, b"body")
    assert answer.headers == ((b"a", b"1"),)
