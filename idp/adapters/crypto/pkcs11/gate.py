"""No process of this machine lists the objects of a module while another one writes some.

SoftHSM2 shares tokens between processes through files, and remembers for good that an object was incomplete when it
first came across it: it would never be seen by that process. A module behind a network needs no gate and loses nothing.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class MachineGate:
    """Many may look at once, or one may write. Used by one thread at a time; entering again inside is nothing new."""

    def __init__(self, module_path: Path) -> None:
        # The folder: the library itself stands for the lock on whole changes.
        self._folder = module_path.parent
        self._descriptor = -1
        self._process = -1
        self._inside = False

    @contextlib.contextmanager
    def entered(self, *, writing: bool) -> Iterator[None]:
        """Be inside, where the file system can lock."""
        if self._inside:
            yield
            return
        self._lock(fcntl.LOCK_EX if writing else fcntl.LOCK_SH)
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
            self._lock(fcntl.LOCK_UN)

    def _lock(self, operation: int) -> None:
        with contextlib.suppress(OSError):
            if self._process != os.getpid():
                # A forked process would share the lock of its parent.
                self._descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                self._process = os.getpid()
            fcntl.flock(self._descriptor, operation)
