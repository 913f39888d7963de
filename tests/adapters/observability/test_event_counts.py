from idp.adapters.observability.metrics import Metrics
from idp.domain.events import (
    ActivationCodeAccepted,
    ActivationCodeRefused,
    ChallengeMet,
    ChallengeRefused,
    ConsentGiven,
    Origin,
    PasskeyAccepted,
    PasskeyRefused,
    PasswordAccepted,
    PasswordRefused,
    RefusalsCounted,
    SecondFactorAccepted,
    SecondFactorRefused,
    SessionStarted,
    TokenRefused,
    TokensIssued,
)
from idp.domain.ids import AccountId, ClientId, PasskeyId, RequestId, SessionId

ORIGIN = Origin(request_id=RequestId("r"), source="s")
ACCOUNT = AccountId("a")
CLIENT = ClientId("portal")


def _session(*, stepped_up: bool) -> SessionStarted:
    return SessionStarted(
        origin=ORIGIN, account_id=ACCOUNT, session_id=SessionId("s"), acr="1", amr=("pwd",), stepped_up=stepped_up
    )


def test_recorded_events_tell_sign_ins_by_method_and_outcome() -> None:
    metrics = Metrics()
    metrics.count_events(
        [
            _session(stepped_up=False),
            _session(stepped_up=True),
            PasswordAccepted(origin=ORIGIN, account_id=ACCOUNT),
            PasswordRefused(origin=ORIGIN, reason="wrong"),
            SecondFactorAccepted(origin=ORIGIN, account_id=ACCOUNT, method="otp"),
            SecondFactorRefused(origin=ORIGIN, account_id=ACCOUNT, method="recovery_code", reason="wrong"),
            PasskeyAccepted(
                origin=ORIGIN, account_id=ACCOUNT, passkey_id=PasskeyId("k"), method="passkey", discovered=True
            ),
            PasskeyRefused(origin=ORIGIN, reason="unknown"),
            ActivationCodeAccepted(origin=ORIGIN, account_id=ACCOUNT),
            ActivationCodeRefused(origin=ORIGIN, account_id=ACCOUNT, reason="wrong"),
        ]
    )
    counters = metrics.numbers.counters
    assert counters["idp_sessions_started_total"] == {("sign_in",): 1, ("step_up",): 1}
    assert counters["idp_sign_ins_total"] == {
        ("password", "accepted"): 1,
        ("password", "refused"): 1,
        ("otp", "accepted"): 1,
        ("recovery_code", "refused"): 1,
        ("passkey", "accepted"): 1,
        ("passkey", "refused"): 1,
        ("activation_code", "accepted"): 1,
        ("activation_code", "refused"): 1,
    }


def test_recorded_events_tell_tokens_by_grant_type_and_refusals_by_error() -> None:
    metrics = Metrics()
    issued = TokensIssued(
        origin=ORIGIN, client_id=CLIENT, grant_type="refresh_token", token_id="t", scopes=(), audience=()
    )
    metrics.count_events([issued, issued, TokenRefused(origin=ORIGIN, error="invalid_grant", reason="expired")])
    counters = metrics.numbers.counters
    assert counters["idp_tokens_issued_total"] == {("refresh_token",): 2}
    assert counters["idp_tokens_refused_total"] == {("invalid_grant",): 1}
    assert counters["idp_audit_events_total"] == {("tokens.issued",): 2, ("tokens.refused",): 1}


def test_a_flood_counts_as_many_refusals_as_it_stands_for() -> None:
    metrics = Metrics()
    for endpoint, error in (
        ("token", "invalid_client"),
        ("sign-in", "throttled"),
        ("passkey", "unknown"),
        ("userinfo", "invalid_token"),
    ):
        metrics.count_events([RefusalsCounted(origin=ORIGIN, endpoint=endpoint, error=error, count=500)])
    counters = metrics.numbers.counters
    assert counters["idp_tokens_refused_total"] == {("invalid_client",): 500}
    assert counters["idp_sign_ins_total"] == {("password", "refused"): 500, ("passkey", "refused"): 500}
    assert counters["idp_audit_events_total"] == {("refusals.counted",): 4}


def test_tries_that_cost_work_are_counted_by_what_became_of_them() -> None:
    metrics = Metrics()
    metrics.count_events(
        [
            ChallengeMet(origin=ORIGIN, way="solved", bits=19),
            ChallengeRefused(origin=ORIGIN, reason="missing"),
            RefusalsCounted(origin=ORIGIN, endpoint="challenge", error="missing", count=500),
        ]
    )
    assert metrics.numbers.counters["idp_challenges_total"] == {("solved",): 1, ("missing",): 501}


def test_any_other_event_counts_by_its_name_alone() -> None:
    metrics = Metrics()
    metrics.count_events([ConsentGiven(origin=ORIGIN, account_id=ACCOUNT, client_id=CLIENT, scopes=(), claims=())])
    told = {name: values for name, values in metrics.numbers.counters.items() if any(values.values())}
    assert told == {"idp_audit_events_total": {("consent.given",): 1}}
