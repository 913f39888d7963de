"""How the simulated register misbehaves, on request."""

import asyncio
from enum import StrEnum

from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, JSONResponse, Response

HANGS_FOR = 60  # seconds: longer than anybody waits


class Mode(StrEnum):
    """What comes instead of an answer."""

    NONE = "none"
    ERROR = "error"
    HANG = "hang"
    GARBAGE = "garbage"


class Faults(BaseModel):
    """`latency_ms` is added to every look-up; `failure` is what comes of it."""

    failure: Mode = Mode.NONE
    latency_ms: int = Field(default=0, ge=0, le=60_000)

    def __init__(self, failure: Mode = Mode.NONE, latency_ms: int = 0) -> None:
        super().__init__(failure=failure, latency_ms=latency_ms)


class FaultSwitch:
    """The faults in force; turned while the register runs."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    async def meet(self) -> Response | None:
        """Wait as told; the answer that comes instead of the right one, or None."""
        await asyncio.sleep(self.faults.latency_ms / 1000)
        match self.faults.failure:
            case Mode.ERROR:
                return JSONResponse({"error": "simulated_failure"}, status_code=503)
            case Mode.GARBAGE:
                return HTMLResponse("<html><title>502 Bad Gateway</title></html>")
            case Mode.HANG:
                await asyncio.sleep(HANGS_FOR)
                return JSONResponse({"error": "simulated_failure"}, status_code=503)
            case _:
                return None
