import pytest

from idp.domain.representation.principal import Principal, PrincipalKind, UnknownPrincipalError


@pytest.mark.parametrize("text", ["organisation:0100109106", "ward:0190-x", "person:m-1"])
def test_a_principal_is_written_as_it_is_read(text: str) -> None:
    assert str(Principal.parse(text)) == text


def test_the_kind_and_the_reference_are_told_apart_at_the_first_colon() -> None:
    assert Principal.parse("ward:a:b") == Principal(PrincipalKind.WARD, "a:b")


@pytest.mark.parametrize("text", ["", "self", "ward", "ward:", ":x", "company:1", "WARD:1", "ward:" + "x" * 80])
def test_whatever_else_names_nobody(text: str) -> None:
    with pytest.raises(UnknownPrincipalError):
        Principal.parse(text)
