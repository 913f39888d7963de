import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.senders.dpop_target import is_same_target, normalised_target

HERE = "https://id.example/token"


@pytest.mark.parametrize(
    "spelling",
    [
        "https://id.example/token",
        "HTTPS://ID.Example/token",
        "https://id.example:443/token",
        "https://id.example:/token",
        "https://id.example/token?a=b",
        "https://id.example/token#part",
        "https://id.example/./token",
        "https://id.example/a/../token",
        "https://id.example/../token",
        "https://id.example/%74oken",
        "https://id.example/a/%2e%2E/token",
    ],
)
def test_spellings_of_one_address_are_the_same(spelling: str) -> None:
    assert is_same_target(spelling, HERE)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "token",
        "http://id.example/token",
        "http://id.example:443/token",
        "https://id.example:8443/token",
        "https://id.example/Token",
        "https://id.example/token/",
        "https://id.example//token",
        "https://id.example/token/.",
        "https://id.example.evil/token",
        "https://id.example@evil.example/token",
        "https://user@id.example/token",
        "https://id.example/to\tken",
        " https://id.example/token",
        "https://id.example/token\u2024",
        "https://id.example:port/token",
        "https://[id.example/token",
        "ftp://id.example/token",
        "https:///token",
    ],
)
def test_everything_else_is_another_address(other: str) -> None:
    assert not is_same_target(other, HERE)


def test_an_empty_path_is_the_root_and_an_escape_is_written_in_capitals() -> None:
    assert normalised_target("http://[::1]:8000") == "http://[::1]:8000/"
    assert normalised_target("https://id.example/a%2fb%7e") == "https://id.example/a%2Fb~"


@given(
    st.text(alphabet="/.%20aZ~", max_size=20),
    st.sampled_from(["http", "HTTPS", "https"]),
    st.sampled_from(["id.example", "ID.EXAMPLE:443", "id.example:80", "[::1]:8000"]),
)
def test_what_is_normalised_stays_as_it_is(path: str, scheme: str, authority: str) -> None:
    once = normalised_target(f"{scheme}://{authority}/{path}")
    assert normalised_target(once) == once
    assert "/./" not in once
    assert "/../" not in once


@given(st.text(max_size=60))
def test_whatever_is_written_is_an_address_or_refused(text: str) -> None:
    assert is_same_target(text, HERE) in {True, False}
