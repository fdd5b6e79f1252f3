"""Deed: one exchange of the faithful server, as far as a breach may look at it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote

import orjson
from starlette.routing import compile_path

from ..aggregation import Strategy
from ..models import Model
from ..modelstate import Stage
from ..profiles.profile import Action, Profile, Routes
from ..reply import Reply
from ..wishes import Wishes

Entry: TypeAlias = dict[str, Any]  #: An entity as JSON.
_MOST_MEMORIES = 1000
_TRUTHS = ("true", "1")


class Memory:
    """What one breach remembers of a session: small values by key, the oldest forgotten first."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: OrderedDict[object, object] = OrderedDict()

    @property
    def size(self) -> int:
        """How many values are kept."""
        return len(self._values)

    def recall(self, key: object) -> object:
        """What was kept under the key, or None."""
        return self._values.get(key)

    def keep(self, key: object, value: object) -> None:
        """Keep the value in place of an older one."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > _MOST_MEMORIES:
            self._values.popitem(last=False)

    def is_new(self, key: object) -> bool:
        """Whether the key comes for the first time; it is known from now on."""
        is_new = key not in self._values
        self.keep(key, True)
        return is_new


# Without slots, so that what is read off it is read once.
@dataclass(frozen=True, kw_only=True)
class Deed:
    """A request, the faithful reply to it, and what else a breach may know."""

    method: str
    path: str  #: As it was sent, percent-encoded, without session and query.
    query: str = ""
    headers: Mapping[str, str] = field(repr=False)  #: Names in lower case; a token among them.
    body: bytes = field(repr=False)
    profile: Profile
    #: The one that was called; None on other routes, and if there is no such model.
    model: Model | None = field(repr=False)
    reply: Reply  #: The faithful one, before the common headers.
    #: The faithful reply of the same model to another body of JSON, with the same other headers.
    compute: Callable[[bytes], Reply] = field(repr=False)
    number: int = 0  #: Counts the calls of a session.
    stage: Stage = "ready"  #: Of the model when the call came.
    connection: str = ""  #: Names the connection it came on: the client's address and port.
    in_flight: int = 1  #: Calls of the session that were being answered, this one included.
    memory: Memory = field(default_factory=Memory, repr=False)  #: Of the breach in the session.

    @property
    def is_call(self) -> bool:
        """Whether a model was called, with whatever result."""
        return self.method == "POST" and self.model is not None

    @cached_property
    def action(self) -> Action | None:
        """What stands behind the path for the method, if anything."""
        return self._route[0]

    @property
    def named_model(self) -> str:
        """The id of the model that the path names, served or not; else empty."""
        return self._route[1]

    @cached_property
    def _route(self) -> tuple[Action | None, str]:
        for pattern, actions in _patterns(tuple(self.profile.routes)):
            match = pattern.match(unquote(self.path))
            if match:
                method = "GET" if self.method == "HEAD" else self.method
                routes: Routes = self.profile.routes
                return routes[actions].get(method), unquote(match.groupdict().get("model", ""))
        return None, ""

    @cached_property
    def asked(self) -> dict[str, list[str]]:
        """The query's values by name."""
        return parse_qs(self.query, keep_blank_values=True)

    @cached_property
    def document(self) -> object:
        """The body as JSON; None where it is none."""
        return _parse(self.body)

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The body's object; empty where it is none."""
        return self.document if isinstance(self.document, dict) else {}

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The body's parameters; empty where there are none."""
        given = self.payload.get("parameters")
        return given if isinstance(given, dict) else {}

    @cached_property
    def options(self) -> dict[str, Any]:
        """The body's options; empty where there are none."""
        given = self.payload.get("options")
        return given if isinstance(given, dict) else {}

    @cached_property
    def texts(self) -> list[str]:
        """The texts of the inputs; none if something else is among them."""
        inputs = self.payload.get("inputs")
        given: list[object] = inputs if isinstance(inputs, list) else [inputs]
        texts = [text for text in given if isinstance(text, str)]
        return texts if len(texts) == len(given) else []

    @property
    def text(self) -> str | None:
        """The one text of a call that is no batch."""
        inputs = self.payload.get("inputs")
        return inputs if isinstance(inputs, str) else None

    @property
    def is_batch(self) -> bool:
        """Whether the inputs are a list."""
        return isinstance(self.payload.get("inputs"), list)

    @cached_property
    def strategy(self) -> Strategy | None:
        """The strategy in effect; None where what was asked for is none."""
        given = self.parameters
        grouped, ignores = given.get("grouped_entities"), given.get("ignore_subwords")
        if grouped is not None or ignores is not None:
            return ("first" if ignores else "simple") if grouped else "none"
        if "aggregation_strategy" not in given:
            return self.profile.default_strategy
        value = given["aggregation_strategy"]
        if value is None:
            return "none"
        return value.lower() if isinstance(value, str) else None  # type: ignore[return-value]

    @cached_property
    def answer(self) -> list[Any] | None:
        """The list that a call was answered with; None for a refusal or anything else."""
        if not self.is_call or self.reply.status != 200:
            return None
        answer = _parse(self.reply.body)
        return answer if isinstance(answer, list) else None

    @property
    def is_refused(self) -> bool:
        """Whether a call was refused for what it asked."""
        return self.is_call and self.reply.status == 400

    @property
    def is_loading(self) -> bool:
        """Whether the reply says that the model is loading."""
        return self.reply.status == 503 and b'"estimated_time"' in self.reply.body

    @property
    def is_cached(self) -> bool:
        """Whether the reply came from the cache."""
        return (b"x-compute-type", b"cache") in self.reply.headers

    @property
    def is_unknown_model(self) -> bool:
        """Whether a model was called that is not there."""
        if self.method != "POST" or self.model is not None or self.reply.status not in (400, 404):
            return False
        return bool(self.named_model) or self.profile.name == "dedicated"

    @cached_property
    def wishes(self) -> Wishes:
        """What headers and options ask of the cache and of a model that is not ready."""
        cache = self.headers.get("x-use-cache", str(self.options.get("use_cache", True)))
        wait = self.headers.get("x-wait-for-model", str(self.options.get("wait_for_model", False)))
        return Wishes(
            use_cache=cache.strip().lower() not in ("false", "0"),
            wait_for_model=wait.strip().lower() in _TRUTHS,
        )


def _parse(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


@lru_cache(maxsize=16)
def _patterns(paths: tuple[str, ...]) -> list[tuple[Any, str]]:
    return [(compile_path(path)[0], path) for path in paths]
