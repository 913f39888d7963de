import pytest

from idp.journeys import refusals
from idp.web.pages.signing_in.journey import refusal_view

KINDS = [kind for kind in vars(refusals).values() if isinstance(kind, type) and kind is not refusals.RefusedError]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_has_words_of_its_own_on_the_page(kind: type[refusals.RefusedError]) -> None:
    others = {refusal_view(other()).refusal for other in KINDS if other is not kind}

    assert refusal_view(kind()).refusal not in others


@pytest.mark.parametrize("kind", KINDS)
def test_no_refusal_carries_what_was_typed(kind: type[refusals.RefusedError]) -> None:
    assert str(kind()) == ""
