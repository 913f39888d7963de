from idp.adapters.observability.numbers import COUNTERS, Numbers


def test_the_numbers_of_two_processes_add_up() -> None:
    mine = Numbers(
        requests={"token": {200: 1}}, durations={"token": [1, 0]}, seconds={"token": 0.5}, tokens={"refresh_token": 1},
        summed={"queue": 1}, shared={"pending": 5},
    )  # fmt: skip
    mine.add(
        Numbers(
            requests={"token": {200: 2, 400: 1}, "jwks": {200: 1}}, durations={"token": [0, 3], "jwks": [1, 0]},
            seconds={"token": 1.5, "jwks": 0.25}, tokens={"refresh_token": 2, "client_credentials": 1},
            summed={"queue": 2}, shared={"pending": 4, "head": 9},
        )
    )  # fmt: skip
    assert mine.requests == {"token": {200: 3, 400: 1}, "jwks": {200: 1}}
    assert mine.durations == {"token": [1, 3], "jwks": [1, 0]}
    assert mine.seconds == {"token": 2.0, "jwks": 0.25}
    assert mine.tokens == {"refresh_token": 3, "client_credentials": 1}
    assert mine.summed == {"queue": 3}
    assert mine.shared == {"pending": 5, "head": 9}


def test_every_counter_by_one_label_takes_part() -> None:
    fields = set(Numbers.__struct_fields__) - {"requests", "durations", "seconds", "summed", "shared"}
    empty = Numbers()
    assert {name for name in fields for counter in COUNTERS if counter(empty) is getattr(empty, name)} == fields
