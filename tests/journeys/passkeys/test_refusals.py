from idp.journeys.passkeys import refusals
from idp.journeys.refusals import RefusedError
from idp.web.pages.signing_in.journey import refusal_view


def test_every_refusal_of_a_passkey_has_words() -> None:
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type) and kind is not RefusedError]
    assert len({refusal_view(kind()).refusal for kind in kinds}) == len(kinds) > 0
