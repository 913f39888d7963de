"""A process that a test starts ends with the test run, however that ends: a killed run leaves no server behind."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# It reads to the end of a pipe whose other end the run alone holds; a line says that there is nothing left to end.
_WATCH = 'read -r released && exit; kill -s "$2" -- "-$1"; [ -z "$3" ] || { sleep 1; rm -rf -- "$3"; }'


@dataclass(slots=True)
class Lifeline:
    """What ties a process to this one, as long as it is not released."""

    watcher: "subprocess.Popen[bytes] | None" = None

    def tie(self, process: "subprocess.Popen[Any]", *, signal: str = "KILL", folder: Path | None = None) -> None:
        """End the group that `process` leads by `signal` once this process is gone, and remove the folder it used."""
        self.release()
        self.watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "lifeline", str(process.pid), signal, str(folder or "")],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def release(self) -> None:
        """Say that the process has ended."""
        if self.watcher is not None:
            self.watcher.communicate(b"released\n", timeout=30)
        self.watcher = None
