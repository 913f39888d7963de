"""Every number there is: its name, what it says, its labels. Dashboards and alert rules may use these and no others.

Names follow Prometheus: seconds and bytes, `_total` behind what only grows. Labels are bounded: routes are templates,
clients are registered and few (`client_labels`), everything else is a word of this program.
"""

from typing import Final, Literal

from idp.domain.values import dataclass

REQUEST_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
STORE_BUCKETS: Final = (0.00025, 0.0005, *REQUEST_BUCKETS)
"""Upper bounds in seconds; one more bucket holds everything slower."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Only grows. `name` ends in `_total`."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gauge:
    """Goes up and down. `workers`: what several processes of one node say together."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    workers: Literal["sum", "max"] = "sum"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Durations in seconds, put into buckets."""

    name: str
    says: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = REQUEST_BUCKETS


Family = Counter | Gauge | Histogram

REQUESTS: Final = Counter("idp_requests_total", "Requests by route and HTTP status.", ("route", "status"))
REQUEST_SECONDS: Final = Histogram("idp_request_seconds", "Time to answer, by route.", ("route",))
CLIENT_REQUESTS: Final = Counter(
    "idp_client_requests_total",
    "Requests to protocol endpoints by registered client and outcome: ok, an error code, refused, failed, client_gone.",
    ("route", "client", "outcome"),
)
REQUESTS_SHED: Final = Counter(
    "idp_requests_shed_total",
    "Requests turned away: too many in progress in a worker, among pages or of one client, or passwords queue.",
    ("reason",),
)
STORE_SECONDS: Final = Histogram(
    "idp_store_operation_seconds", "Time that stores took, by kind of operation.", ("store", "operation"), STORE_BUCKETS
)
STORE_ERRORS: Final = Counter(
    "idp_store_errors_total", "Operations that a store did not answer.", ("store", "operation")
)
STORE_REFUSED: Final = Counter(
    "idp_store_refused_total", "Operations not tried: the breaker was open or too many waited already.", ("store",)
)
ARGON2_WAIT: Final = Histogram("idp_argon2_wait_seconds", "Time in the queue before a password is hashed.", ())
ARGON2_REFUSED: Final = Counter("idp_argon2_refused_total", "Passwords turned away because the queue was full.")
AUDIT_EVENTS: Final = Counter("idp_audit_events_total", "Audit events by name.", ("name",))
SIGN_INS: Final = Counter("idp_sign_ins_total", "Proofs of who somebody is, by method.", ("method", "outcome"))
CHALLENGES: Final = Counter(
    "idp_challenges_total",
    "Tries at passwords while they cost work: solved, waited, or not looked at and why.",
    ("outcome",),
)
SESSIONS_STARTED: Final = Counter("idp_sessions_started_total", "Sign-ins completed: new ones and step-ups.", ("kind",))
TOKENS_ISSUED: Final = Counter("idp_tokens_issued_total", "Token answers by grant type.", ("grant_type",))
TOKENS_REFUSED: Final = Counter("idp_tokens_refused_total", "Token refusals by error, floods included.", ("error",))
MAILS: Final = Counter("idp_mails_total", "Messages to people, by what became of them.", ("outcome",))
# Not `job`, which is Prometheus's own label for what it scrapes.
JOB_FAILURES: Final = Counter("idp_background_failures_total", "Failed runs of background jobs.", ("task",))
TRACE_SPANS: Final = Counter("idp_trace_spans_total", "Spans of traces, by what became of them.", ("outcome",))
CPU_SECONDS: Final = Counter("process_cpu_seconds_total", "Processor time, user and system, of all workers.")

FAMILIES: Final[tuple[Family, ...]] = (
    REQUESTS,
    REQUEST_SECONDS,
    CLIENT_REQUESTS,
    REQUESTS_SHED,
    STORE_SECONDS,
    STORE_ERRORS,
    STORE_REFUSED,
    ARGON2_WAIT,
    ARGON2_REFUSED,
    AUDIT_EVENTS,
    SIGN_INS,
    CHALLENGES,
    SESSIONS_STARTED,
    TOKENS_ISSUED,
    TOKENS_REFUSED,
    MAILS,
    JOB_FAILURES,
    TRACE_SPANS,
    CPU_SECONDS,
    Gauge("process_resident_memory_bytes", "Memory of all workers."),
    Gauge("process_open_fds", "Open files and connections of all workers."),
    Gauge("idp_build_info", "1; the labels tell node and release.", ("node", "version"), "max"),
    Gauge("idp_workers", "Processes that answer."),
    Gauge("idp_requests_in_progress", "Requests that are worked on now."),
    Gauge("idp_store_breaker_state", "0 closed, 1 half open, 2 open; of all workers the worst.", ("store",), "max"),
    Gauge("idp_argon2_queue", "Password hashes in work or waiting."),
    Gauge("idp_argon2_threads", "Password hashes that run at once."),
    Gauge("idp_attack_level", "2 while passwords are tried everywhere and tries cost work; else 0.", (), "max"),
    Gauge("idp_writer_queue", "Units of work that wait for the database: SQLite's writer, PostgreSQL's connections."),
    Gauge("idp_outbox_pending", "Messages that wait for delivery."),
    Gauge("idp_outbox_oldest_seconds", "Age of the message that waits longest."),
    Gauge("idp_audit_pending", "Audit events that are recorded and not yet chained."),
    Gauge("idp_audit_oldest_seconds", "Age of the oldest audit event that is not yet chained."),
    Gauge("idp_lock_requests_late", "Authorities' requests that nobody forwarded or decided in time, 1000 at most."),
    Gauge("idp_background_jobs_failing", "Background jobs whose last run failed."),
    Gauge(
        "idp_job_last_success_timestamp_seconds",
        "When a background job last ran to its end, in seconds since 1970.",
        ("task",),
        "max",
    ),
    Gauge("idp_job_owned", "1 where this node runs the job.", ("task",), "max"),
    Gauge("idp_signing_key_age_seconds", "Age of the key that signs.", ("algorithm",), "max"),
    Gauge("idp_signing_key_rotation_seconds", "Age at which a signing key hands over; 0: by hand.", (), "max"),
    Gauge("idp_ready", "1 where a part that requests need works, of `/readyz`.", ("part",), "max"),
)

BY_NAME: Final = {family.name: family for family in FAMILIES}
