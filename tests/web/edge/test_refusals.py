from idp.web.edge import refusals
from idp.web.edge.refusals import BodyTooLarge, RefusedRequest


def test_every_refusal_is_a_4xx_with_one_fixed_sentence() -> None:
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, RefusedRequest)]
    assert {kind().status for kind in kinds} == {400, 413, 414, 415}
    assert all(str(kind()) == kind().reason == kind.reason for kind in kinds)


def test_a_refusal_may_be_more_precise() -> None:
    assert BodyTooLarge("More than a picture.").reason == "More than a picture."
