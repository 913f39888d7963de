from idp.protocol.senders.possession import NOTHING_SHOWN


def test_a_request_that_shows_nothing_holds_neither_proof_nor_certificate() -> None:
    assert (NOTHING_SHOWN.proofs, NOTHING_SHOWN.certificate) == ((), None)
