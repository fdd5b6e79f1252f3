"""Store: the state of sessions in Redis, entered by one at a time and left all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..errors import StateLost
from ..settings import Settings
from . import scripts
from .address import StateAddress
from .connecting import connect

_MOST_CONNECTIONS = 64  # Of a process.
#: What a visitor has done.
Action: TypeAlias = Literal["look", "write", "remove"]
#: Milliseconds after which others may enter a session whose visitor has not left it.
LEASE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What a session is like to who has just entered it."""

    owner: str  #: Who that is; no two are called so.
    time: float  #: Redis's, in seconds since 1970.
    secret: bytes
    born: str  #: Names this life of the session; empty where there is none.
    seq: str
    is_whole: bool  #: Whether all of it was written; else what the copy lacks.
    written: Sequence[tuple[bytes, bytes]]  #: Names and values, in the order of their last use.
    gone: Sequence[bytes]
    obituary: str  #: When and why the last session of that id was forgotten.


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is to be kept of a session."""

    leaves: Sequence[tuple[bytes, bytes | None]]  #: None leaves the value, and makes it the latest.
    gone: Sequence[bytes]
    size: int  #: Bytes of the whole session, by its own estimate.
    rings: int
    requests: int


class Store:
    """A client of the Redis that the settings name."""

    def __init__(self, address: StateAddress, settings: Settings) -> None:
        self.address = address
        self.prefix = address.prefix
        self._ttl = settings.session_ttl
        self._bounds = (self._ttl, settings.max_sessions, settings.max_session_bytes)
        #: Why a session may be forgotten, by what the scripts call it.
        self.limits = {
            "idle": f"it was idle for session_ttl = {self._ttl:g} s",
            "number": f"there were more than max_sessions = {settings.max_sessions}",
            "bytes": f"all held more than max_session_bytes = {settings.max_session_bytes}",
        }
        self._client: Any = connect(address)
        self._connections = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._scripts = {text: self._client.register_script(text) for text in scripts.ALL}

    async def enter(
        self, session_id: str, owner: str, *, born: str, seq: str, secret: bytes
    ) -> Entered | None:
        """Enter the session, or None while somebody is in it.

        ``born`` and ``seq`` are those of the caller's copy. The ``secret`` is taken where Redis
        has none yet.

        Raises:
            StateLost: Redis doesn't answer.
        """
        asked = (owner, LEASE, born, seq, self._ttl, secret)
        found = await self._run(scripts.ENTER, session_id, *asked)
        if not found[0]:
            return None
        pairs = iter(found[7])
        return Entered(
            owner=owner,
            time=int(found[1]) + int(found[2]) / 1e6,
            secret=found[3],
            born=found[4].decode(),
            seq=found[5].decode(),
            is_whole=bool(found[6]),
            written=list(zip(pairs, pairs, strict=True)),
            gone=found[8],
            obituary=found[9].decode(),
        )

    async def leave(
        self,
        session_id: str,
        entered: Entered,
        action: Action,
        written: Written | None = None,
        *,
        new_born: str = "",
    ) -> tuple[str, bool]:
        """Leave the session: ``write`` into it, ``remove`` it, or have had a ``look``.

        Gives the ``seq`` of what is written now, and whether somebody waits to enter.

        Raises:
            StateLost: Nothing was written, because the session is not as it was when it was
                entered; or Redis doesn't answer, and what was written is unknown.
        """
        told: list[str | bytes | int | float] = []
        if written is not None:
            told += [*self._bounds, written.size, written.rings, written.requests]
            told.append(len(written.leaves))
            for name, value in written.leaves:
                told += [name, 0] if value is None else [name, 1, value]
            told += written.gone
        who = (entered.owner, entered.born, entered.seq, action, new_born)
        outcome, seq, waits = await self._run(scripts.LEAVE, session_id, *who, *told)
        if outcome != b"kept":
            raise StateLost(
                f"session {session_id!r} in the Redis at {self.address.shown} was changed by"
                f" another server, because this one took longer than {LEASE / 1000:g} s; nothing"
                " was kept of this call. Repeat it."
            )
        return seq.decode(), bool(waits)

    async def discard(self, session_id: str) -> bool:
        """Forget the session without reading it, and say whether that was done.

        It isn't where there is none, and while somebody is in it.

        Raises:
            StateLost: Redis doesn't answer.
        """
        keys: int = await self._run(scripts.DISCARD, session_id)
        return keys > 0

    async def rings(self, session_id: str) -> bytes | None:
        """How often waiting calls were told to look again; None where there is no such session.

        Raises:
            StateLost: Redis doesn't answer.
        """
        key = f"{self.prefix}meta:{session_id}"
        rings: bytes | None = await self._ask(self._client.hget, key, "rings")
        return rings

    async def list(self) -> Sequence[tuple[str, int, float]]:
        """All sessions, the one that was idle longest first: id, requests, and its last use.

        Raises:
            StateLost: Redis doesn't answer.
        """
        found = await self._run(scripts.LIST, "", self._ttl)
        return [(name.decode(), int(count), float(used)) for name, count, used in found]

    async def ping(self) -> None:
        """Ask whether Redis answers.

        Raises:
            StateLost: It doesn't.
        """
        await self._ask(self._client.ping)

    async def free_id(self) -> str:
        """An id that no session has or had: ``session-1``, then ``session-2``.

        Raises:
            StateLost: Redis doesn't answer.
        """
        session_id: bytes = await self._run(scripts.FREE_ID, "")
        return session_id.decode()

    async def agree(self, secret: bytes) -> bytes:
        """The secret that all servers have in common: the given one, if there was none yet.

        Raises:
            StateLost: Redis doesn't answer.
        """
        key = f"{self.prefix}secret"
        await self._ask(self._client.set, key, secret, nx=True)
        agreed: bytes = await self._ask(self._client.get, key)
        return agreed or secret

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()

    async def _run(self, script: str, *arguments: str | bytes | float) -> Any:  # noqa: ANN401
        run = self._scripts[script]
        return await self._ask(run, keys=[self.prefix], args=arguments)

    async def _ask(
        self, question: Callable[..., Awaitable[Any]], *args: object, **kwargs: object
    ) -> Any:  # noqa: ANN401
        from redis.exceptions import ConnectionError as NoConnection
        from redis.exceptions import RedisError
        from redis.exceptions import TimeoutError as NoAnswer

        try:
            async with self._connections:
                return await question(*args, **kwargs)
        except (NoConnection, NoAnswer, OSError) as error:
            raise StateLost(
                f"the Redis at {self.address.shown}, where this server keeps its sessions, can't"
                f" be reached: {_reason(error)}. Start it, or start nertwin with another state;"
                " then repeat the call."
            ) from error
        except RedisError as error:
            raise StateLost(
                f"the Redis at {self.address.shown}, where this server keeps its sessions, has"
                f" refused: {_reason(error)}. Repeat the call once that is remedied."
            ) from error


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text.rstrip(".")[:300]
