import re

from tests.house.source import modules, name
from tests.house.specifications import ALIASES, PAGE, TITLES, citations, page
from tests.house.unsupported import UNSUPPORTED


def test_the_committed_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make specifications` and commit the page"


def test_every_protocol_module_stands_on_the_page_with_its_test() -> None:
    cited = {each.path: each for each in citations()}
    expected = [path for path in modules("idp/protocol") if path.name != "__init__.py"]

    assert [name(path) for path in expected if path not in cited] == []
    assert [name(path) for path in expected if not cited[path].tests] == []


def test_every_rfc_on_the_page_has_its_title() -> None:
    named = {each.specification for each in citations()} | {each.specification for each in UNSUPPORTED}
    assert sorted(each for each in named if re.match("RFC", each) and each not in TITLES) == []


def test_a_specification_stands_on_the_page_under_one_name() -> None:
    named = {each.specification for each in citations()} | {each.specification for each in UNSUPPORTED}
    assert sorted(named & set(ALIASES)) == []
