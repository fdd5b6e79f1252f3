"""Layer: answers a request in its session where that is shared, alone with it."""

from __future__ import annotations

from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..call import CALL, Call
from ..errors import StateLost
from ..incoming import declares_more
from ..layers import within_session
from ..naming import by_session
from .outgoing import Outgoing
from .sharing import Sharing
from .visit import Visit


def wrap_shared(app: ASGIApp, sharing: Sharing) -> ASGIApp:
    """The app in all its layers, where the sessions are shared."""
    inner = within_session(app)
    return by_session(inner, InSharedSession(inner, sharing).answer)


class InSharedSession:
    """What :class:`~nertwin.mockserver.layers.InSession` is to the sessions of one process.

    Nobody waits for a client inside of a session: the request has been read before, and the
    reply goes out after, when all that it has changed is kept. So no client has an answer that
    another server doesn't know of.
    """

    def __init__(self, app: ASGIApp, sharing: Sharing) -> None:
        self.app = app
        self.sharing = sharing

    async def answer(self, session_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the app inside, or refuse where the session can't be had."""
        arrived = monotonic()
        receive = await _read_ahead(scope, receive, self.sharing.max_body_bytes)
        outgoing = Outgoing(scope, receive, send)
        with self.sharing.visit(session_id, on_kept=outgoing.let_out) as visit:
            try:
                await self._answer_inside(visit, outgoing, receive, arrived)
            except StateLost as error:
                await outgoing.refuse(error)

    async def _answer_inside(
        self, visit: Visit, outgoing: Outgoing, receive: Receive, arrived: float
    ) -> None:
        await visit.enter()
        session = visit.make()
        session.requests += 1
        waited = monotonic() - arrived
        call = Call(session, session.clock.now, arrived=session.time() - waited)
        scope = {**outgoing.scope, CALL: call}
        try:
            await self.app(scope, receive, outgoing.send)
        except StateLost:
            raise
        except Exception:  # It goes on to the caller; the journal tells of the call first.
            await self._record(visit, call, scope)
            raise
        await self._record(visit, call, scope)

    async def _record(self, visit: Visit, call: Call, scope: Scope) -> None:
        await visit.enter()  # Whose client left while the call waited outside is there still.
        call.record(scope)
        await visit.leave()


async def _read_ahead(scope: Scope, receive: Receive, limit: int) -> Receive:
    """What gives the messages of a request, whose body has come unless it is too long."""
    read: list[Message] = []
    length = 0
    is_over = declares_more(scope["headers"], limit)
    while not is_over:
        message = await receive()
        read.append(message)
        length += len(message.get("body", b""))
        is_over = not message.get("more_body", False) or length > limit
    read.reverse()

    async def receive_again() -> Message:
        return read.pop() if read else await receive()

    return receive_again
