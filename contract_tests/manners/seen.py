"""Seen: an exchange as its client is judged by it, and all that a client was seen to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

from nertwin.schemas import JSON, Profile

from ..calls import Told, describe

_YES = ("true", "1")
_NOT_FOUND = 404
_USUAL_WINDOW = 512
_SPECIAL = 2  # The tokens that begin and end a window.


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One exchange, or several equal ones in a row that the journal keeps as one."""

    told: Told = field(repr=False)  #: As the control API tells it.

    @property
    def number(self) -> int:
        """Its place in the journal, from 1; that of the first of several."""
        return cast("int", self.told["number"])

    @property
    def count(self) -> int:
        """How many exchanges it stands for."""
        return 1 + cast("int", self.told["repeats"])

    @property
    def status(self) -> int:
        """Of the answer; 0 where there was none."""
        return cast("int", self.told["status"])

    @property
    def is_refused(self) -> bool:
        """Whether the client got no answer that it wanted."""
        return self.status >= 400

    @property
    def method(self) -> str:
        """As GET."""
        return str(self.told["method"])

    @property
    def path(self) -> str:
        """With its query, as it was sent."""
        return str(self.told["path"])

    @property
    def model(self) -> str:
        """Empty where the path names none."""
        return str(self.told["model"])

    @property
    def is_call(self) -> bool:
        """Whether a model was called, and not looked up."""
        return self.method == "POST" and bool(self.model)

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Of the request, names in lower case; a token's form in place of the token."""
        return _by_name(self.told["request"])

    @cached_property
    def answer_headers(self) -> Mapping[str, str]:
        """Of the answer, names in lower case."""
        return _by_name(self.told["response"])

    @property
    def is_cut(self) -> bool:
        """Whether the journal keeps only the beginning of the request's body."""
        return bool(cast("Told", self.told["request"])["body_is_cut"])

    @property
    def body(self) -> str:
        """Of the request, as far as it is kept."""
        return str(cast("Told", self.told["request"])["body"])

    @cached_property
    def document(self) -> JSON:
        """The request's body read as JSON, or None."""
        return _parse(self.body)

    @cached_property
    def answer(self) -> JSON:
        """The answer's body read as JSON, or None."""
        return _parse(str(cast("Told", self.told["response"])["body"]))

    @property
    def inputs(self) -> JSON:
        """What is to be classified, or None."""
        return self.document.get("inputs") if isinstance(self.document, dict) else None

    @property
    def texts(self) -> list[str]:
        """The texts among the inputs."""
        given = self.inputs if isinstance(self.inputs, list) else [self.inputs]
        return [text for text in given if isinstance(text, str)]

    @cached_property
    def words(self) -> int:
        """Those of the longest text."""
        return max((len(text.split()) for text in self.texts), default=0)

    @property
    def is_long(self) -> bool:
        """Whether a text has more words than the windows of most models have room for."""
        return self.words > _USUAL_WINDOW - _SPECIAL

    def within(self, name: str) -> Mapping[str, JSON]:
        """The object of that name in the request's body, or an empty one."""
        found = self.document.get(name) if isinstance(self.document, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def asks_to_wait(self) -> bool:
        """Whether the service is asked to hold the call until the model is there."""
        option = self.within("options").get("wait_for_model")
        header = self.headers.get("x-wait-for-model", "")
        return str(option).lower() in _YES or header.strip().lower() in _YES

    @cached_property
    def key(self) -> object:
        """What equals that of a call that wants the same."""
        body: object = (self.body, cast("Told", self.told["request"])["body_bytes"])
        if isinstance(self.document, dict):
            # A retry may ask to be held in its options.
            plain = {name: each for name, each in self.document.items() if name != "options"}
            body = json.dumps(plain, sort_keys=True)
        return (self.method, self.path, body)

    def wait_before(self, later: Seen) -> float:
        """Seconds from the end of this (or the last that it stands for) to a later one.

        They are of the session's clock or of the machine's, whichever shows the longer wait.
        """
        return max(
            later.time("time") - self.time("last_time") - self.time("seconds"),
            later.time("real_time") - self.time("last_real_time") - self.time("real_seconds"),
            0.0,
        )

    def overlaps(self, later: Seen) -> bool:
        """Whether the later one had begun before this was answered."""
        return later.time("real_time") < self.time("last_real_time") + self.time("real_seconds")

    def time(self, name: str) -> float:
        """One of the times that the journal keeps; 0 where it is not told."""
        return float(cast("float", self.told.get(name, 0.0)))

    def __str__(self) -> str:
        return describe(self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What clients were seen to do, in one session."""

    exchanges: tuple[Seen, ...]
    findings: tuple[Told, ...] = ()  #: As the control API tells them.
    profile: Profile = "classic"
    is_timed: bool = True  #: Whether a wait that the clocks don't show was none.
    dropped: int = 0  #: Exchanges before the first that is kept.
    breaks: tuple[int, ...] = ()  #: Numbers after which no call is a retry of one before.
    #: Model to tokens in its window, where it is not the usual one.
    windows: Mapping[str, int] = field(default_factory=dict)

    def room(self, model: str) -> int:
        """How many tokens of a text the model reads at a time."""
        return self.windows.get(model, _USUAL_WINDOW) - _SPECIAL

    @property
    def calls(self) -> list[Seen]:
        """Those that called a model."""
        return [each for each in self.exchanges if each.is_call]

    def with_windows(self, window: Callable[[str], int]) -> Visit:
        """The visit with the windows of the models that were sent texts as long as that."""
        models = {each.model for each in self.calls if each.status != _NOT_FOUND and each.is_long}
        return replace(self, windows={model: window(model) for model in sorted(models)})


def a_visit(
    journal: Sequence[Told],
    findings: Sequence[Told] = (),
    *,
    clock: str = "real",
    is_driven: bool = False,
    **more: Any,  # noqa: ANN401  # The other fields of a visit.
) -> Visit:
    """The visit that a journal tells of.

    Args:
        journal: As the control API gives it.
        findings: The same.
        clock: The session's, as ``frozen``.
        is_driven: Whether sleeping advanced the session's clock.
        more: Other fields of :class:`Visit`.
    """
    kept = tuple(Seen(told=each) for each in journal)
    more.setdefault("dropped", kept[0].number - 1 if kept else 0)
    # On a clock that stands still, code whose sleep was replaced looks as if it did not wait.
    is_timed = is_driven or clock != "frozen"
    return Visit(exchanges=kept, findings=tuple(findings), is_timed=is_timed, **more)


def _by_name(message: JSON) -> Mapping[str, str]:
    pairs = cast("list[list[str]]", cast("Told", message)["headers"])
    return {name.lower(): value for name, value in pairs}


def _parse(text: str) -> JSON:
    try:
        return cast("JSON", json.loads(text))
    except (ValueError, RecursionError):
        return None
