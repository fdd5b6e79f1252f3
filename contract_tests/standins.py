"""Stand-ins: the servers of one run of pytest, each started when it is first needed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nertwin.mockserver import Control, NertwinError, RunningServer, Settings, running_server

from .direct import asked_directly
from .marking import base_settings

_STARTS_WITHIN = 30.0  # Seconds.
_ENDS_WITHIN = 10.0
_ANNOUNCES = "nertwin listening on "


class StandIns:
    """Servers in threads of this process; equal settings share one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory  #: Whose nertwin.toml or pyproject.toml is read.
        self._running: list[tuple[Settings, int, RunningServer]] = []
        self._controls: dict[str, Control] = {}
        self._stack = ExitStack()
        self._stack.enter_context(asked_directly())

    def get(self, given: Mapping[str, object], *, number: int = 0) -> RunningServer:
        """The server with what is ``given`` over the configuration.

        Another ``number`` is another server.

        Raises:
            NertwinError: The settings are wrong, or it can't be started.
        """
        settings = base_settings(self._directory, given)
        for known, taken, server in self._running:
            if (known, taken) == (settings, number):
                return server
        server = self._stack.enter_context(running_server(settings))
        self._running.append((settings, number, server))
        return server

    def settings(self, server: RunningServer) -> Settings | None:
        """Those of a server that was started here."""
        return next((known for known, _, each in self._running if each is server), None)

    def control(self, url: str, token: str) -> Control:
        """What controls the server at ``url``; made once, so that connections are kept."""
        if url not in self._controls:
            self._controls[url] = Control(url, token or None)
            self._stack.callback(self._controls[url].close)
        return self._controls[url]

    def close(self) -> None:
        """End all servers."""
        self._stack.close()


class DidNotServe(NertwinError):
    """A process that was to serve ended, or hung, before it was ready."""


@dataclass(frozen=True, slots=True)
class ServingProcess:
    """A ``nertwin serve`` of its own, for programs in any language."""

    url: str  #: Of its default session, without a slash at the end.
    control: Control
    process: subprocess.Popen[str] = field(repr=False)


@contextmanager
def serving_process(directory: Path) -> Iterator[ServingProcess]:
    """A process that serves in ``directory`` until the block ends.

    Raises:
        DidNotServe: The message has what it wrote to standard error.
    """
    command = [sys.executable, "-m", "nertwin.contract_tests.cli", "serve"]
    command += ["--host", "127.0.0.1", "--port", "0"]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors, asked_directly():
        process = subprocess.Popen(  # noqa: S603  # Nothing in it comes from outside.
            command, cwd=directory, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            line = _first_line(process)
            if not line.startswith(_ANNOUNCES):
                errors.seek(0)
                raise DidNotServe(
                    f"`nertwin serve` wrote {line!r} and not {_ANNOUNCES!r}; its standard error"
                    f" says: {errors.read()[-2000:].strip() or 'nothing'}"
                )
            url = line.removeprefix(_ANNOUNCES).strip()
            control = Control(url)
            yield ServingProcess(url, control, process)
            control.close()
        finally:
            _end(process)


def _first_line(process: subprocess.Popen[str]) -> str:
    """The first line on its standard output, or nothing if there is none in time."""
    lines: list[str] = []
    stdout = process.stdout
    if stdout is None:
        return ""
    reader = threading.Thread(target=lambda: lines.append(stdout.readline()), daemon=True)
    reader.start()
    reader.join(_STARTS_WITHIN)
    return lines[0] if lines else ""


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
