"""Async client: the client of :mod:`.client` for coroutines, its work done in threads.

What is a property there is awaited here: ``await session.clock.now``.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Mapping, Sequence
from types import TracebackType

from nertwin.schemas import JSON

from ..expected import Expected
from ..faults import Kind
from ..verification import Verdict, Wanted
from .asyncparts import (
    AsyncControlledClock,
    AsyncControlledFaults,
    AsyncControlledModels,
    AsyncControlledRules,
)
from .client import Control, ControlledSession

_ANYTHING = Wanted()


class AsyncControl:
    """The control API of the stand-in at ``url``."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._control = Control(url, token)

    def __repr__(self) -> str:
        return f"AsyncControl({self.url!r})"

    async def __aenter__(self) -> AsyncControl:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """The stand-in's address, without a slash at the end."""
        return self._control.url

    async def health(self) -> dict[str, JSON]:
        """As :meth:`Control.health`."""
        return await to_thread(self._control.health)

    async def sessions(self) -> list[str]:
        """As :meth:`Control.sessions`."""
        return await to_thread(self._control.sessions)

    async def session(
        self, session_id: str | None = None, *, settings: Mapping[str, JSON] | None = None
    ) -> AsyncControlledSession:
        """As :meth:`Control.session`."""
        found = await to_thread(self._control.session, session_id, settings=settings)
        return AsyncControlledSession(found)

    async def close(self) -> None:
        """As :meth:`Control.close`."""
        self._control.close()


class AsyncControlledSession:
    """A session of a stand-in; leaving its ``async with`` block removes it."""

    def __init__(self, session: ControlledSession) -> None:
        self._session = session
        self.id = session.id
        #: Where a client is sent so that its calls are of this session.
        self.url = session.url
        self.clock = AsyncControlledClock(session.clock)
        self.models = AsyncControlledModels(session.models)
        self.faults = AsyncControlledFaults(session.faults)
        self.rules = AsyncControlledRules(session.rules)

    def __repr__(self) -> str:
        return f"AsyncControlledSession({self.url!r})"

    async def __aenter__(self) -> AsyncControlledSession:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def settings(self) -> Awaitable[dict[str, JSON]]:
        """As :attr:`ControlledSession.settings`."""
        return to_thread(lambda: self._session.settings)

    async def change(self, **settings: JSON) -> dict[str, JSON]:
        """As :meth:`ControlledSession.change`."""
        return await to_thread(self._session.change, **settings)

    async def reset(self, *what: str) -> dict[str, int]:
        """As :meth:`ControlledSession.reset`."""
        return await to_thread(self._session.reset, *what)

    async def fail_next(self, kind: Kind, *, times: int = 1, **fields: JSON) -> int:
        """As :meth:`ControlledSession.fail_next`."""
        return await to_thread(self._session.fail_next, kind, times=times, **fields)

    async def script(self, *steps: str, model: str = "") -> None:
        """As :meth:`ControlledSession.script`."""
        await to_thread(self._session.script, *steps, model=model)

    async def scripts(self) -> dict[str, list[str]]:
        """As :meth:`ControlledSession.scripts`."""
        return await to_thread(self._session.scripts)

    async def say(self, markup: str, model: str = "", *, utf16: bool = False) -> Expected:
        """As :meth:`ControlledSession.say`."""
        return await to_thread(self._session.say, markup, model, utf16=utf16)

    async def explain(
        self,
        inputs: JSON,
        model: str | None = None,
        *,
        parameters: Mapping[str, JSON] | None = None,
        options: Mapping[str, JSON] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, JSON]:
        """As :meth:`ControlledSession.explain`."""
        return await to_thread(
            self._session.explain,
            inputs,
            model,
            parameters=parameters,
            options=options,
            headers=headers,
        )

    async def clear_cache(self, model: str | None = None) -> int:
        """As :meth:`ControlledSession.clear_cache`."""
        return await to_thread(self._session.clear_cache, model)

    async def quota(self) -> dict[str, JSON]:
        """As :meth:`ControlledSession.quota`."""
        return await to_thread(self._session.quota)

    async def journal(
        self, wanted: Wanted = _ANYTHING, *, after: int = 0, limit: int = 1000
    ) -> list[dict[str, JSON]]:
        """As :meth:`ControlledSession.journal`."""
        return await to_thread(self._session.journal, wanted, after=after, limit=limit)

    async def findings(self) -> list[dict[str, JSON]]:
        """As :meth:`ControlledSession.findings`."""
        return await to_thread(self._session.findings)

    async def har(self) -> dict[str, JSON]:
        """As :meth:`ControlledSession.har`."""
        return await to_thread(self._session.har)

    async def verify(self, wanted: Wanted = _ANYTHING, *, count: int | None = None) -> Verdict:
        """As :meth:`ControlledSession.verify`."""
        return await to_thread(self._session.verify, wanted, count=count)

    async def verify_order(self, wanted: Sequence[Wanted]) -> Verdict:
        """As :meth:`ControlledSession.verify_order`."""
        return await to_thread(self._session.verify_order, wanted)

    async def wait_for(
        self,
        wanted: Wanted = _ANYTHING,
        *,
        count: int = 1,
        timeout: float = 5.0,  # noqa: ASYNC109  # The server's: it tells what came near then.
    ) -> Verdict:
        """As :meth:`ControlledSession.wait_for`."""
        return await to_thread(self._session.wait_for, wanted, count=count, timeout=timeout)

    async def close(self) -> None:
        """As :meth:`ControlledSession.close`."""
        await to_thread(self._session.close)
