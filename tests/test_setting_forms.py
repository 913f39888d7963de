import pytest

from idp.setting_forms import StateStore, parse_state_url


def store(**given: object) -> StateStore:
    plain: dict[str, object] = {
        "kind": "single",
        "nodes": (("localhost", 6379),),
        "service": "",
        "database": 0,
        "username": None,
        "password": None,
        "tls": False,
    }
    return StateStore(**{**plain, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost", store()),
        ("redis://localhost:7000/3", store(nodes=(("localhost", 7000),), database=3)),
        (
            "rediss://idp:p%40ss@10.0.0.5/",
            store(nodes=(("10.0.0.5", 6379),), username="idp", password="p@ss", tls=True),
        ),
        ("redis://:secret@[::1]:7000", store(nodes=(("::1", 7000),), password="secret")),
        (
            "redis+sentinel://a:26379,b/idp",
            store(kind="sentinel", nodes=(("a", 26379), ("b", 26379)), service="idp"),
        ),
        ("redis+sentinel://a/idp/2", store(kind="sentinel", nodes=(("a", 26379),), service="idp", database=2)),
        ("rediss+cluster://a:1,b:2", store(kind="cluster", nodes=(("a", 1), ("b", 2)), tls=True)),
    ],
)
def test_short_lived_state_is_kept_by_a_server_sentinels_or_a_cluster(url: str, expected: StateStore) -> None:
    assert parse_state_url(url) == expected


def test_no_url_is_the_database() -> None:
    assert parse_state_url("") is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://localhost", "use redis://HOST"),
        ("redis://user@localhost", "use redis://HOST"),
        ("redis://localhost?db=1", "use redis://HOST"),
        ("redis://localhost/x", "ends in /DB"),
        ("redis://localhost/0/1", "ends in /DB"),
        ("redis+sentinel://a:1", "ends in /DB"),
        ("redis+cluster://a/1", "no databases by number"),
        ("redis://a,b", "name one server"),
        ("redis://a:0", "names each server"),
        ("redis://a:99999", "names each server"),
        ("redis://127.1", "names each server"),
    ],
)
def test_any_other_form_is_told_what_to_write(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_state_url(url)
