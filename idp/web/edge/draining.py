"""A process that was told to stop, and still answers until whoever sends it requests has noticed."""


class Draining:
    """Begun once and for good: `/readyz` says no, and every answer asks its client to connect anew elsewhere."""

    def __init__(self) -> None:
        self.begun = False

    def begin(self) -> None:
        """Say from now on that this process is leaving. May be called by a signal handler, and more than once."""
        self.begun = True
