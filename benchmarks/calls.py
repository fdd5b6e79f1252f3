"""Calls: computing for one call through the HTTP protocol, without sockets or their system calls.

The least of many small batches: what else the machine does can only add to it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.protocol import Protocol

from .load import sentence
from .peers.bare import bare
from .samples import Samples, print_table

_BATCH = 50
_BATCHES_A_ROUND = 20
_MODEL = "/models/dslim/bert-base-NER"
_DATE = (b"date", b"Sun, 22 Nov 2026 23:52:36 GMT")
_BASE = "bare function"


class _Nowhere(asyncio.Transport):
    """A transport that forgets what is written."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Forget it."""

    def is_closing(self) -> bool:
        """Never."""
        return False

    def get_extra_info(self, name: str, default: object = None) -> object:
        """An address, and nothing else."""
        return ("127.0.0.1", 8080) if name in ("sockname", "peername") else default

    def resume_reading(self) -> None:
        """Nothing is read."""


class _Caller:
    """Calls one application with one request again and again."""

    def __init__(self, app: Any, kind: type[HttpToolsProtocol], request: bytes) -> None:  # noqa: ANN401
        config = uvicorn.Config(
            app, ws="none", lifespan="off", log_config=None, access_log=False, proxy_headers=False
        )
        config.load()
        state = ServerState()
        state.default_headers = [_DATE]
        self._protocol = kind(config, state, {}, _loop=asyncio.get_running_loop())
        self._protocol.connection_made(_Nowhere())
        self._request = request

    async def time_batch(self) -> float:
        """Microseconds of computing that a call takes."""
        began = time.process_time()
        for _ in range(_BATCH):
            self._protocol.data_received(self._request)
            # Turns of the loop are what is timed.
            while not self._protocol.cycle.response_complete:  # noqa: ASYNC110
                await asyncio.sleep(0)
        return (time.process_time() - began) / _BATCH * 1e6


def run(*, rounds: int, seconds: float) -> dict[str, object]:
    """Measure all subjects in turns, print it and give it as JSON."""
    del seconds
    least = {name: Samples(tuple(each)) for name, each in uvloop.run(_measure(rounds)).items()}
    base = min(least[_BASE].values)
    rows = [
        (name, f"{min(each.values):.1f}", f"{min(each.values) / base:.2f}")
        for name, each in least.items()
    ]
    print_table("Calls without a socket, the least of all batches", ("", "us", "ratio"), rows)
    return {name: samples.to_json() for name, samples in least.items()}


async def _measure(rounds: int) -> dict[str, list[float]]:
    body = sentence().encode()
    app = create_app(Settings())
    sent = _request("POST", _MODEL, body)
    callers = {
        _BASE: _Caller(bare, HttpToolsProtocol, sent),
        "cached answer": _Caller(app, Protocol, sent),
        "computed answer": _Caller(
            app, Protocol, _request("POST", _MODEL, body, b"x-use-cache: 0")
        ),
        "hub look-up": _Caller(app, Protocol, _request("GET", "/api" + _MODEL, b"")),
    }
    times: dict[str, list[float]] = {name: [] for name in callers}
    for _ in range(rounds * _BATCHES_A_ROUND):
        for name, caller in callers.items():
            times[name].append(await caller.time_batch())
    return times


def _request(method: str, path: str, body: bytes, *headers: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: 127.0.0.1:8080", *headers]
    if body:
        lines += [b"content-type: application/json", b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
