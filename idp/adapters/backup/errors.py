"""The one way a backup says that it cannot be made or used."""


class BackupError(Exception):
    """`problem` and `remedy` together are one plain line, without personal data and secrets."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}: {remedy}")
        self.problem = problem
        self.remedy = remedy
