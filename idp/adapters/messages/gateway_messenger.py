"""Messages through a gateway: one JSON object a message, `{"to": "+84…", "text": "…"}`, under a bearer secret."""

from typing import Final

from idp.ports.http import OutgoingError, OutgoingHttp
from idp.ports.messages import MessageError, ShortMessage

_ACCEPTED: Final = range(200, 300)


class GatewayMessenger:
    """`Messenger` through the operator's gateway; whatever it answers but success is a failure, to be tried again."""

    def __init__(self, url: str, secret: str, http: OutgoingHttp) -> None:
        self._url = url
        self._secret = secret
        self._http = http

    async def send(self, message: ShortMessage) -> None:
        document = {"to": message.recipient, "text": message.text}
        try:
            answer = await self._http.post_json(self._url, document, bearer=self._secret)
        except OutgoingError:
            # What went wrong on the wire may repeat what was sent.
            raise MessageError("the message gateway cannot be reached") from None
        if answer.status not in _ACCEPTED:
            raise MessageError(f"the message gateway answered {answer.status}")
