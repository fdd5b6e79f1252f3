"""Route: one thing that the control API does, and all that its description tells of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from starlette.requests import Request

from nertwin.schemas import JSON

from ..errors import quote
from ..rounds import ROUNDS, Rounds
from ..session import DEFAULT_SESSION, Session
from ..sessions import SessionBook
from ..settings import Settings
from ..tokens import TokenReader
from . import PREFIX
from .refusal import ControlRefused

_NAME = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to the control API that has been let in and read."""

    request: Request = field(repr=False)
    settings: Settings  #: Those of the server.
    sessions: SessionBook = field(repr=False)
    tokens: TokenReader = field(repr=False)  #: That of the calls.
    names: dict[str, str]  #: What stands in the path for ``{id}``, ``{model}`` and ``{number}``.
    query: Any = None  #: An instance of the route's ``query``.
    body: Any = None  #: An instance of the route's ``body`` or of its ``alternative``.

    @property
    def number(self) -> int:
        """The number that the path names; -1, which nothing has, for what is none."""
        text = self.names["number"]
        return int(text) if _NUMBER.match(text) else -1

    @property
    def origin(self) -> str:
        """The server as this client calls it, ``http://127.0.0.1:8080``."""
        scope = self.request.scope
        server = ":".join(str(part) for part in scope.get("server") or ("localhost",))
        return f"{scope['scheme']}://{self.request.headers.get('host', server)}"

    @property
    def rounds(self) -> Rounds | None:
        """Where it is among several workers that each have their own sessions."""
        rounds: Rounds | None = self.request.scope.get(ROUNDS)
        return rounds

    @property
    def session(self) -> Session:
        """The session that the path names; the default one is always there.

        Raises:
            ControlRefused: 404, there is none of that id.
        """
        session_id = self.names["id"]
        found = self.sessions.get(session_id)
        if found is None and session_id == DEFAULT_SESSION:
            found = self.sessions.find(session_id)
        if found is None:
            raise ControlRefused(
                404,
                f"there is no session {quote(session_id)}; make it with POST {PREFIX}sessions,"
                " or by a first call to it",
            )
        return found


Answer: TypeAlias = Callable[[Asked], Awaitable[JSON]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path, what answers them, and what is told of it."""

    method: str
    path: str  #: Below ``/_nertwin/``; ``{model}`` may hold a slash.
    summary: str
    answer: Answer = field(repr=False)
    gives: dict[str, JSON] | None  #: The schema of what it answers; None is no body.
    status: int = 200
    query: type | None = None  #: A dataclass; its fields are the parameters.
    body: type | None = None  #: A dataclass; its fields are the keys.
    #: Another dataclass that the body is of when it has the key of that one's only field.
    alternative: type | None = None
    #: What the schema of the body says beside its fields.
    condition: dict[str, JSON] = field(default_factory=dict, repr=False)
    refuses: tuple[int, ...] = ()  #: Beside what any route may be refused with.

    @property
    def is_of_session(self) -> bool:
        """Whether it is about sessions, which one process alone knows."""
        return self.path.startswith("sessions")

    @property
    def is_removal(self) -> bool:
        """Whether a whole session is removed by it."""
        return self.method == "DELETE" and self.path == "sessions/{id}"

    def match(self, path: str) -> dict[str, str] | None:
        """What the path has in the places of the names, or None if it is another one."""
        found = _pattern(self.path).match(path.removeprefix(PREFIX))
        return None if found is None else found.groupdict()


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = _NAME.split(template)  # Text and names take turns.
    texts, names = map(re.escape, parts[::2]), parts[1::2]
    segments = [f"(?P<{name}>{'.+' if name == 'model' else '[^/]+'})" for name in names]
    pairs = zip(texts, [*segments, r"\Z"], strict=True)
    return re.compile("".join(text + segment for text, segment in pairs), re.DOTALL)
