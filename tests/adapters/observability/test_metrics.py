import pytest

from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.numbers import BUCKETS
from idp.domain.events import (
    ActivationCodeRefused,
    Origin,
    PasswordRefused,
    SecondFactorRefused,
    SessionStarted,
    TokenRefused,
    TokensIssued,
)
from idp.domain.ids import AccountId, ClientId, RequestId, SessionId

ORIGIN = Origin(request_id=RequestId("r"), source="s")
ACCOUNT = AccountId("a")


def _session(*, stepped_up: bool) -> SessionStarted:
    return SessionStarted(
        origin=ORIGIN, account_id=ACCOUNT, session_id=SessionId("s"), acr="1", amr=("pwd",), stepped_up=stepped_up
    )


def test_requests_are_counted_by_route_and_status_and_put_into_buckets() -> None:
    metrics = Metrics()
    for seconds in (0.0005, 0.001, 0.3, 99.0):
        metrics.observe_request("token", 200, seconds)
    metrics.observe_request("token", 400, 0.0005)
    numbers = metrics.numbers
    assert numbers.requests == {"token": {200: 4, 400: 1}}
    assert numbers.durations["token"][0] == 3
    assert numbers.durations["token"][BUCKETS.index(0.5)] == 1
    assert numbers.durations["token"][-1] == 1
    assert numbers.seconds["token"] == pytest.approx(99.302)


def test_recorded_events_tell_sign_ins_and_tokens() -> None:
    metrics = Metrics()
    client = ClientId("portal")
    issued = TokensIssued(
        origin=ORIGIN, client_id=client, grant_type="refresh_token", token_id="t", scopes=(), audience=()
    )
    metrics.count_events(
        [
            _session(stepped_up=False),
            _session(stepped_up=True),
            PasswordRefused(origin=ORIGIN, reason="wrong"),
            SecondFactorRefused(origin=ORIGIN, account_id=ACCOUNT, method="otp", reason="wrong"),
            ActivationCodeRefused(origin=ORIGIN, account_id=ACCOUNT, reason="wrong"),
            issued,
            issued,
            TokenRefused(origin=ORIGIN, error="invalid_grant", reason="expired"),
        ]
    )
    numbers = metrics.numbers
    assert numbers.sign_ins == {
        "signed_in": 1,
        "stepped_up": 1,
        "password_refused": 1,
        "second_factor_refused": 1,
        "activation_code_refused": 1,
    }
    assert numbers.tokens == {"refresh_token": 2}
    assert numbers.refusals == {"invalid_grant": 1}
    assert numbers.events["tokens.issued"] == 2


async def test_gauges_are_read_when_asked_for_and_left_out_when_they_fail() -> None:
    metrics = Metrics()

    async def pending() -> float:
        return 3

    async def broken() -> float:
        raise OSError

    metrics.gauge("idp_argon2_queue", lambda: 2)
    metrics.shared_gauge("idp_outbox_pending", pending)
    metrics.shared_gauge("idp_audit_head", broken)
    metrics.job_failed("outbox")
    sample = await metrics.sample()
    assert (sample.summed, sample.shared) == ({"idp_argon2_queue": 2}, {"idp_outbox_pending": 3})
    assert sample.job_failures == {"outbox": 1}
