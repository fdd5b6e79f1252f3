"""Command: a program of any language, run with a stand-in in the API's place."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from nertwin.mockserver import Control, NertwinError, Settings, load_settings, running_server

from .endreport import print_report
from .isolation import isolate
from .marking import FORCED
from .redirect import Redirector

_BAD = 1
_CAN_NOT_RUN = 126
_NOT_FOUND = 127
_KILLED = 128  # And the signal's number, as shells say it.
_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH")


class CanNotRun(NertwinError):
    """There is no such program, or it is none."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.exit_status = status


@dataclass(frozen=True, kw_only=True)
class Order:
    """The options of ``nertwin run``."""

    command: tuple[str, ...]
    guard: str = "api"
    strict: bool = False
    isolate: bool = False
    config: Path | None = None
    given: Mapping[str, object] = field(default_factory=dict)  #: Other settings.

    def settings(self) -> Settings:
        """Those of the stand-in.

        Raises:
            NertwinError: One of them is wrong.
        """
        return load_settings({**self.given, **FORCED}, config=self.config)


def run_command(order: Order) -> int:
    """Run the program to its end, report, and give the exit status.

    Raises:
        NertwinError: It can't be run, or a setting is wrong.
    """
    settings = order.settings()
    if order.isolate:
        isolate()  # While there is one thread only.
    with (
        running_server(settings) as server,
        Control(server.url, server.control_token or None) as control,
        control.session() as session,
        Redirector(is_isolated=order.isolate) as redirector,
    ):
        with redirector.redirect(session.url, guard=order.guard) as redirect:
            status = _run(order.command, redirect.environment)
        refused = redirect.attempts
        is_well = print_report(session, refused=refused, notes=redirector.notes)
        if status == 0 and (refused or (order.strict and not is_well)):
            return _BAD
        return status


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The program's status; one that a signal has ended has a shell's."""
    with _signals() as passed_on:
        try:
            process = subprocess.Popen(command, env=environment)  # noqa: S603  # The user's own.
        except FileNotFoundError as error:
            problem = f"there is no program {command[0]!r}; write its path, or check PATH"
            raise CanNotRun(problem, _NOT_FOUND) from error
        except OSError as error:
            problem = f"{command[0]!r} can't be run: {error.strerror}"
            raise CanNotRun(problem, _CAN_NOT_RUN) from error
        passed_on.append(process)
        status = process.wait()
    return status if status >= 0 else _KILLED - status


@contextmanager
def _signals() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Pass signals on to the processes of the list instead of ending by them."""
    processes: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        # Ctrl-C goes from the terminal to all programs in front of it, this one's child as well.
        if number == signal.SIGINT and _is_in_front():
            return
        for process in processes:
            process.send_signal(number)

    numbers = [getattr(signal, name) for name in _PASSED_ON if hasattr(signal, name)]
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield processes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_front() -> bool:
    """Whether the keys of a terminal are signals to this process, wherever its input comes from."""
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except (OSError, AttributeError):
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
