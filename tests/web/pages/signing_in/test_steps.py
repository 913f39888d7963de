from idp.journeys.next_step import Step
from idp.web.pages.signing_in.steps import place, resume_path, step_path


def test_every_step_has_its_own_address() -> None:
    shown = [step for step in Step if step is not Step.UNREACHABLE]

    assert len({step_path("a", step) for step in shown}) == len(shown)
    assert all(step_path("a", step).startswith("/sign-in/a") for step in Step)


def test_other_places_are_within_the_attempt() -> None:
    assert place("a", "methods") == "/sign-in/a/methods"
    assert resume_path("a") == "/authorize/a"
