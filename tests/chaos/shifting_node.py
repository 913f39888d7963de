"""One node as `idp serve` runs it, whose clock jumps: SIGUSR1 moves it by `--seconds`, SIGUSR2 puts it right again."""

import argparse
import signal
from functools import partial
from typing import Any

from idp.adapters.crypto.system import SystemClock
from idp.adapters.observability.logs import adopt_library_logs, open_log
from idp.adapters.steady_clock import SteadyClock
from idp.app import build_app
from idp.cli.serving import listen, serve
from idp.domain.ids import Seconds
from idp.settings import load_settings
from idp.web.edge.draining import Draining


class JumpingClock(SystemClock):
    """The system's clock, `offset` seconds off."""

    def __init__(self) -> None:
        self.offset = 0

    def now(self) -> Seconds:
        return Seconds(super().now() + self.offset)

    def milliseconds(self) -> int:
        return super().milliseconds() + self.offset * 1000

    def jump(self, seconds: int, *_: object) -> None:
        """Be so many seconds off from now on."""
        self.offset = seconds


def application(clock: JumpingClock, draining: Draining) -> Any:
    """The provider on that clock, as on the machine's own (`steady_clock.node_clock`)."""
    adopt_library_logs(open_log())
    return build_app(load_settings(), clock=SteadyClock(clock), draining=draining)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    options = parser.parse_args()
    clock = JumpingClock()
    signal.signal(signal.SIGUSR1, lambda *_: clock.jump(options.seconds))
    signal.signal(signal.SIGUSR2, lambda *_: clock.jump(0))
    serve(partial(application, clock), listen("127.0.0.1", options.port), 1)


if __name__ == "__main__":
    main()
