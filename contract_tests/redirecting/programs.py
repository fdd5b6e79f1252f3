"""Programs: what a redirected one is told in its environment, and what it tells back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from .detour import Attempt, Detour, start
from .hooks import Hooks

#: Holds the JSON of :class:`Orders`. Not in the settings' namespace, which knows no such key.
VARIABLE = "REDIRECTED_BY_NERTWIN"


@dataclass(frozen=True)
class Orders:
    """What programs below a redirect are to do."""

    url: str  #: The stand-in's, where their calls go.
    guard: str
    attempts: str  #: The file that they add each refused attempt to, a line of JSON each.
    is_named: bool = False  #: Whether names of the API's hosts mean this machine for them.

    def to_json(self) -> str:
        """As the environment has it."""
        return json.dumps(asdict(self))


def begin(given: str) -> None:
    """Redirect this process until it ends."""
    orders = Orders(**json.loads(given))

    Hooks().install()
    start(Detour(orders.url, orders.guard, partial(tell, orders.attempts), orders.is_named))


def tell(path: str, attempt: Attempt) -> None:
    """Add an attempt to the file that all processes tell theirs."""
    line = json.dumps(asdict(attempt)) + "\n"
    # One write to a file that is open for appending keeps lines of several processes whole.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode("ascii"))
    finally:
        os.close(file)


def read_attempts(path: Path) -> Iterator[Attempt]:
    """What programs have told so far."""
    text = path.read_text(encoding="ascii", errors="replace") if path.exists() else ""
    for line in text.splitlines():
        with suppress(ValueError, TypeError):  # A program that was killed may leave half a line.
            yield Attempt(**json.loads(line))
