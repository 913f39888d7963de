from dataclasses import replace
from typing import get_args

import pytest

from idp.web.page_cache import PageCache
from idp.web.rendering import Renderer
from idp.web.static_files import StaticFiles
from idp.web.views.common import ClientView, ErrorView, Locale, PageView, Refusal, language_links
from idp.web.views.sign_in import SignInPage, SignInReason, WorkView

RENDERER = Renderer(StaticFiles())
NASTY = 'x" onfocus="alert(1)&lang=<b>.'


def _view(locale: Locale = "vi", **changes: object) -> SignInPage:
    view = SignInPage(
        locale=locale,
        languages=language_links(locale),
        client=ClientView(name="Cổng <thử>"),
        csrf_token="token-1",
        form_action="/sign-in/1",
        register_href="/register?attempt=1",
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def _drawn_anew(view: PageView) -> str:
    return RENDERER._draw(view)


@pytest.mark.parametrize("locale", get_args(Locale))
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"csrf_token": NASTY, "form_action": NASTY, "register_href": NASTY, "phone_href": NASTY},
        {"passkey_options": '{"challenge":"a&b"}'},
        {"register_href": None},
        {"client": None},
        {"why": SignInReason.REAUTHENTICATE},
        {"audience": "officer"},
        {"username": NASTY},
        {"error": ErrorView(Refusal.WRONG_CREDENTIALS)},
        {"work": WorkView("puzzle", 12, 5)},
    ],
)
def test_a_kept_page_is_the_page_that_the_template_draws(locale: Locale, changes: dict[str, object]) -> None:
    view = _view(locale, **changes)
    for _ in range(2):
        assert RENDERER.page(view).decode() == _drawn_anew(view)
    other = replace(view, csrf_token="token-2", form_action="/sign-in/2")
    assert RENDERER.page(other).decode() == _drawn_anew(other)


def test_a_page_is_drawn_once_and_filled_in_for_every_visit() -> None:
    drawn: list[PageView] = []

    def draw(view: PageView) -> str:
        drawn.append(view)
        return _drawn_anew(view)

    cache = PageCache(draw)
    pages = {cache.page(_view(csrf_token=f"token-{number}", form_action=f"/sign-in/{number}")) for number in range(5)}
    assert (len(pages), len(drawn)) == (5, 1)
    cache.page(_view("en"))
    cache.page(_view(register_href=None))
    assert len(drawn) == 3


def test_nothing_that_somebody_typed_is_kept() -> None:
    assert _view().filled_in
    for changes in ({"username": "001"}, {"error": ErrorView(Refusal.BUSY)}, {"work": WorkView("puzzle", 1, 1)}):
        assert not _view(**changes).filled_in


def test_as_many_pages_are_kept_as_there_is_room_for() -> None:
    drawn: list[PageView] = []

    def draw(view: PageView) -> str:
        drawn.append(view)
        return ""

    cache = PageCache(draw, most=2)
    views = [_view(client=ClientView(name=name)) for name in ("one", "two", "one", "three", "one", "two")]
    for view in views:
        cache.page(view)
    assert [view.client.name for view in drawn if view.client] == ["one", "two", "three", "two"]
