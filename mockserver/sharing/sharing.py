"""Sharing: all sessions of the servers that name one Redis, as one of these servers sees them."""

from __future__ import annotations

import asyncio
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b

from ..budget import Budget
from ..endpoint import Endpoint
from ..rulebook import Rulebook
from ..settings import Settings
from ..tokens import TokenReader
from .address import BadAddress, parse_address
from .mirror import Mirror
from .room import Room
from .session import SharedSession
from .store import Store
from .visit import VISIT, Visit

_SECRET_LENGTH = 32
# How long a server that ends waits for its calls to leave: so many times so many seconds.
_LOOKS_AT_END, _BETWEEN_LOOKS = 100, 0.01
# Copies of sessions, without which they are read from Redis as a whole.
_MOST_COPIES = 1000


class Sharing:
    """The rooms of the sessions that are asked for here, and what all servers have in common."""

    def __init__(
        self, settings: Settings, tokens: TokenReader, endpoint: Endpoint, rules: Rulebook
    ) -> None:
        address = parse_address(settings.state)
        if address is None:
            raise BadAddress("state is memory, which is shared with nobody")
        self.max_body_bytes = settings.max_body_bytes
        self.store = Store(address, settings)
        self._settings = settings
        self._tokens = tokens
        self._endpoint = endpoint
        self._rules = rules
        self._copies = Budget()
        self._most_bytes = settings.max_session_bytes
        # What is random in it is never seen in an answer.
        self._server = secrets.token_hex(8)
        self._secret = secrets.token_bytes(_SECRET_LENGTH)
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        tokens.become(self._secret)

    @contextmanager
    def visit(
        self, session_id: str, *, on_kept: Callable[[], Awaitable[None]] | None = None
    ) -> Iterator[Visit]:
        """A visit of the session of that id, which is over at the end, whatever happens."""
        room = self._room(session_id)
        room.visits += 1
        visit = Visit(room, on_kept=on_kept or _nothing)
        token = VISIT.set(visit)
        try:
            yield visit
        finally:
            VISIT.reset(token)
            visit.abandon()
            room.visits -= 1
            self._drop_copies()

    async def control_token(self) -> str:
        """The token of the control API where the settings name none: the same on all servers.

        Raises:
            StateLost: Redis doesn't answer.
        """
        self._agree(await self.store.agree(self._secret))
        return _control_token(self._secret)

    async def close(self) -> None:
        """End the connections to Redis, once the calls have left that were given up."""
        for _ in range(_LOOKS_AT_END):
            if not any(room.visits for room in self._rooms.values()):
                break
            await asyncio.sleep(_BETWEEN_LOOKS)
        await self.store.close()

    def _room(self, session_id: str) -> Room:
        room = self._rooms.get(session_id)
        if room is None:
            room = self._rooms[session_id] = Room(
                session_id,
                self.store,
                server=self._server,
                new_session=self._new_copy,
                new_mirror=partial(Mirror, self._settings, self._tokens.digest),
                secret=lambda: self._secret,
                agree=self._agree,
            )
        self._rooms.move_to_end(session_id)
        return room

    def _new_copy(
        self, session_id: str, first_note: str, time: Callable[[], float]
    ) -> SharedSession:
        return SharedSession(
            session_id,
            self._endpoint,
            rules=self._rules.copy(),
            first_note=first_note,
            time=time,
            budget=Budget(self._copies),
        )

    def _agree(self, secret: bytes) -> None:
        if secret != self._secret:
            self._secret = secret
            self._tokens.become(secret)

    def _drop_copies(self) -> None:
        """Forget the copies of sessions that nobody here has visited for long."""
        while len(self._rooms) > _MOST_COPIES or self._copies.held > self._most_bytes:
            idlest = next(iter(self._rooms.values()))
            if not idlest.is_idle:
                return
            del self._rooms[idlest.id]
            if idlest.session is not None:
                idlest.session.detach()


async def find_control_token(settings: Settings) -> str:
    """The control token that servers with these settings share, if Redis answers.

    Raises:
        NertwinError: As for :class:`~nertwin.mockserver.sharing.store.Store`.
        StateLost: Redis doesn't answer.
    """
    address = parse_address(settings.state)
    if address is None:
        return ""
    store = Store(address, settings)
    try:
        return _control_token(await store.agree(secrets.token_bytes(_SECRET_LENGTH)))
    finally:
        await store.close()


def _control_token(secret: bytes) -> str:
    digest = blake2b(b"control token", key=secret, digest_size=18).digest()
    return urlsafe_b64encode(digest).decode()


async def _nothing() -> None:
    pass
