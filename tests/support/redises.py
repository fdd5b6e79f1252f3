"""Redis servers for tests: one of its own for each that asks, with nothing kept on disk."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
needs_redis = pytest.mark.skipif(
    PROGRAM is None,
    reason="neither redis-server nor valkey-server is installed (Debian has redis-server)",
)
_ENDS_WITHIN = 10.0  # Seconds.


class RedisServer:
    """A Redis that can be ended, and started again where it was."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://{self.address}/0"

    def start(self, *options: str) -> None:
        """Start it, and return when it answers."""
        assert PROGRAM is not None
        where = ("--bind", "127.0.0.1", "--port", str(self.port))
        nothing_kept = ("--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(
            [PROGRAM, *where, *nothing_kept, *options], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "eady to accept connections" in line:
                return
        raise AssertionError("".join(said))

    def stop(self) -> None:
        """End it; all that it had is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate(timeout=_ENDS_WITHIN)
            self.process = None


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A Redis on a free port of this machine."""
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
