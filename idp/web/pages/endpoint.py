"""The ASGI application around a page handler: reads the visit, catches what can go wrong, sends one answer."""

from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from idp.domain.events import AccessRefused
from idp.journeys.attempt import AttemptChangedError
from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import BusyError
from idp.protocol.refusal_counter import RefusalCounter
from idp.web.edge.answers import send_answer, stream_answer
from idp.web.edge.context import request_context
from idp.web.edge.refusals import RefusedRequest
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.visit import BROWSER, ForgedFormError, Reception, Visit

Handler = Callable[[Visit], Awaitable[Answer]]

_OWN_CODES = {413: "request_too_large", 414: "request_too_large", 415: "unsupported_media_type"}


class PageEndpoint:
    """One page, by method."""

    def __init__(
        self, reception: Reception, desk: Desk, refusals: RefusalCounter, name: str, **handlers: Handler
    ) -> None:
        """`name` stands in logs, metrics and audit events; `handlers` by method in lower case: `get`, `post`."""
        self._name = name
        self._refusals = refusals
        self._reception = reception
        self._desk = desk
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request_context(scope).route = self._name
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_content(send)
        answer = await self._answer(scope, receive)
        if answer.pieces is not None:
            await stream_answer(send, answer.status, answer.headers, answer.pieces, answer.content_type)
            return
        await send_answer(send, answer.status, answer.headers, answer.body, answer.content_type)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        try:
            visit = self._reception.receive(scope, receive)
        except RefusedRequest as refused:
            # With its cookies, so that the refusal does not cost this browser what it began in other tabs.
            bare = self._reception.receive({**scope, "query_string": b""}, receive)
            return await self._refuse(bare, refused)
        return await self._handle(visit, scope)

    async def _handle(self, visit: Visit, scope: Scope) -> Answer:
        handler = self._handlers.get(scope["method"].lower())
        if handler is None:
            allow = (b"allow", ", ".join(sorted(name.upper() for name in self._handlers)).encode())
            return self._desk.error(visit, "method_not_allowed", 405).with_headers(allow)
        try:
            return await handler(visit)
        except RefusedRequest as refused:
            return await self._refuse(visit, refused)
        except ForgedFormError:
            code = "form_expired" if BROWSER in visit.cookies else "cookies_required"
            await self._record(visit, code)
            return self._desk.error(visit, code, 403)
        except (AttemptChangedError, BusyError, StoreUnavailableError, TimeoutError) as trouble:
            return self._explain(visit, trouble)

    def _explain(self, visit: Visit, trouble: Exception) -> Answer:
        """What went wrong, in words; nothing was changed."""
        if isinstance(trouble, AttemptChangedError):
            return self._desk.error(visit, "sign_in_finished", 409)
        wait = str(getattr(trouble, "retry_after", 1)).encode()
        return self._desk.error(visit, "temporarily_unavailable", 503).with_headers((b"retry-after", wait))

    async def _refuse(self, visit: Visit, refused: RefusedRequest) -> Answer:
        code = _OWN_CODES.get(refused.status, "invalid_request")
        await self._record(visit, code)
        return self._desk.error(visit, code, refused.status, detail=refused.reason)

    async def _record(self, visit: Visit, code: str) -> None:
        event = AccessRefused(origin=visit.visitor.origin, endpoint=self._name, error=code)
        await self._refusals.record(self._name, event, None)


def _without_content(send: Send) -> Send:
    """RFC 9110 section 9.3.2: the headers that GET would have brought, `Content-Length` included, and no content."""

    async def send_headers(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_headers
