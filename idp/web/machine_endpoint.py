"""What is the same for every endpoint that machines ask: refusals are recorded, errors become their answers."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from idp.domain.events import Origin
from idp.ports.keys import SubjectKeys
from idp.protocol.errors import InvalidRequestError, OAuthError
from idp.protocol.senders.possession import Possession
from idp.web.edge.answers import send_answer
from idp.web.edge.context import request_context
from idp.web.edge.headers import Headers
from idp.web.edge.refusals import RefusedRequest
from idp.web.responses import ProtocolAnswer, refused_answer

Handle = Callable[[Scope, Receive, Origin], Awaitable[ProtocolAnswer]]


class Refusing(Protocol):
    """An endpoint that records what could not even be read."""

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record the refusal."""
        ...


class Challenging(Protocol):
    """Turns an error into an answer."""

    def answer(self, error: OAuthError) -> ProtocolAnswer:
        """Return the answer."""
        ...


def machine_endpoint(
    handle: Handle, refusing: Refusing, challenging: Challenging, keys: SubjectKeys, headers: Headers
) -> ASGIApp:
    """Return the application that answers by `handle`; what it cannot read or must refuse is recorded by `refusing`."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        context = request_context(scope)
        origin = Origin(context.request_id, keys.pseudonym(context.client_address))
        try:
            answer = await handle(scope, receive, origin)
        except RefusedRequest as refused:
            await refusing.refuse(InvalidRequestError(refused.reason), origin)
            context.outcome = InvalidRequestError.code
            answer = refused_answer(refused)
        except OAuthError as error:
            context.client_id, context.outcome = error.client_id, error.code
            answer = challenging.answer(error)
        await send_answer(send, answer.status, (*headers, *answer.headers), answer.body, answer.content_type)

    return answer


def shown_possession(scope: Scope, issuer: str) -> Possession:
    """Return what a request shows of its sender's keys; the endpoint's address is the one that discovery names."""
    proofs = tuple(value.decode("latin-1") for name, value in scope["headers"] if name == b"dpop")
    return Possession(scope["method"], issuer + scope["path"], proofs, request_context(scope).client_certificate)
