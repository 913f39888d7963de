"""The cookies that the frame of Session Management reads: what stands for the session, and that there was a visit."""

from typing import Final

from idp.domain.sign_ins.session import Session
from idp.ports.clock import Clock
from idp.protocol.logout.session_management import SessionStates
from idp.web.edge.cookies import Cookies
from idp.web.edge.headers import Headers
from idp.web.pages.visit import Visit

STATE: Final = "browser_state"
VISITED: Final = "visited"
_A_YEAR: Final = 365 * 24 * 3600


class BrowserState:
    """Keeps the cookies in step with the session.

    The state ends when the session would sign nobody in any more. The mark of a visit stays: a frame that cannot even
    read that is one from which the browser keeps cookies, which is not the same as signed out.
    """

    def __init__(self, states: SessionStates, cookies: Cookies, clock: Clock) -> None:
        self._states = states
        self._cookies = cookies
        self._clock = clock

    def of(self, session: Session) -> Headers:
        """The headers for a browser in which somebody is signed in."""
        state = self._states.browser_state(session.session_id)
        lifetime = max(session.idle_expires_at - self._clock.now(), 1)
        return (
            self._cookies.set_readable(STATE, state, max_age=lifetime),
            self._cookies.set_readable(VISITED, "1", max_age=_A_YEAR),
        )

    def of_nobody(self, visit: Visit) -> Headers:
        """The headers for a browser in which nobody is signed in: none when it knows already."""
        return (self._cookies.clear_readable(STATE),) if STATE in visit.cookies else ()
