"""The one way a command says no."""


class Refusal(Exception):
    """A command could not do what was asked, and the reader can act on it.

    Raised by any command; `idp.cli.main` prints it as one line on standard error and exits with 1.
    `problem` says what is wrong, `remedy` what to do about it; neither carries a secret or personal data.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}: {remedy}")
        self.problem = problem
        self.remedy = remedy
