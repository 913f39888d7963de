from idp.adapters.observability.numbers import Distribution, Numbers


def test_the_numbers_of_two_processes_add_up() -> None:
    mine = Numbers(
        counters={"idp_requests_total": {("token", "200"): 1}, "idp_argon2_refused_total": {(): 1}},
        distributions={"idp_request_seconds": {("token",): Distribution([1, 0], 0.5)}},
        gauges={"idp_argon2_queue": {(): 1}},
    )
    other = Numbers(
        counters={"idp_requests_total": {("token", "200"): 2, ("jwks", "200"): 1}},
        distributions={
            "idp_request_seconds": {("token",): Distribution([0, 3], 1.5), ("jwks",): Distribution([1, 0], 0.25)}
        },
        gauges={"idp_argon2_queue": {(): 2}},
    )
    mine.add(other)
    assert mine.counters == {
        "idp_requests_total": {("token", "200"): 3, ("jwks", "200"): 1},
        "idp_argon2_refused_total": {(): 1},
    }
    assert mine.distributions == {
        "idp_request_seconds": {("token",): Distribution([1, 3], 2.0), ("jwks",): Distribution([1, 0], 0.25)}
    }
    assert mine.gauges == {"idp_argon2_queue": {(): 3}}


def test_adding_leaves_the_other_process_alone() -> None:
    mine, other = Numbers(), Numbers(distributions={"idp_request_seconds": {("token",): Distribution([1], 1.0)}})
    mine.add(other)
    mine.distributions["idp_request_seconds"]["token",].counts[0] += 1
    assert other.distributions["idp_request_seconds"]["token",].counts == [1]


def test_what_all_workers_see_alike_does_not_add_up() -> None:
    mine = Numbers(gauges={"idp_build_info": {("node-1", "1"): 1}})
    mine.add(Numbers(gauges={"idp_build_info": {("node-1", "1"): 1}}))
    assert mine.gauges == {"idp_build_info": {("node-1", "1"): 1}}
