from idp.domain.accounts.account import AccountStatus
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.offices.officer import OfficerAccount, Post

NOW = Seconds(1_790_000_000)


def post(post_id: str, held_from: int, held_to: int | None = None) -> Post:
    return Post(
        post_id=post_id,
        agency_code="G10",
        position="Chuyên viên",
        roles=(),
        held_from=Seconds(held_from),
        held_to=None if held_to is None else Seconds(held_to),
    )


def officer(*posts: Post) -> OfficerAccount:
    return OfficerAccount(
        account_id=AccountId("a"),
        officer_id="o",
        person_id=PersonId("p"),
        username="u",
        name="n",
        status=AccountStatus.ACTIVE,
        created_at=NOW,
        has_password=True,
        posts=posts,
    )


def test_a_post_is_held_from_its_first_moment_and_not_at_its_last() -> None:
    held = post("1", NOW, NOW + 10)
    assert not held.is_held(Seconds(NOW - 1))
    assert held.is_held(NOW)
    assert held.is_held(Seconds(NOW + 9))
    assert not held.is_held(Seconds(NOW + 10))
    assert held.is_over(Seconds(NOW + 10))


def test_whose_officer_somebody_is_goes_by_the_post_held_then_the_next_then_the_last() -> None:
    past, present, future = post("past", NOW - 20, NOW - 10), post("now", NOW - 10, NOW + 10), post("next", NOW + 10)
    assert officer(future, present, past).standing_post(NOW) == present
    assert officer(future, past).standing_post(NOW) == future
    assert officer(past).standing_post(NOW) == past
    assert officer().standing_post(NOW) is None
    assert officer(future, past).post_at(NOW) is None
    assert officer(future, past).post_to_come(NOW) == future


def test_a_post_gives_way_to_one_that_begins_no_later() -> None:
    assert [post("1", NOW).gives_way_to(post("2", NOW + later)) for later in (-1, 0, 1)] == [True, True, False]
