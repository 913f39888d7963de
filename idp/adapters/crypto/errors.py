"""The one way key material says that it cannot be used."""


class KeyMaterialError(Exception):
    """A secret file or keystore that is missing, unsafe, damaged or asked for what it must not do.

    `problem` and `remedy` together are one plain line; neither ever carries key material.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}: {remedy}")
        self.problem = problem
        self.remedy = remedy
