from idp.journeys.phone_sign_in import refusals
from idp.journeys.phone_sign_in.refusals import PhoneRefusedError

KINDS = [kind for kind in vars(refusals).values() if isinstance(kind, type) and kind is not PhoneRefusedError]


def test_every_refusal_has_a_reason_of_its_own_and_tells_nothing_else() -> None:
    kinds = [kind for kind in KINDS if issubclass(kind, PhoneRefusedError)]

    assert len({kind.reason for kind in kinds}) == len(kinds) == 6
    assert all(str(kind()) == "" for kind in kinds)
