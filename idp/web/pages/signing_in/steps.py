"""Where each step of a sign-in attempt is."""

from types import MappingProxyType

from idp.journeys.next_step import Step
from idp.journeys.sessions import CurrentSession
from idp.journeys.sign_in import Demand, SignIn

_PLACES = MappingProxyType(
    {
        Step.PASSWORD: "",
        Step.PASSKEY: "/passkey",
        Step.CERTIFICATE: "/certificate",
        Step.SECOND_FACTOR: "/code",
        Step.PHONE: "/phone",
        Step.BIOMETRIC: "/biometric",
        Step.RECOVERY_CODE: "/recovery-code",
        Step.ACTIVATE: "/activate",
        Step.ENROL: "/enrol",
        Step.ENROL_PASSKEY: "/enrol-passkey",
        Step.SAVE_RECOVERY_CODES: "/recovery-codes",
        Step.DONE: "/done",
        Step.UNREACHABLE: "/done",
    }
)


def step_path(attempt_id: str, step: Step) -> str:
    """The address of a step."""
    return f"/sign-in/{attempt_id}{_PLACES[step]}"


def place(attempt_id: str, name: str) -> str:
    """The address of another page of the attempt: `methods`, `principal`, `consent`."""
    return f"/sign-in/{attempt_id}/{name}"


def resume_path(attempt_id: str) -> str:
    """Where the authorization request goes on."""
    return f"/authorize/{attempt_id}"


async def way_to_sign_in(sign_in: SignIn, demand: Demand, browser: str, current: CurrentSession | None) -> str:
    """Begin an attempt for what is demanded; the address of its first step."""
    attempt = await sign_in.begin(demand, browser, current)
    return step_path(attempt.attempt_id, await sign_in.step(attempt))
