"""Where each step of a sign-in attempt is."""

from types import MappingProxyType

from idp.journeys.next_step import Step

_PLACES = MappingProxyType(
    {
        Step.PASSWORD: "",
        Step.SECOND_FACTOR: "/code",
        Step.ACTIVATE: "/activate",
        Step.ENROL: "/enrol",
        Step.SAVE_RECOVERY_CODES: "/recovery-codes",
        Step.DONE: "/done",
        Step.UNREACHABLE: "/done",
    }
)


def step_path(attempt_id: str, step: Step) -> str:
    """The address of a step."""
    return f"/sign-in/{attempt_id}{_PLACES[step]}"


def place(attempt_id: str, name: str) -> str:
    """The address of another page of the attempt: `methods`, `recovery-code`, `consent`."""
    return f"/sign-in/{attempt_id}/{name}"


def resume_path(attempt_id: str) -> str:
    """Where the authorization request goes on."""
    return f"/authorize/{attempt_id}"
