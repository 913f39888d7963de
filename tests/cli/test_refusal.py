from idp.cli.refusal import Refusal


def test_a_refusal_says_what_is_wrong_and_what_to_do() -> None:
    assert str(Refusal("port 8000 is in use", "choose another with --port")) == (
        "port 8000 is in use: choose another with --port"
    )
