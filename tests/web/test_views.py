from dataclasses import fields, is_dataclass

from idp.web import views
from idp.web.views import language_links


def test_the_language_switch_leads_to_this_page_with_its_query() -> None:
    vietnamese, english = language_links("vi", [("flow", "a b&c"), ("lang", "en")])
    assert (vietnamese.href, vietnamese.current) == ("?flow=a+b%26c&lang=vi", True)
    assert (english.href, english.current) == ("?flow=a+b%26c&lang=en", False)


def test_views_are_slotted_and_hold_no_entity() -> None:
    for name in views.__all__:
        kind = getattr(views, name)
        if isinstance(kind, type) and is_dataclass(kind):
            assert hasattr(kind, "__slots__"), name
            assert not [field.name for field in fields(kind) if "idp.domain" in str(field.type)], name
