import pytest

from idp.web.edge.refusals import MalformedRequest, RepeatedParameter, UnsupportedMediaType
from idp.web.pages.visit import ForgedFormError, Reception
from tests.web.pages.standing import visit_of

FORM = (b"content-type", b"application/x-www-form-urlencoded")
KNOWN = (b"cookie", b"idp8000-browser=abc")


def test_a_first_visit_gets_a_cookie_and_a_later_one_keeps_it(reception: Reception) -> None:
    first, later = visit_of(reception), visit_of(reception, "GET", "/", b"", KNOWN)

    ((name, value),) = first.set_cookies
    assert name == b"set-cookie"
    assert value.startswith(b"idp8000-browser=")
    assert later.browser == "abc"
    assert later.set_cookies == ()


def test_two_browsers_never_share_a_form_token(reception: Reception) -> None:
    assert visit_of(reception).csrf_token != visit_of(reception).csrf_token
    known = visit_of(reception, "GET", "/", b"", KNOWN)
    assert known.csrf_token == visit_of(reception, "POST", "/x", b"", KNOWN).csrf_token


def test_a_foreign_form_replaces_no_cookie(reception: Reception) -> None:
    assert visit_of(reception, "POST").set_cookies == ()


def test_a_cookie_planted_twice_counts_as_none(reception: Reception) -> None:
    planted = (b"cookie", b"idp8000-browser=abc; idp8000-browser=def")

    assert visit_of(reception, "GET", "/", b"", planted).browser not in {"abc", "def"}


async def test_a_form_needs_the_token_of_its_browser(reception: Reception) -> None:
    token = visit_of(reception, "GET", "/", b"", KNOWN).csrf_token
    right = visit_of(reception, "POST", "/", b"", KNOWN, FORM, body=f"csrf_token={token}&a=b".encode())
    assert (await right.form())["a"] == "b"

    for headers, body in (
        ((KNOWN, FORM), b"a=b"),
        ((KNOWN, FORM), b"csrf_token=x"),
        ((KNOWN, FORM), "csrf_token=é".encode()),
        ((FORM,), f"csrf_token={token}".encode()),
    ):
        with pytest.raises(ForgedFormError):
            await visit_of(reception, "POST", "/", b"", *headers, body=body).form()


async def test_a_body_that_is_no_form_is_refused(reception: Reception) -> None:
    with pytest.raises(UnsupportedMediaType):
        await visit_of(reception, "POST", "/", b"", KNOWN, body=b"{}").form()


@pytest.mark.parametrize(("query", "refusal"), [(b"a=1&a=1", RepeatedParameter), (b"a=%ff", MalformedRequest)])
def test_a_query_that_cannot_be_read_is_refused(reception: Reception, query: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        visit_of(reception, "GET", "/", query)


@pytest.mark.parametrize(
    ("query", "headers", "locale"),
    [
        (b"", (), "vi"),
        (b"", ((b"accept-language", b"en"),), "en"),
        (b"", ((b"accept-language", b"fr"), (b"accept-language", b"en")), "en"),
        (b"", ((b"accept-language", b"en"), (b"cookie", b"idp8000-locale=vi")), "vi"),
        (b"lang=en", ((b"cookie", b"idp8000-locale=vi"),), "en"),
        (b"ui_locales=en", (), "en"),
        (b"ui_locales=en", ((b"cookie", b"idp8000-locale=vi"),), "vi"),
        (b"lang=xx", ((b"cookie", b"idp8000-locale=%ff"),), "vi"),
    ],
)
def test_the_language_is_the_persons_then_the_services_then_the_browsers(
    reception: Reception, query: bytes, headers: tuple[tuple[bytes, bytes], ...], locale: str
) -> None:
    assert visit_of(reception, "GET", "/", query, *headers).locale == locale


def test_a_service_may_wish_a_language_later_on(reception: Reception) -> None:
    visit = visit_of(reception)
    chosen = visit_of(reception, "GET", "/", b"", (b"cookie", b"idp8000-locale=vi"))

    assert visit.speaking("en").locale == "en"
    assert visit.speaking("en").visitor.locale == "en"
    assert visit.speaking("").locale == "vi"
    assert visit.speaking("tlh " * 1000).locale == "vi"
    assert chosen.speaking("en").locale == "vi"


def test_a_chosen_language_is_remembered_once(reception: Reception) -> None:
    fresh = visit_of(reception, "GET", "/", b"lang=en", KNOWN)
    again = visit_of(reception, "GET", "/", b"lang=en", KNOWN, (b"cookie", b"idp8000-locale=en"))

    ((_, value),) = fresh.set_cookies
    assert value.startswith(b"idp8000-locale=en; Max-Age=31536000;")
    assert again.set_cookies == ()


def test_the_address_of_a_visitor_stays_unknown(reception: Reception) -> None:
    assert "192.0.2.1" not in str(visit_of(reception).visitor)
