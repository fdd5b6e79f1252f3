"""Proxy: what programs of any language send to the API's hosts goes to the stand-in."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from .authority import Authority
from .reception import HTTP, HTTPS, Reception
from .redirecting.detour import Detour
from .upstream import Upstreams

_HOST = "127.0.0.1"
_LONGEST_HEAD = 64 * 1024
#: The ports of the API's hosts.
OF_THE_API = (HTTP, HTTPS)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that runs in a thread of this process."""

    url: str  #: What ``HTTPS_PROXY`` should be.


@contextlib.contextmanager
def running_proxy(
    find_detour: Callable[[], Detour | None],
    authority: Authority | None,
    *,
    note: Callable[[str], None],
    upstreams: Upstreams | None = None,
    direct_ports: Sequence[int] = (),
) -> Iterator[Proxy]:
    """A proxy on a free port of this machine, until the block ends.

    It ends the TLS of what is sent to Hugging Face's hosts, and no other. Without an authority
    it refuses that. What its clients can't know of is told to ``note``. Other hosts are reached
    by way of ``upstreams``. At ``direct_ports`` it is taken for the API's hosts themselves.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((_HOST, 0)))
        direct = [stack.enter_context(socket.create_server((_HOST, port))) for port in direct_ports]
        reception = Reception(find_detour, authority, note, upstreams or Upstreams({}))
        server = _Server(listener, direct, reception)
        thread = threading.Thread(target=server.run, name="nertwin-proxy", daemon=True)
        thread.start()
        try:
            yield Proxy(f"http://{_HOST}:{listener.getsockname()[1]}")
        finally:
            server.end()
            thread.join()


class _Server:
    """An event loop that accepts until it is told to end."""

    def __init__(
        self, listener: socket.socket, direct: list[socket.socket], reception: Reception
    ) -> None:
        self._listener = listener
        self._direct = direct
        self._reception = reception
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self) -> None:
        # Tasks that are left when the runner ends are cancelled by it.
        receive = self._reception.receive
        servers = [await asyncio.start_server(receive, sock=self._listener, limit=_LONGEST_HEAD)]
        for listener in self._direct:
            is_plain = listener.getsockname()[1] == HTTP
            tls = None if is_plain else self._reception.direct_context()
            receive_direct = partial(self._reception.receive_direct, tls=tls)
            servers.append(await asyncio.start_server(receive_direct, sock=listener))
        await self._ended.wait()
        for server in servers:
            server.close()
